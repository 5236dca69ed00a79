/**
 * Where the network looks for each word: attention maps, read off word by word as in Hertz 2022.
 *
 * In a U-Net places look at words; in a transformer words, which stand first, and places look at each other.
 */

/** Collects the shares of attention of a painting; maps are (side, side). */
export class Watch {
  #steps = [];

  /** `words` are the tokens of a prompt; `joint` says that words and places look at each other. */
  constructor(words, joint, side = 16) {
    Object.assign(this, { words, joint, side });
  }

  /** Take the layers' shares at one step, each {data, dims} of (batch, heads, places, tokens), the last row of which hears the prompt. */
  add(layers) {
    const maps = new Float32Array(this.words * this.side * this.side);
    for (const layer of layers) this.#addLayer(layer, maps, layers.length);
    this.#steps.push(maps);
  }

  /** Share of attention, mean over layers and heads: one Float32Array (tokens, side, side) a step. */
  get maps() {
    return this.#steps;
  }

  #addLayer({ data, dims: [batch, heads, rows, columns] }, maps, layers) {
    const first = this.joint ? this.words : 0; // the places come after the words
    const places = rows - first;
    const from = Math.sqrt(places);
    const corners = stretched(from, this.side);
    for (let head = 0; head < heads; head++) {
      const start = ((batch - 1) * heads + head) * rows * columns;
      const at = (row, column, word) => data[start + (first + row * from + column) * columns + word];
      for (let word = 0, place = 0; word < this.words; word++) {
        for (const [top, bottom, down] of corners) {
          for (const [left, right, across] of corners) {
            const above = at(top, left, word) * (1 - across) + at(top, right, word) * across;
            const below = at(bottom, left, word) * (1 - across) + at(bottom, right, word) * across;
            maps[place++] += (above * (1 - down) + below * down) / (heads * layers);
          }
        }
      }
    }
  }
}

/** For each of `to` places along a side: the two of `from` places it lies between, and how far (bilinear). */
function stretched(from, to) {
  return Array.from({ length: to }, (_, k) => {
    const place = Math.max(((k + 0.5) * from) / to - 0.5, 0);
    const before = Math.min(Math.floor(place), from - 1);
    return [before, Math.min(before + 1, from - 1), place - before];
  });
}
