/** The learned denoiser of points: the network of course_utils/particles/network.py, in plain JavaScript. */
import { CourseError } from "../painter/errors.js";
import { T_MAX } from "../painter/schedules.js";

const PLACE_BANDS = 4;
const TIME_BANDS = 6;
const AT_ONCE = 200; // points; between two such groups the page may breathe

const silu = (value) => value / (1 + Math.exp(-value));

/** Sines and cosines of some values at doubling frequencies, each value's bands side by side. */
function waves(values, bands) {
  const angles = values.flatMap((value) => Array.from({ length: bands }, (_, k) => value * (Math.PI / 2) * 2 ** k));
  return [...angles.map(Math.sin), ...angles.map(Math.cos)];
}

export class LearnedDenoiser {
  badge = "learned";

  /** `tensors` by their names in the checkpoint, `prompts` without the empty one, `depth` hidden layers. */
  constructor(tensors, { prompts, width, depth }) {
    this.prompts = ["", ...prompts];
    this.width = width;
    this.tensors = tensors;
    this.depth = depth;
  }

  /** The noise in points (n, 2) at timestep t under a prompt; `breathe` is awaited now and then. */
  async predict(points, t, prompt, breathe = async () => {}) {
    const steering = this.#steering(t, prompt);
    const found = new Float32Array(points.length);
    for (let place = 0; place < points.length; place += 2 * AT_ONCE) {
      found.set(this.#noise(points.subarray(place, place + 2 * AT_ONCE), steering), place);
      await breathe();
    }
    return found;
  }

  /** Scale and shift of every layer: the same for all points of one moment. */
  #steering(t, prompt) {
    const number = this.prompts.indexOf(prompt);
    if (number < 0) {
      const known = this.prompts.slice(1).join(", ");
      throw new CourseError(`This network was never shown '${prompt}'; it knows ${known}, and the empty prompt.`);
    }
    const { width } = this;
    const word = this.tensors.get("words.weight").subarray(number * width, (number + 1) * width);
    const time = layer(Float32Array.from(waves([t / T_MAX], TIME_BANDS)), this.#of("time"), width);
    const both = time.map((value, k) => silu(value + word[k]));
    return Array.from({ length: this.depth }, (_, k) => {
      const steer = layer(both, this.#of(`steer.${k}`), 2 * width);
      return { scale: steer.subarray(0, width), shift: steer.subarray(width) };
    });
  }

  #noise(points, steering) {
    const { width } = this;
    const count = points.length / 2;
    const inputs = new Float32Array(count * (2 + 4 * PLACE_BANDS));
    for (let k = 0; k < count; k++) {
      const place = [points[2 * k], points[2 * k + 1]];
      inputs.set([...place, ...waves(place, PLACE_BANDS)], k * (2 + 4 * PLACE_BANDS));
    }
    const hidden = layer(inputs, this.#of("place"), width);
    const bent = new Float32Array(hidden.length);
    steering.forEach(({ scale, shift }, number) => {
      for (let k = 0; k < hidden.length; k++) bent[k] = silu(hidden[k] * (1 + scale[k % width]) + shift[k % width]);
      const added = layer(bent, this.#of(`layers.${number}`), width);
      for (let k = 0; k < hidden.length; k++) hidden[k] += added[k];
    });
    return layer(hidden.map(silu), this.#of("out"), 2);
  }

  #of(name) {
    return { weight: this.tensors.get(`${name}.weight`), bias: this.tensors.get(`${name}.bias`) };
  }
}

/** A linear layer: inputs (n, wide) and weight (outputs, wide) to (n, outputs), four inputs at a time. */
function layer(inputs, { weight, bias }, outputs) {
  const wide = weight.length / outputs;
  const count = inputs.length / wide;
  const found = new Float32Array(count * outputs);
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const [a, b, c, d] = [n * wide, (n + 1) * wide, (n + 2) * wide, (n + 3) * wide];
    for (let out = 0; out < outputs; out++) {
      const row = out * wide;
      let [p, q, r, s] = [bias[out], bias[out], bias[out], bias[out]];
      for (let k = 0; k < wide; k++) {
        const w = weight[row + k];
        p += w * inputs[a + k];
        q += w * inputs[b + k];
        r += w * inputs[c + k];
        s += w * inputs[d + k];
      }
      const place = n * outputs + out;
      found[place] = p;
      found[place + outputs] = q;
      found[place + 2 * outputs] = r;
      found[place + 3 * outputs] = s;
    }
  }
  for (; n < count; n++) {
    for (let out = 0; out < outputs; out++) {
      let sum = bias[out];
      for (let k = 0; k < wide; k++) sum += weight[out * wide + k] * inputs[n * wide + k];
      found[n * outputs + out] = sum;
    }
  }
  return found;
}
