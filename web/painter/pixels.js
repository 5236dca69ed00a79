/** Pages as networks take them, and back: RGBA bytes as a canvas has them, floats (3, side, side) in -1..1. */

/** Pixels of a network, (1, 3, side, side), as RGBA; what lies beyond -1..1 is cut off. */
export function toPage({ data, dims }) {
  const places = dims[2] * dims[3];
  const page = new Uint8ClampedArray(4 * places).fill(255); // which rounds, and cuts off
  for (let k = 0; k < places; k++) {
    for (let colour = 0; colour < 3; colour++) page[4 * k + colour] = (data[colour * places + k] / 2 + 0.5) * 255;
  }
  return page;
}

/** A page in RGBA as floats (3, side, side). */
export function fromPage(page) {
  const places = page.length / 4;
  const found = new Float32Array(3 * places);
  for (let k = 0; k < places; k++) {
    for (let colour = 0; colour < 3; colour++) found[colour * places + k] = page[4 * k + colour] / 127.5 - 1;
  }
  return found;
}
