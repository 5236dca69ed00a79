/** Where the network looks for each word: the maps of a painting, read off while it is painted. */
import { guesses, labels, painted } from "../lesson/paintings.js";
import { setFilm } from "../lesson/pictures.js";
import { deviation } from "../painter/arrays.js";
import { FILLERS } from "../painter/normalise.js";

export function attention_panel(panel, { painter: name = "picturebook" }) {
  const [prompt, seed, word] = ["prompt", "seed", "word"].map((one) => panel.control(one));
  const [film, scrub] = [panel.view("Film"), panel.control("step")];
  let shown = null; // the painting whose film and words are to be seen

  panel.asks(
    async ({ check }) => {
      const asked = { prompt: prompt.get("value"), seed: seed.get("value"), steps: 10, guidance: 4 };
      const painting = await painted(panel, name, asked, { states: true, watched: true });
      const { pieces, maps } = ownMaps(painting.attention);
      if (painting !== shown) {
        const pages = await guesses(await panel.painter(name), painting, check);
        check();
        await setFilm(film, pages.slice(0, -1), { labels: labels(painting).slice(0, -1) });
        shown = painting;
        if (String(word.labels) !== String(pieces)) word.set({ _options_labels: pieces, index: tellingWord(pieces, maps) });
        scrub.set("value", Math.floor(scrub.get("max") / 2));
      }
      const token = word.get("index") ?? 0;
      film.set({ heat: heat(maps.map((step) => step[token])), heat_side: painting.attention.side });
      return painting.remark;
    },
    prompt,
    seed,
    [word, "index"],
  );
}

/** The prompt's own words, and of every step a map (side, side) for each of them. */
function ownMaps({ pieces, start, side, maps }) {
  const places = side * side;
  const ofStep = (step) => pieces.map((_, k) => step.subarray((start + k) * places, (start + k + 1) * places));
  return { pieces, maps: maps.map(ofStep) };
}

/** Maps (side, side) one after the other as bytes, each scaled to its own range. */
function heat(maps) {
  const found = new Uint8Array(maps.length * maps[0].length);
  maps.forEach((map, k) => {
    const [low, high] = [Math.min(...map), Math.max(...map)];
    found.set(map.map((value) => Math.round(((value - low) / Math.max(high - low, 1e-6)) * 255)), k * map.length);
  });
  return found;
}

/** The word that is looked at in the fewest places, of those that stand for something. */
function tellingWord(pieces, maps) {
  const middle = maps[Math.floor(maps.length / 2)];
  const mean = (map) => map.reduce((sum, value) => sum + value) / map.length;
  const order = pieces.map((_, k) => k).sort((a, b) => uneven(middle[b]) - uneven(middle[a]));
  return order.find((k) => !FILLERS.has(pieces[k])) ?? order[0];

  function uneven(map) {
    return deviation(map) / mean(map);
  }
}
