/** Shapes as clouds of points: those that the page brings along, and letters that somebody types. */
import { CourseError } from "../painter/errors.js";
import { Generator } from "../painter/random.js";

export const COUNT = 1200; // points of a cloud
const KNOWN = 2000; // points that the exact denoiser knows of a shape
const MAX_LETTERS = 6;
const LETTER_HEIGHT = 100; // pixels of the raster that letters are sampled from

/** Letters in quotes are a shape of their own: "'Ada'". */
const typed = (name) => /^(['"])(.+)\1$/s.exec(name)?.[2] ?? null;

/** Clouds by prompt, out of the page's `tensors`: what is aimed at, and what the exact denoiser knows. */
export class Shapes {
  #tensors;
  #drawn = new Map();

  constructor(tensors) {
    this.#tensors = tensors;
  }

  /** Points to measure against; "" is all shapes at once. */
  target(prompt) {
    return this.#cloud("target", prompt, COUNT, 500_000);
  }

  /** Points that the exact denoiser knows. */
  known(prompt) {
    return this.#cloud("known", prompt, KNOWN, 90_000);
  }

  /** So many points of a shape, drawn anew with a seed. */
  sample(prompt, count, seed) {
    if (typed(prompt) !== null) return letters(typed(prompt), count, seed);
    const [generator, known] = [new Generator(seed), this.known(prompt)];
    const found = new Float32Array(2 * count);
    for (let k = 0; k < count; k++) {
      const chosen = Math.floor((generator.uniform() * known.length) / 2);
      found.set(known.subarray(2 * chosen, 2 * chosen + 2), 2 * k);
    }
    return found;
  }

  #cloud(kind, prompt, count, seed) {
    const name = `${kind}:${prompt}`;
    const text = typed(prompt);
    if (text !== null && !this.#drawn.has(name)) this.#drawn.set(name, letters(text, count, seed));
    const found = this.#drawn.get(name) ?? this.#tensors.get(name);
    if (!found) throw new CourseError(`There is no shape '${prompt}'; choose one of the list, or type letters in quotes.`);
    return found;
  }
}

/** Points of a short word, as likely as the ink of the browser's own letters is dark. */
function letters(text, count, seed) {
  const word = text.trim();
  if (!word || [...word].length > MAX_LETTERS) throw new CourseError(`Type one to ${MAX_LETTERS} letters to make a shape of them.`);
  const { ink, width, height } = raster(word);
  const reach = Float64Array.from(ink);
  for (let k = 1; k < reach.length; k++) reach[k] += reach[k - 1];
  if (!reach.at(-1)) throw new CourseError(`The letters '${word}' leave no ink; type others.`);
  const generator = new Generator(seed);
  const found = new Float32Array(2 * count);
  const longer = 3.2 / Math.max(width, height); // the longer side spans -1.6 to 1.6
  for (let k = 0; k < count; k++) {
    const pixel = firstAbove(reach, generator.uniform() * reach.at(-1));
    found[2 * k] = ((pixel % width) + generator.uniform() - width / 2) * longer;
    found[2 * k + 1] = (height / 2 - Math.floor(pixel / width) - generator.uniform()) * longer;
  }
  return found;
}

/** How dark each pixel of a drawn word is, cut to its ink. */
function raster(word) {
  const font = `${LETTER_HEIGHT}px system-ui, sans-serif`;
  const measure = new OffscreenCanvas(1, 1).getContext("2d");
  measure.font = font;
  const size = measure.measureText(word);
  const [left, top] = [size.actualBoundingBoxLeft, size.actualBoundingBoxAscent];
  const width = Math.max(1, Math.ceil(left + size.actualBoundingBoxRight));
  const height = Math.max(1, Math.ceil(top + size.actualBoundingBoxDescent));
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.font = font;
  context.fillText(word, left, top);
  const { data } = context.getImageData(0, 0, width, height);
  return { ink: Uint8Array.from({ length: width * height }, (_, k) => data[4 * k + 3]), width, height };
}

function firstAbove(rising, value) {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
