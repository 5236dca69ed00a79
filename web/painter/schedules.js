/**
 * Noise schedules: x_t = signal x_0 + level eps, and which timesteps a sampler visits.
 *
 * Timesteps run from t = 0 (clean) to t = 1000 (static), as in course_utils/schedules.py.
 */
import { CourseError, checkNumber, checkWhole } from "./errors.js";
import { blended } from "./arrays.js";

export const T_MAX = 1000;

/** signal^2 + level^2 = 1, and the network predicts eps (Ho 2020). t is a whole number. */
class VariancePreserving {
  constructor(betas) {
    this.signal = Float64Array.of(1, ...betas);
    this.level = new Float64Array(T_MAX + 1);
    for (let t = 1, bar = 1; t <= T_MAX; t++) {
      bar *= 1 - betas[t - 1]; // alpha_bar_t (Ho 2020, eq. 4)
      this.signal[t] = Math.sqrt(bar);
      this.level[t] = Math.sqrt(1 - bar);
    }
  }

  /** [signal, level] at t. */
  levels(t) {
    return [this.signal[t], this.level[t]];
  }

  /** The x_0 and the eps that a prediction at x_t implies. */
  cleanAndNoise(noisy, prediction, t) {
    const [signal, level] = this.levels(t);
    return { clean: blended(1 / signal, noisy, -level / signal, prediction), noise: prediction };
  }

  /** What a network that knew x_0 would predict at x_t. */
  prediction(noisy, clean, t) {
    const [signal, level] = this.levels(t);
    return blended(1 / level, noisy, -signal / level, clean);
  }

  /** x_s, reached from x_t by keeping to a predicted slope: d(x / signal) / d(level / signal) = eps. */
  follow(noisy, slope, t, s) {
    const [signal, level] = this.levels(t);
    const [signalThere, levelThere] = this.levels(s);
    return blended(signalThere / signal, noisy, levelThere - (signalThere * level) / signal, slope);
  }
}

/** signal + level = 1, and the network predicts v = eps - x_0 (Lipman 2023). t is any number in 0..1000. */
class RectifiedFlow {
  levels(t) {
    return [1 - t / T_MAX, t / T_MAX];
  }

  cleanAndNoise(noisy, velocity, t) {
    const [signal, level] = this.levels(t);
    return { clean: blended(1, noisy, -level, velocity), noise: blended(1, noisy, signal, velocity) };
  }

  prediction(noisy, clean, t) {
    const level = this.levels(t)[1];
    return blended(1 / level, noisy, -1 / level, clean);
  }

  follow(noisy, velocity, t, s) {
    return blended(1, noisy, (s - t) / T_MAX, velocity);
  }
}

const between = (a, b) => Float64Array.from({ length: T_MAX }, (_, k) => a + ((b - a) * k) / (T_MAX - 1));

/** beta grows evenly (Ho 2020, section 4). */
export function linear(first = 1e-4, last = 0.02) {
  return new VariancePreserving(between(first, last));
}

/** sqrt(beta) grows evenly: Stable Diffusion's (Rombach 2022, code). */
export function scaledLinear(first = 0.00085, last = 0.012) {
  return new VariancePreserving(between(Math.sqrt(first), Math.sqrt(last)).map((root) => root * root));
}

/** alpha_bar follows a squared cosine, each beta at most 0.999 (Nichol & Dhariwal 2021, eq. 17). */
export function cosine() {
  const bar = (t) => Math.cos(((t / T_MAX + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return new VariancePreserving(Float64Array.from({ length: T_MAX }, (_, k) => Math.min(1 - bar(k + 1) / bar(k), 0.999)));
}

/** The schedule in the settings of a checkpoint's scheduler. Throws `CourseError` for one of another kind. */
export function ofCheckpoint(config) {
  const { beta_schedule: kind, beta_start: first, beta_end: last } = config;
  if (kind === "scaled_linear") return scaledLinear(first, last);
  if (kind === "linear") return linear(first, last);
  throw new CourseError(`This page does not know the noise schedule '${kind}'.`);
}

/** The straight path of flow matching. */
export function straight() {
  return new RectifiedFlow();
}

/** The course's schedules by their names. */
export const SCHEDULES = { "scaled-linear": scaledLinear, linear, cosine, "straight path": straight };

/** A schedule's two curves over t = 0..1000, {signal, level}. */
export function curves(path) {
  const pairs = Array.from({ length: T_MAX + 1 }, (_, t) => path.levels(t));
  return { signal: Float64Array.from(pairs, ([signal]) => signal), level: Float64Array.from(pairs, ([, level]) => level) };
}

/** Evenly spaced from 1000 down to 0, the noisiest included: steps + 1 of them (Lin 2024, section 3.3). */
export function trailing(steps) {
  checkWhole("Steps", steps, 1, T_MAX);
  return [...Array.from({ length: steps }, (_, k) => rounded(T_MAX - (k * T_MAX) / steps)), 0];
}

/** Stable Diffusion's habit, an exhibit: the last stretch near static is left out. */
export function leading(steps) {
  checkWhole("Steps", steps, 1, T_MAX);
  const stride = Math.floor(T_MAX / steps);
  const offset = Math.min(1, T_MAX - 1 - (steps - 1) * stride);
  return [...Array.from({ length: steps }, (_, k) => (steps - 1 - k) * stride + offset + 1), 0];
}

/** As the straight path is walked: even, and not rounded to whole timesteps. */
export function even(steps) {
  checkWhole("Steps", steps, 1, T_MAX);
  return [...Array.from({ length: steps }, (_, k) => T_MAX - (T_MAX * k) / steps), 0];
}

/** Timesteps with more of them at one end: bias > 0 spends them near static, < 0 near clean; -1..1. */
export function biased(steps, bias) {
  checkWhole("Steps", steps, 1, T_MAX);
  checkNumber("Bias", bias, -1, 1);
  const bent = Array.from({ length: steps + 1 }, (_, k) => rounded(T_MAX * (1 - (k / steps) ** (8 ** bias))));
  for (let k = 1; k < steps; k++) bent[k] = Math.min(bent[k], bent[k - 1] - 1);
  for (let k = steps - 1; k > 0; k--) bent[k] = Math.max(bent[k], bent[k + 1] + 1);
  return bent;
}

/** Timesteps of a model distilled at so many levels, evenly chosen as in diffusers. */
export function distilled(steps, levels = 50) {
  checkWhole("Steps", steps, 1, T_MAX);
  const apart = Math.floor(T_MAX / levels);
  return [...Array.from({ length: steps }, (_, k) => apart * (levels - Math.floor((levels * k) / steps))), 0];
}

/** To the nearest whole number, halves to the even one, as Python does. */
export function rounded(value) {
  const below = Math.floor(value);
  const rest = value - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}
