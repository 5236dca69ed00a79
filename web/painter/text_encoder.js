/** From a prompt to its vectors: normalised, cut into tokens, read by the text encoder, and kept. */
import { blended } from "./arrays.js";
import { fit } from "./normalise.js";

const KEPT = 200;

export class TextEncoder {
  #engine;
  #cutter;
  #known = new Map();

  /** `words` are those the painter was taught, or null. */
  constructor(engine, cutter, words) {
    this.#engine = engine;
    this.#cutter = cutter;
    this.words = words && new Set(words);
  }

  /** What the painter reads of a prompt: {text, dropped}. */
  heard(prompt) {
    return fit(prompt, this.words, (text) => this.#cutter.count(text), this.#cutter.room);
  }

  /** A prompt's token numbers, start, end and padding included. */
  tokens(prompt) {
    return this.#cutter.numbers(this.heard(prompt).text);
  }

  /** The tokens that a prompt is cut into, and where they `start` among all. */
  pieces(prompt) {
    return { pieces: this.#cutter.pieces(this.heard(prompt).text), start: this.#cutter.start };
  }

  /** A prompt's vectors, {key, data, dims}. */
  async encode(prompt) {
    const key = this.heard(prompt).text;
    if (!this.#known.has(key)) {
      if (this.#known.size >= KEPT) this.#known.clear();
      this.#known.set(key, { key, ...(await this.#engine.encodeText(this.#cutter.numbers(key))) });
    }
    return this.#known.get(key);
  }

  /** The vectors of settings: the prompt's, mixed with a share of the other prompt's. */
  async conditioning({ prompt, other, blend }) {
    const vectors = await this.encode(prompt);
    if (!blend) return vectors;
    const second = await this.encode(other);
    const data = blended(1 - blend, vectors.data, blend, second.data);
    return { key: JSON.stringify([vectors.key, second.key, blend]), data, dims: vectors.dims };
  }
}
