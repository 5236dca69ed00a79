/**
 * From static to picture: the samplers that course_utils/sampling.py writes out, the same lines in the page.
 *
 * A model is `await predict(x, t)`: eps on a variance-preserving path, the velocity on a rectified flow. x is a
 * Float32Array. All samplers share one prefix of arguments, `(predict, x, timesteps, path, generator)`, and are
 * async generators of states, one before every move and one for the result: whoever asks for the next one owns
 * drawing, measuring and stopping. A state is `{step, t, x, noise, clean, evaluations}`.
 */
import { blended, scaled } from "./arrays.js";
import { CourseError } from "./errors.js";
import { dpmPlusPlus2m, unipc } from "./multistep.js";

/** Ho 2020, algorithm 2: draw x_s from q(x_s | x_t, x_0), a Gaussian about a mixture of both (eq. 7). */
export async function* ddpm(predict, x, timesteps, path, generator) {
  for (const [k, t, s] of moves(timesteps)) {
    const { clean, noise } = path.cleanAndNoise(x, await predict(x, t), t); // 1. what the network thinks x_0 is
    yield { step: k, t, x, noise, clean, evaluations: k + 1 };
    const [kept, added] = stretch(t, s, path); // sqrt(alpha_t) and beta_t of the stretch from s to t
    const [signal, level] = path.levels(s);
    const noisier = path.levels(t)[1];
    x = blended((signal * added) / noisier ** 2, clean, (kept * level ** 2) / noisier ** 2, x); // 2. the mean, eq. 7
    if (s > 0) x = blended(1, x, posteriorDeviation(t, s, path), generator.normal(x.length)); // 3. its spread
  }
  yield result(timesteps.length - 1, x, timesteps.length - 1);
}

/** Song 2020, eq. 12: to the x_0 that is predicted, and back along the predicted noise as far as s. */
export async function* ddim(predict, x, timesteps, path, generator, eta = 0) {
  if (!(eta >= 0 && eta <= 1)) {
    throw new CourseError(`eta lies between 0 (no fresh noise) and 1 (as much as DDPM); ${eta} does not.`);
  }
  for (const [k, t, s] of moves(timesteps)) {
    const { clean, noise } = path.cleanAndNoise(x, await predict(x, t), t); // 1. "predicted x_0"
    yield { step: k, t, x, noise, clean, evaluations: k + 1 };
    const [signal, level] = path.levels(s);
    const fresh = eta * posteriorDeviation(t, s, path); // sigma_t, eq. 16
    x = blended(signal, clean, Math.sqrt(level ** 2 - fresh ** 2), noise); // 2. "direction pointing to x_t"
    if (fresh > 0) x = blended(1, x, fresh, generator.normal(x.length)); // 3. "random noise"
  }
  yield result(timesteps.length - 1, x, timesteps.length - 1);
}

/** Karras 2022, algorithm 1 without its second half: the prediction is a slope, follow it straight on. */
export async function* euler(predict, x, timesteps, path) {
  for (const [k, t, s] of moves(timesteps)) {
    const slope = await predict(x, t);
    yield { step: k, t, x, ...path.cleanAndNoise(x, slope, t), evaluations: k + 1 };
    x = path.follow(x, slope, t, s);
  }
  yield result(timesteps.length - 1, x, timesteps.length - 1);
}

/** Karras 2022, algorithm 1: look at the slope at both ends of a step and go by the mean of the two. */
export async function* heun(predict, x, timesteps, path) {
  let evaluations = 0;
  for (const [k, t, s] of moves(timesteps)) {
    const slope = await predict(x, t); // d_i
    evaluations += 1;
    yield { step: k, t, x, ...path.cleanAndNoise(x, slope, t), evaluations };
    let ahead = path.follow(x, slope, t, s); // Euler's step
    if (s > 0) {
      const mean = blended(0.5, slope, 0.5, await predict(ahead, s)); // d_i and d'_i, half of each
      evaluations += 1;
      ahead = path.follow(x, mean, t, s);
    }
    x = ahead;
  }
  yield result(timesteps.length - 1, x, evaluations);
}

/** Song 2023, algorithm 1: leap to x_0, drown it again less deep in fresh noise, leap again. */
export async function* consistency(predict, x, timesteps, path, generator) {
  for (const [k, t, s] of moves(timesteps)) {
    const { clean, noise } = path.cleanAndNoise(x, await predict(x, t), t);
    yield { step: k, t, x, noise, clean, evaluations: k + 1 };
    const [signal, level] = path.levels(s);
    x = s > 0 ? blended(signal, clean, level, generator.normal(x.length)) : clean;
  }
  yield result(timesteps.length - 1, x, timesteps.length - 1);
}

/** Samplers by name. Karras begins with noise as loud as at the first timestep (`scaledStart`). */
export const SAMPLERS = {
  ddpm: { walk: ddpm, scaledStart: false },
  ddim: { walk: ddim, scaledStart: false },
  euler: { walk: euler, scaledStart: true },
  heun: { walk: heun, scaledStart: true },
  "dpm++ 2m": { walk: dpmPlusPlus2m, scaledStart: false },
  unipc: { walk: unipc, scaledStart: false },
};

/** The sampler of models distilled to leap; not among those a visitor chooses from. */
export const LEAPS = { walk: consistency, scaledStart: false };

/** What a walk begins with at its first timestep t. */
export function initialState(sampler, noise, t, path) {
  return sampler.scaledStart ? scaled(path.levels(t)[1], noise) : noise;
}

function* moves(timesteps) {
  const falling = timesteps.every((t, k) => k === 0 || t < timesteps[k - 1]);
  if (!timesteps.length || !falling || timesteps.at(-1) !== 0) {
    throw new CourseError("A sampler visits falling timesteps that end in 0, for example [1000, 500, 0].");
  }
  for (let k = 0; k + 1 < timesteps.length; k++) yield [k, timesteps[k], timesteps[k + 1]];
}

/** What drowning from s to t keeps of x_s, and the variance of the noise it adds. */
function stretch(t, s, path) {
  const kept = path.levels(t)[0] / path.levels(s)[0];
  return [kept, Math.max(path.levels(t)[1] ** 2 - (kept * path.levels(s)[1]) ** 2, 0)];
}

/** Standard deviation of x_s given x_t and x_0 (Ho 2020, eq. 7). */
function posteriorDeviation(t, s, path) {
  return (path.levels(s)[1] / path.levels(t)[1]) * Math.sqrt(stretch(t, s, path)[1]);
}

function result(step, x, evaluations) {
  return { step, t: 0, x, noise: scaled(0, x), clean: x, evaluations };
}
