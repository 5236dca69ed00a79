/** The painters as a page sees them: promises, answered by the worker. */
import { Cancelled, CourseError } from "./errors.js";

const KINDS = { Cancelled, CourseError };

export class Painters extends EventTarget {
  #worker;
  #waiting = new Map();
  #number = 0;

  /** Start the worker and read the list. Events: "progress" and "step", with details. */
  static async open(options = {}) {
    const painters = new Painters();
    const base = new URL("../", import.meta.url).href;
    painters.list = (await painters.#ask("open", { base, ...options })).list;
    return painters;
  }

  constructor() {
    super();
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }) => this.#hear(data);
    this.#worker.onerror = () => this.#fail("The painters' thread could not start: reload the page, or try another browser.");
  }

  /** Load a painter; which engine it has. */
  load(painter) {
    return this.#ask("load", { painter });
  }

  /** Let a painter compute on the graphics card where that is right and quicker: {quicker, engine}. */
  quicken(painter) {
    return this.#ask("quicken", { painter });
  }

  /**
   * Paint. `more` may hold `preview` (a sketch in few steps, for a slider that moves), `canvas`, `watched` and
   * `states`. Rejects with `Cancelled` where a newer request took its place, with `CourseError` for mistakes.
   */
  paint(painter, settings, more = {}) {
    return this.#ask("paint", { painter, settings, ...more });
  }

  /** Stop what is being painted, and what is being downloaded. */
  abort() {
    return this.#ask("abort");
  }

  /** A page (RGBA) as latents. */
  async encode(painter, page) {
    return (await this.#ask("encode", { painter, page })).latent;
  }

  /** Latents as a page (RGBA). */
  async decode(painter, latent) {
    return (await this.#ask("decode", { painter, latent })).page;
  }

  /** What a painter reads of a prompt: {heard, numbers, pieces, start}. */
  tokens(painter, prompt) {
    return this.#ask("tokens", { painter, prompt });
  }

  /** A prompt's vectors, one row a token: {data, dims}. */
  encodeText(painter, prompt) {
    return this.#ask("encodeText", { painter, prompt });
  }

  /** End the worker. */
  close() {
    this.#worker.terminate();
    this.#fail("The painters have been closed.");
  }

  #ask(method, request = {}) {
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, method, ...request });
    });
  }

  #hear({ event, id, result, error, ...detail }) {
    if (event) {
      this.dispatchEvent(new CustomEvent(event, { detail: { id, ...detail } }));
      return;
    }
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (!error) resolve(result);
    else reject(new (KINDS[error.name] ?? Error)(error.message));
  }

  #fail(message) {
    for (const { reject } of this.#waiting.values()) reject(new CourseError(message));
    this.#waiting.clear();
  }
}
