/**
 * torch's generator on the CPU: the same seed gives the same static as in the notebooks.
 *
 * A Mersenne twister (Matsumoto 1998); normal numbers by Box and Muller in blocks of 16, as torch draws them.
 */
import { CourseError } from "./errors.js";

const N = 624;
const M = 397;
const BLOCK = 16; // fewer numbers than that torch draws in another way, which nothing here needs
const TURN = Math.fround(2 * Math.PI);
const MOST = 2n ** 63n;

/** The `torch.Generator` of a seed: a whole number, 0 <= seed < 2**63, or a BigInt. */
export class Generator {
  #state = new Uint32Array(N);
  #place = N;

  constructor(seed) {
    const whole = asSeed(seed);
    const state = this.#state;
    state[0] = Number(whole & 0xffffffffn); // of a seed of 64 bits the twister takes half
    for (let k = 1; k < N; k++) {
      const before = state[k - 1] ^ (state[k - 1] >>> 30);
      state[k] = Math.imul(1812433253, before) + k;
    }
  }

  /** The next whole number of 32 bits. */
  next() {
    if (this.#place === N) this.#twist();
    let y = this.#state[this.#place++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  }

  /** The next number in 0..1, 1 left out, of 24 bits. */
  uniform() {
    return (this.next() & 0xffffff) / 0x1000000;
  }

  /** As many standard normal numbers as `torch.randn` draws of a shape of that size; at least 16. */
  normal(size) {
    if (size < BLOCK) throw new RangeError(`Noise comes in blocks of ${BLOCK} numbers, not ${size}.`);
    const drawn = Float32Array.from({ length: size }, () => this.uniform());
    for (let k = 0; k + BLOCK <= size; k += BLOCK) toNormal(drawn.subarray(k, k + BLOCK));
    if (size % BLOCK) {
      const last = drawn.subarray(size - BLOCK);
      for (let k = 0; k < BLOCK; k++) last[k] = this.uniform();
      toNormal(last);
    }
    return drawn;
  }

  #twist() {
    const state = this.#state;
    for (let k = 0; k < N; k++) {
      const y = (state[k] & 0x80000000) | (state[(k + 1) % N] & 0x7fffffff);
      state[k] = state[(k + M) % N] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.#place = 0;
  }
}

/** A block of 16 uniform numbers, in place, as normal ones: eight pairs (Box & Muller 1958). */
function toNormal(block) {
  for (let k = 0; k < BLOCK / 2; k++) {
    const radius = Math.sqrt(-2 * Math.fround(Math.log(1 - block[k])));
    const angle = Math.fround(TURN * block[k + BLOCK / 2]); // rounded as torch does: a large radius shows it
    block[k] = radius * Math.cos(angle);
    block[k + BLOCK / 2] = radius * Math.sin(angle);
  }
}

/** A seed as a BigInt. Throws `CourseError` for what is none. */
export function asSeed(seed) {
  let whole;
  try {
    whole = BigInt(seed);
  } catch {
    throw new CourseError(`A seed is a whole number, for example 7, not ${seed}.`);
  }
  if (whole < 0n || whole >= MOST) throw new CourseError(`A seed lies between 0 and 2**63 - 1; ${seed} does not.`);
  return whole;
}
