/** Classifier-free guidance: its formula, and a conditional model as the `predict(x, t)` that samplers ask for. */
import { blended, deviation } from "./arrays.js";
import { T_MAX } from "./schedules.js";

/** eps = eps_uncond + w (eps_cond - eps_uncond) (Ho & Salimans 2022, eq. 6, counted as diffusers does). */
export function guide(unconditional, conditional, w) {
  return blended(1 - w, unconditional, w, conditional);
}

/** w at timestep t: 1 outside the interval, which runs from 0 (static) to 1 (clean). */
export function guidanceAt(settings, t) {
  const [low, high] = settings.interval;
  const share = (T_MAX - t) / T_MAX;
  const inside = (low === 0 && high === 1) || (low <= share && share < high);
  return inside ? settings.guidance : 1;
}

/** Give a guided prediction the spread of the conditional one, by `share` (Lin 2024, eq. 15 and 16). */
export function rescaled(guided, conditional, share) {
  if (!share) return guided;
  return blended(1 - share, guided, (share * deviation(conditional)) / deviation(guided), guided);
}

/**
 * `predict(x, t)` guided as settings say; a side that w leaves out is not computed.
 *
 * `model(x, t, sides)` predicts once for every prompt of `sides`, in one call of the network.
 */
export function classifierFreeGuidance(model, conditional, unconditional, settings) {
  const predict = async (x, t) => {
    const w = guidanceAt(settings, t);
    const sides = [...(w === 1 ? [] : [unconditional]), ...(w === 0 ? [] : [conditional])];
    predict.evaluations += sides.length;
    const found = await model(x, t, sides);
    if (found.length === 1) return found[0];
    return rescaled(guide(found[0], found[1], w), found[1], settings.rescale);
  };
  predict.evaluations = 0;
  return predict;
}

/** How a distilled network is told w: waves of w - 1 (Meng 2023, section 3.1; as diffusers does). */
export function guidanceNumbers(w, width) {
  const half = width / 2;
  const found = new Float32Array(width);
  const told = Math.fround(1000 * Math.fround(w - 1));
  for (let k = 0; k < half; k++) {
    const slower = Math.fround(Math.fround(Math.fround(-Math.log(10000)) * k) / (half - 1));
    const angle = Math.fround(told * Math.fround(Math.exp(slower)));
    found[k] = Math.sin(angle);
    found[half + k] = Math.cos(angle);
  }
  return found;
}
