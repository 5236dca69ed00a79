/**
 * The runtime of the networks: ONNX Runtime in WebAssembly, with threads where the host isolates the page.
 *
 * A second build of it, larger, computes on the graphics card; `painter.js` asks for it only after a look at
 * whether both agree.
 */
import { CourseError } from "./errors.js";

const MOST_THREADS = 4; // more only wait for each other: these networks are small

/** How many threads this page may use. */
export function threads() {
  return globalThis.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency ?? 1) : 1;
}

/** Whether there is a graphics card that pages may compute on, and a build that can. */
export async function hasGraphicsCard() {
  if (!navigator.gpu || !("Suspending" in WebAssembly)) return false;
  const adapter = await navigator.gpu.requestAdapter().catch(() => null);
  return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter);
}

/** The runtime, loaded. `kind` is "wasm" or "webgpu"; `load(name)` fetches a file of the list. */
export class Runtime {
  static async load(kind, list, base, load, count = threads()) {
    const told = list.runtime[kind];
    const [library, binary] = await Promise.all([import(`${base}vendor/${told.module}`), load(told.wasm)]);
    library.env.wasm.numThreads = count;
    library.env.wasm.wasmPaths = { mjs: `${base}vendor/${told.glue}` };
    library.env.wasm.wasmBinary = binary.buffer;
    library.env.logLevel = "error";
    return new Runtime(kind, library, count);
  }

  #turn = Promise.resolve(); // a graphics card answers later, and takes one question at a time

  constructor(kind, library, count) {
    Object.assign(this, { kind, library, threads: count });
  }

  /** A network ready to run: its graph, and its weights as name -> Float32Array. */
  async open(graph, weights) {
    const externalData = Array.from(weights, ([path, numbers]) => ({ path, data: new Uint8Array(numbers.buffer) }));
    const options = {
      executionProviders: [this.kind],
      externalData,
      graphOptimizationLevel: this.kind === "wasm" ? "disabled" : "basic", // done when the page was built
      logSeverityLevel: 3,
    };
    try {
      const session = await this.inTurn(() => this.library.InferenceSession.create(graph, options));
      return new Session(this, session);
    } catch (error) {
      throw new CourseError(`This browser cannot run the painter's networks (${error.message}): try another one.`);
    }
  }

  /** What `work()` gives, once all before it is done. */
  inTurn(work) {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

/** A network at work. */
class Session {
  constructor(runtime, session) {
    Object.assign(this, { runtime, session });
  }

  /** What comes out, name -> {data, dims}, of what goes in, the same way. */
  async run(feeds) {
    const given = Object.entries(feeds).map(([name, { data, dims }]) => {
      const type = data instanceof BigInt64Array ? "int64" : "float32";
      return [name, new this.runtime.library.Tensor(type, data, dims)];
    });
    const found = await this.runtime.inTurn(() => this.session.run(Object.fromEntries(given)));
    return Object.fromEntries(Object.entries(found).map(([name, { data, dims }]) => [name, { data, dims }]));
  }
}
