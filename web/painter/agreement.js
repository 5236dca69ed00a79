/**
 * Whether another engine may take over: it must say what the first one says, and sooner.
 *
 * Graphics cards have given wrong numbers for graphs that WebAssembly computes right (onnxruntime#18311), and a
 * small network may wait longer for the card than it computes. So both are tried on one input.
 */
const CLOSE = 0.01; // between two predictions, which spread by about 1
const LEVEL = 2 / 127.5; // two grey levels of a page, whose pixels run from -1 to 1

/** Whether `candidate` agrees with `reference` and is quicker; `probe` is {x, index, sides, told}. */
export async function mayReplace(reference, candidate, probe, now = () => performance.now()) {
  try {
    const known = await tried(reference, probe, now);
    const found = await tried(candidate, probe, now);
    const near = apart(known.prediction, found.prediction) <= CLOSE && apart(known.pixels, found.pixels) <= LEVEL;
    return near && found.milliseconds < known.milliseconds;
  } catch {
    return false; // a card that was lost, or lacks memory
  }
}

/** What an engine makes of the probe, and how long it took the second time. */
async function tried(engine, { x, index, sides, told }, now) {
  let found;
  for (let round = 0; round < 2; round++) {
    const began = now();
    const [prediction] = await engine.predict(x, index, sides, told);
    const { data: pixels } = await engine.decode(x);
    found = { prediction, pixels, milliseconds: now() - began };
  }
  return found;
}

function apart(one, other) {
  if (one.length !== other.length) return Infinity;
  return one.reduce((most, value, k) => {
    const off = Math.abs(value - other[k]);
    return off <= most ? most : off; // which keeps NaN
  }, 0);
}
