/**
 * Samplers that remember the step before: DPM-Solver++(2M) and UniPC, as diffusers computes them.
 *
 * Both go by x_0 and by lambda = log(signal / level), half the logarithm of the signal-to-noise ratio. They walk
 * like those of sampling.js, on variance-preserving paths.
 */
import { blended } from "./arrays.js";

/** Lu 2022 (2211.01095), algorithm 2: a straight line through the last two x_0; the last step by one alone. */
export async function* dpmPlusPlus2m(predict, x, timesteps, path) {
  const steps = timesteps.length - 1;
  let before = null; // {clean, h} of the step before
  for (let k = 0; k < steps; k++) {
    const [t, s] = [timesteps[k], timesteps[k + 1]];
    const { clean, noise } = path.cleanAndNoise(x, await predict(x, t), t);
    yield { step: k, t, x, noise, clean, evaluations: k + 1 };
    const { h, signal, ratio } = stretch(path, t, s);
    const share = before && k + 1 < steps ? h / (2 * before.h) : 0;
    const line = share ? blended(1 + share, clean, -share, before.clean) : clean;
    x = blended(ratio, x, -signal * Math.expm1(-h), line);
    before = { clean, h };
  }
  yield { step: steps, t: 0, x, noise: new Float32Array(x.length), clean: x, evaluations: steps };
}

/** Zhao 2023 (2302.04867), orders 1 and 2 with B(h) = e^h - 1: predict x_s, and correct x_t by what is seen there. */
export async function* unipc(predict, x, timesteps, path) {
  const steps = timesteps.length - 1;
  let last = null; // of the step before: {clean, x (where it began), change (its stretch), older (the clean before it, or null)}
  for (let k = 0; k < steps; k++) {
    const [t, s] = [timesteps[k], timesteps[k + 1]];
    const { clean, noise } = path.cleanAndNoise(x, await predict(x, t), t);
    yield { step: k, t, x, noise, clean, evaluations: k + 1 };
    if (last) x = corrected(last, clean);
    const change = stretch(path, t, s);
    const older = last && k + 1 < steps ? { clean: last.clean, r: -last.change.h / change.h } : null; // of order 2
    last = { clean, x, change, older };
    x = moved(last, older ? blended(0.5 / older.r, older.clean, -0.5 / older.r, clean) : null);
  }
  yield { step: steps, t: 0, x, noise: new Float32Array(x.length), clean: x, evaluations: steps };
}

/** x_t again, now that the network has said what is there: UniC. */
function corrected(last, clean) {
  const hh = -last.change.h;
  const first = Math.expm1(hh) / hh - 1; // of the paper's phi_2 and phi_3, times what both share
  const b = first / Math.expm1(hh);
  const ahead = blended(1, clean, -1, last.clean);
  if (!last.older) return moved(last, ahead.map((value) => value / 2));
  const { r } = last.older;
  const second = (2 * (first / hh - 0.5)) / Math.expm1(hh);
  const back = (second - b) / (r - 1);
  const behind = blended(back / r, last.older.clean, -back / r, last.clean);
  return moved(last, blended(1, behind, b - back, ahead));
}

/** Along a stretch, as if x_0 stood still, and with `bend` for how it does not. */
function moved({ x, clean, change: { h, signal, ratio } }, bend) {
  const by = -signal * Math.expm1(-h);
  return blended(1, blended(ratio, x, by, clean), by, bend ?? new Float32Array(x.length));
}

/** From t to s: how lambda changes, the signal there, and the ratio of the noise levels. */
function stretch(path, t, s) {
  const [[signalHere, level], [signal, levelThere]] = [path.levels(t), path.levels(s)];
  return { h: Math.log((signal * level) / (levelThere * signalHere)), signal, ratio: levelThere / level };
}
