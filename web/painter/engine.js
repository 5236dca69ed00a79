/** A painter's five networks at work: text encoder, conditioning and network, decoder, encoder. */
import { joined } from "./arrays.js";

const KEPT = 80; // passes whose conditioning is kept: what follows from words and time alone

export class Engine {
  #runtime;
  #parts;
  #open = new Map(); // part -> promise of a session
  #known = new Map(); // what was asked -> what follows from it

  /** `parts(name)` loads {graph, weights} of one of the networks; each is opened when it is first needed. */
  constructor(runtime, parts, facts) {
    this.#runtime = runtime;
    this.#parts = parts;
    this.facts = facts;
  }

  /** Where it computes, in words. */
  get name() {
    const { kind, threads } = this.#runtime;
    return kind === "webgpu" ? "WebGPU" : `WebAssembly, ${threads === 1 ? "one thread" : `${threads} threads`}`;
  }

  /** Open networks now. */
  async prepare(...names) {
    for (const name of names) await this.session(name);
  }

  session(name) {
    if (!this.#open.has(name)) {
      const opened = this.#parts(name).then(({ graph, weights }) => this.#runtime.open(graph, weights));
      opened.catch(() => this.#open.delete(name)); // the next request may fare better
      this.#open.set(name, opened);
    }
    return this.#open.get(name);
  }

  /** A prompt's vectors, (tokens, width), of its token numbers. */
  async encodeText(numbers) {
    const session = await this.session("text_encoder");
    const tokens = { data: BigInt64Array.from(numbers, BigInt), dims: [1, numbers.length] };
    const { vectors } = await session.run({ tokens });
    return { data: vectors.data, dims: vectors.dims.slice(1) };
  }

  /**
   * The network's prediction for latents x, with each of several prompts: an array of Float32Arrays.
   *
   * `sides` are vectors as {key, data, dims}, where equal keys mean equal numbers; `told` are the numbers by
   * which a distilled network is told the guidance, or null. `watch(attention)` receives the attention.
   */
  async predict(x, index, sides, told, watch = null) {
    const session = await this.session(watch ? "watched" : "network");
    const rows = sides.length;
    const early = await this.#conditioning(index, sides, told);
    const noisy = { data: joined(sides.map(() => x)), dims: [rows, ...this.facts.shape] };
    const { prediction, ...attention } = await session.run({ noisy, ...early });
    watch?.(Object.values(attention));
    return sides.map((_, row) => prediction.data.slice(row * x.length, (row + 1) * x.length));
  }

  /** Latents as pixels, {data, dims} of (1, 3, side, side) in about -1..1. */
  async decode(latents) {
    const session = await this.session("decoder");
    return (await session.run({ latents: { data: latents, dims: [1, ...this.facts.shape] } })).pixels;
  }

  /** Pixels (3, side, side) in -1..1 as latents. */
  async encode(pixels) {
    const session = await this.session("encoder");
    const side = this.facts.side;
    return (await session.run({ pixels: { data: pixels, dims: [1, 3, side, side] } })).latents.data;
  }

  async #conditioning(index, sides, told) {
    const key = JSON.stringify([index, sides.map((side) => side.key), told && Array.from(told)]);
    if (!this.#known.has(key)) {
      const session = await this.session("conditioning");
      const rows = sides.length;
      const feeds = {
        timestep: { data: new Float32Array(rows).fill(index), dims: [rows] },
        vectors: { data: joined(sides.map((side) => side.data)), dims: [rows, ...sides[0].dims] },
      };
      if (told) feeds.timestep_cond = { data: joined(sides.map(() => told)), dims: [rows, told.length] };
      this.#known.set(key, await session.run(feeds));
      if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value);
    } else {
      const found = this.#known.get(key); // the newest stand last
      this.#known.delete(key);
      this.#known.set(key, found);
    }
    return this.#known.get(key);
  }
}
