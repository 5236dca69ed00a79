/** The denoiser that knows the shapes, and the trick that remembers: course_utils/particles/denoisers.py. */

const WIDTH = 0.03; // standard deviation of the Gaussian about each known point
const AT_ONCE = 100; // points; between two such groups the page may breathe

export class ExactDenoiser {
  badge = "exact";

  /** `known(prompt)` gives the points (m, 2) that a prompt names. */
  constructor(known, path) {
    Object.assign(this, { known, path });
  }

  /** The mean noise given points x_t (n, 2): what no network can beat. */
  async predict(points, t, prompt, breathe = async () => {}) {
    const known = this.known(prompt);
    const [signal, noise] = this.path.levels(t);
    const variance = (signal * WIDTH) ** 2 + noise ** 2;
    const pull = (signal * WIDTH ** 2) / variance;
    const clean = new Float32Array(points.length);
    for (let place = 0; place < points.length; place += 2) {
      const [x, y] = [points[place], points[place + 1]];
      const [meanX, meanY] = posteriorMean(x, y, known, signal, variance);
      clean[place] = meanX + pull * (x - signal * meanX);
      clean[place + 1] = meanY + pull * (y - signal * meanY);
      if (place % (2 * AT_ONCE) === 0) await breathe();
    }
    return this.path.prediction(points, clean, t);
  }
}

/** The mean of the known points, each weighed by how likely a place came from it. */
function posteriorMean(x, y, known, signal, variance) {
  const squares = new Float64Array(known.length / 2);
  let nearest = Infinity;
  for (let k = 0; k < squares.length; k++) {
    squares[k] = (x - signal * known[2 * k]) ** 2 + (y - signal * known[2 * k + 1]) ** 2;
    if (squares[k] < nearest) nearest = squares[k];
  }
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let k = 0; k < squares.length; k++) {
    const weight = Math.exp((nearest - squares[k]) / (2 * variance));
    sum += weight;
    sumX += weight * known[2 * k];
    sumY += weight * known[2 * k + 1];
  }
  return [sumX / sum, sumY / sum];
}

/** No denoiser: it has seen the noise, and takes off what was put on. */
export class ReplayDenoiser {
  badge = "replay";

  constructor(noise) {
    this.noise = noise;
  }

  async predict() {
    return this.noise;
  }
}
