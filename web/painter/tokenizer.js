/** How a prompt is cut into the tokens that a text encoder reads, by the library of the same tokenizer.json. */
import { Tokenizer } from "../vendor/tokenizers.mjs";

export class Cutter {
  #library;
  #told;

  /** `file` is {tokenizer, config}; `told` says how many tokens there is room for and what stands around a prompt. */
  constructor(file, told) {
    this.#library = new Tokenizer(file.tokenizer, file.config);
    this.#told = told;
  }

  /** How many tokens are read. */
  get room() {
    return this.#told.room;
  }

  /** How many tokens a text takes, all marks included. */
  count(text) {
    return this.#ids(text).length;
  }

  /** The numbers of all `room` tokens: filled up with the last one, or with the model's own filler. */
  numbers(text) {
    const found = this.#ids(text);
    const filler = this.#told.filler ?? found.at(-1);
    return [...found, ...Array(this.room - found.length).fill(filler)];
  }

  /** The text's own tokens, as they are written; they begin at place `start`. */
  pieces(text) {
    const ids = this.#ids(text);
    const own = ids.slice(this.start, ids.length - this.start);
    return own.map((id) => this.#library.decode([id]).replace(/<\/w>$/, "").trim());
  }

  /** Where the text's own tokens begin: after one mark, which has its fellow at the end, or at once. */
  get start() {
    return this.#told.start;
  }

  #ids(text) {
    return this.#library.encode(`${this.#told.before}${text}${this.#told.after}`).ids;
  }
}
