/** The painters of a page: the list of files, the runtime, and each painter loaded when it is asked for. */
import { CourseError } from "./errors.js";
import { Engine } from "./engine.js";
import { painterOf } from "./painter.js";
import { Runtime, hasGraphicsCard } from "./runtime.js";
import { Cutter } from "./tokenizer.js";
import { fetched, tensors } from "./weights.js";

// What a first picture needs, in the order in which it is opened.
const FIRST = ["text_encoder", "conditioning", "network", "decoder"];

export class Studio {
  #base;
  #runtimes = new Map(); // kind -> promise of a runtime
  #painters = new Map();
  #files = new Map(); // name -> promise of bytes
  #downloads = new AbortController();

  /** The list is read from `base`/files/painters.json; `precision` is "half" or "eight". */
  static async open(base, options = {}) {
    const answer = await fetch(`${base}files/painters.json`).catch(() => null);
    if (!answer?.ok) throw new CourseError("The painters of this page could not be loaded: check the connection and reload the page.");
    return new Studio(base, await answer.json(), options);
  }

  constructor(base, list, { precision = "half", progress = () => {}, threads = undefined } = {}) {
    this.#base = base;
    Object.assign(this, { list, precision, progress, threads });
  }

  /** The painter of this name, all loaded that a picture needs. */
  async painter(name) {
    if (!Object.hasOwn(this.list.painters, name)) {
      throw new CourseError(`There is no painter '${name}' on this page; choose ${Object.keys(this.list.painters).join(", ")}.`);
    }
    if (!this.#painters.has(name)) {
      const loaded = this.#load(name);
      loaded.catch(() => this.#painters.delete(name));
      this.#painters.set(name, loaded);
    }
    return this.#painters.get(name);
  }

  async #load(name) {
    const facts = this.list.painters[name];
    this.#announce([this.list.runtime.wasm.wasm, facts.tokenizer, ...FIRST.flatMap((part) => this.#names(facts, part))]);
    const runtime = this.runtime("wasm");
    for (const part of FIRST) for (const file of this.#names(facts, part)) this.#file(file).catch(() => {});
    const file = JSON.parse(new TextDecoder().decode(await this.#file(facts.tokenizer)));
    const engine = this.#engine(await runtime, facts);
    await engine.prepare(...FIRST);
    return painterOf(name, facts, engine, new Cutter(file, facts.tokens));
  }

  /**
   * Let a painter compute on the graphics card, where there is one that agrees and is quicker; whether it does.
   *
   * Only then is the larger build of the runtime loaded.
   */
  async quicken(name) {
    if (!(await hasGraphicsCard())) return false;
    const painter = await this.painter(name);
    try {
      return await painter.tryEngine(this.#engine(await this.runtime("webgpu"), painter.facts));
    } catch {
      return false; // it paints as before
    }
  }

  /** Stop what is being downloaded; whoever asks again begins again. */
  abort() {
    this.#downloads.abort();
    this.#downloads = new AbortController();
  }

  /** A runtime, "wasm" or "webgpu", loaded once. */
  runtime(kind) {
    if (!this.#runtimes.has(kind)) {
      const coming = Runtime.load(kind, this.list, this.#base, (name) => this.#file(name), this.threads);
      coming.catch(() => this.#runtimes.delete(kind));
      this.#runtimes.set(kind, coming);
    }
    return this.#runtimes.get(kind);
  }

  #engine(runtime, facts) {
    return new Engine(runtime, (part) => this.#part(facts, part), facts);
  }

  #names(facts, part) {
    const { graph, weights } = facts.graphs[part];
    return [graph, weights[this.precision]];
  }

  /** A network's graph and weights. */
  async #part(facts, part) {
    const [graph, weights] = await Promise.all(this.#names(facts, part).map((name) => this.#file(name)));
    return { graph, weights: tensors(weights) };
  }

  /** The bytes of a file, forgotten once they have come: what they become is kept. */
  #file(name) {
    if (!this.#files.has(name)) {
      const { signal } = this.#downloads;
      const coming = fetched(`${this.#base}files/${name}`, this.list.files[name], (bytes) => this.#came(bytes), signal);
      const forget = () => setTimeout(() => this.#files.delete(name), 5000);
      coming.then(forget, () => this.#files.delete(name));
      this.#files.set(name, coming);
    }
    return this.#files.get(name);
  }

  /** How much is to come, for the progress bar. */
  #announce(names) {
    const fresh = [...new Set(names)].filter((name) => !this.#files.has(name));
    this.loaded = 0;
    this.total = fresh.reduce((sum, name) => sum + this.list.files[name].size, 0);
  }

  #came(bytes) {
    this.loaded += bytes;
    this.progress(Math.min(this.loaded, this.total), this.total);
  }
}
