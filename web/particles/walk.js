/** Runs of points, settings in, frames out: course_utils/panels/point_sampling.py in the page. */
import { CourseError } from "../painter/errors.js";
import { classifierFreeGuidance } from "../painter/guidance.js";
import { Generator } from "../painter/random.js";
import { SAMPLERS } from "../painter/sampling.js";
import { scaledLinear, trailing } from "../painter/schedules.js";
import { blended } from "../painter/arrays.js";
import { COUNT } from "./shapes.js";

const PATH = scaledLinear();
const ON_SHAPE = 0.1; // about three pen widths, see `metrics/point_metrics.py`

/** The static of a seed, the same for every prompt and every denoiser. */
export const start = (seed) => new Generator(seed).normal(2 * COUNT);

/**
 * Walk from the static of a seed to the shape that a prompt names: {frames, aims, target, labels, figures,
 * evaluations, badge}. `breathe` is awaited now and then, and what it throws ends the walk.
 */
export async function paint(denoiser, target, settings, breathe = async () => {}) {
  const { prompt, seed = 7, steps = 60, w = 1, negative = "", sampler = "ddim", stepSeed = 0, timesteps } = settings;
  if (!SAMPLERS[sampler]) throw new CourseError(`This page has no sampler '${sampler}'; choose one of ${Object.keys(SAMPLERS).join(", ")}.`);
  const model = async (x, t, sides) => {
    const found = [];
    for (const side of sides) found.push(await denoiser.predict(x, t, side, breathe));
    return found;
  };
  const predict = classifierFreeGuidance(model, prompt, negative, { guidance: w, interval: [0, 1], rescale: 0 });
  const walk = SAMPLERS[sampler].walk(predict, start(seed), timesteps ?? trailing(steps), PATH, new Generator(stepSeed));
  const states = [];
  for await (const state of walk) states.push(state);
  return { ...described(states, target, steps), evaluations: predict.evaluations, badge: denoiser.badge };
}

/** A cloud of the shape, drowned in the static of a seed, shown backwards. */
export function replayed(clean, target, { seed = 7, steps = 60 }) {
  const noise = start(seed);
  const states = trailing(steps).map((t, step) => {
    const [signal, level] = PATH.levels(t);
    return { step, t, x: t ? blended(signal, clean, level, noise) : clean, clean };
  });
  return { ...described(states, target, steps), evaluations: steps, badge: "replay" };
}

function described(states, target, steps) {
  return {
    frames: states.map(({ x }) => x),
    aims: states.map(({ clean }) => clean),
    target,
    labels: states.map(({ step, t }) => `step ${step} of ${steps}, t = ${t}`),
    figures: states.map(({ x }) => `distance ${averageDistance(x, target).toFixed(3)}`),
  };
}

/** Mean distance of each point to the nearest of the target. */
export function averageDistance(points, target) {
  const found = nearest(points, target);
  return found.reduce((sum, distance) => sum + distance, 0) / found.length;
}

/** The share of points that lie on a shape: no farther than `ON_SHAPE` from the target. */
export function shareOnShape(points, target) {
  const found = nearest(points, target);
  return found.filter((distance) => distance <= ON_SHAPE).length / found.length;
}

/** The distance of each point to the nearest of the target. */
function nearest(points, target) {
  const found = new Float64Array(points.length / 2);
  for (let k = 0; k < points.length; k += 2) {
    let closest = Infinity;
    for (let m = 0; m < target.length; m += 2) {
      const square = (points[k] - target[m]) ** 2 + (points[k + 1] - target[m + 1]) ** 2;
      if (square < closest) closest = square;
    }
    found[k / 2] = Math.sqrt(closest);
  }
  return found;
}
