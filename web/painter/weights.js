/**
 * Files of the page: fetched with progress, checked, inflated; weights as floats again.
 *
 * A pack of weights is a gzipped .safetensors file in half precision or eight bits: course_utils/site/packs.py.
 */
import { Cancelled, CourseError } from "./errors.js";

const SCALE = "#scale"; // behind the name of a tensor in eight bits: its scales

/**
 * The bytes of a file of the list, inflated. `listed` is its {size, sha256}; `progress(bytes)` is called with
 * every piece that comes in. Rejects with `Cancelled` once `signal` is aborted, with `CourseError` otherwise.
 */
export async function fetched(url, listed, progress = () => {}, signal = undefined) {
  const bytes = await received(url, listed, progress, signal).catch((error) => {
    if (error instanceof CourseError) throw error;
    if (error.name === "AbortError") throw new Cancelled("The download was stopped.");
    throw new CourseError("A file of this page could not be loaded: check the connection and reload the page.");
  });
  if (!(await isWhole(bytes, listed.sha256))) throw damaged();
  return inflated(bytes);
}

async function received(url, { size }, progress, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new CourseError(`A file of this page is missing on its host (${answer.status}): reload the page later.`);
  const bytes = new Uint8Array(size);
  let place = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    if (place + value.length > size) throw damaged();
    bytes.set(value, place);
    place += value.length;
    progress(value.length);
  }
  if (place !== size) throw damaged();
  return bytes;
}

/** Gzipped bytes, inflated. */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The tensors of an inflated pack, as name -> Float32Array. */
export function tensors(bytes) {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const part = ({ data_offsets: [from, to] }) => bytes.slice(8 + length + from, 8 + length + to).buffer;
  const found = new Map();
  for (const [name, told] of Object.entries(header)) {
    if (name === "__metadata__" || name.endsWith(SCALE)) continue;
    if (told.dtype === "F32") found.set(name, new Float32Array(part(told)));
    else if (told.dtype === "F16") found.set(name, floats(new Uint16Array(part(told))));
    else if (told.dtype === "I8") {
      const scales = header[name + SCALE];
      const first = scales.shape[0] > 1 || scales.shape.at(-1) === 1; // scales of rows; else of columns
      found.set(name, steps(new Int8Array(part(told)), new Float32Array(part(scales)), first));
    } else throw new Error(`A pack holds ${told.dtype}, which this page cannot read.`);
  }
  return found;
}

/** Numbers in half precision, as their bits, as floats. */
export function floats(halves) {
  const table = (TABLE ??= Float32Array.from({ length: 1 << 16 }, (_, bits) => float(bits)));
  const found = new Float32Array(halves.length);
  for (let k = 0; k < halves.length; k++) found[k] = table[halves[k]];
  return found;
}

let TABLE = null;

function float(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Whole numbers times the scales of their rows, or of their columns. */
export function steps(whole, scales, ofRows) {
  const found = new Float32Array(whole.length);
  const width = ofRows ? whole.length / scales.length : 1;
  for (let k = 0; k < whole.length; k++) found[k] = whole[k] * scales[Math.floor(k / width) % scales.length];
  return found;
}

/** Whether bytes have a checksum; where the page is not in a secure context, their number alone is known. */
async function isWhole(bytes, sha256) {
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

function damaged() {
  return new CourseError("A file of this page came in damaged: purge what is kept, and reload the page.");
}
