/** Arithmetic on Float32Arrays of one length: what samplers, guidance and canvases are made of. */

/** a x + b y, place by place. */
export function blended(a, x, b, y) {
  const found = new Float32Array(x.length);
  for (let k = 0; k < x.length; k++) found[k] = a * x[k] + b * y[k];
  return found;
}

/** a x, place by place. */
export function scaled(a, x) {
  return x.map((value) => a * value);
}

/** `inside` where the mask is not 0, else `outside`; the mask may be of one channel of several. */
export function masked(mask, inside, outside) {
  return inside.map((value, k) => (mask[k % mask.length] ? value : outside[k]));
}

/** Arrays one after the other. */
export function joined(arrays) {
  const found = new Float32Array(arrays.reduce((sum, one) => sum + one.length, 0));
  let place = 0;
  for (const one of arrays) {
    found.set(one, place);
    place += one.length;
  }
  return found;
}

/** The standard deviation of all numbers of an array (Bessel's). */
export function deviation(x) {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return Math.sqrt(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (x.length - 1));
}
