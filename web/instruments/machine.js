/** The machine at a glance: one run with its numbers at every station, and which of them another prompt or seed changes. */
import { painted } from "../lesson/paintings.js";
import { falseColours, rgb, stripOf } from "../lesson/pictures.js";

const PAINTER = "picturebook";
const SWAP = " ⇄ "; // between the two words of a button

export function machine_panel(panel) {
  const [prompt, seed, map] = [panel.control("prompt"), panel.control("seed"), panel.view("MachineMap")];
  const wanted = () => ({ prompt: prompt.get("value"), seed: seed.get("value") });
  const first = wanted(); // the notebook's run, saved without its numbers: it is painted once more to compare with
  let last = null;

  panel.asks(
    async ({ check }) => {
      last ??= (await run(panel, first)).stations;
      check();
      const { stations, remark } = await run(panel, wanted());
      const pictures = {};
      for (const [key, { pages, width }] of Object.entries(stations)) if (pages) pictures[key] = await stripOf(pages, width);
      check();
      const stops = Object.entries(map.get("stops")).map(([key, stop]) => [key, told(stop, stations[key], last[key])]);
      map.set({ stops: Object.fromEntries(stops), pictures });
      last = stations;
      return remark;
    },
    prompt,
    seed,
  );

  for (const chip of panel.views("Button")) {
    const [one, other] = chip.get("description").split(SWAP);
    if (other) chip.on("click", () => swap(one, other));
  }
  panel.button("another seed").on("click", () => seed.set("value", seed.get("value") + 1));

  function swap(one, other) {
    const text = prompt.get("value");
    const swapped = [replaced(text, one, other), replaced(text, other, one)].find((found) => found !== text);
    if (swapped) prompt.set("value", swapped);
    else panel.say(`The prompt says neither '${one}' nor '${other}': change a word of it by hand.`);
  }
}

const replaced = (text, one, other) => text.replace(new RegExp(`\\b${one}\\b`, "g"), other);

/**
 * Paint once: what lies at every station, as in `panels/steering/stations.py`.
 *
 * `parts` are arrays that can change piece by piece, `words` name them; `pages` (RGBA) show them.
 */
async function run(panel, { prompt, seed }) {
  const painter = await panel.painter(PAINTER);
  const { numbers, pieces } = await painter.tokens(prompt);
  const { data, dims } = await painter.encodeText(prompt);
  const [rows, width] = dims;
  const { trajectory, latent, page, remark } = await painted(panel, PAINTER, { prompt, seed }, { states: true });
  const words = ["start", ...pieces, `${numbers.length - pieces.length - 1} × end`];
  const latents = (parts) => ({ parts, pages: parts.map(falseColours) });
  const stations = {
    prompt: { parts: [[prompt]], words: [prompt] },
    tokens: { parts: numbers.map((number) => [number]), words },
    vectors: { parts: Array.from({ length: rows }, (_, k) => data.subarray(k * width, (k + 1) * width)), words, pages: [heat(data)], width },
    seed: { parts: [[seed]], words: [String(seed)] },
    initial: latents([trajectory[0].x]),
    noisy: latents(trajectory.map(({ x }) => x)),
    noise: latents(trajectory.slice(0, -1).map(({ noise }) => noise)),
    latent: latents([latent]),
    page: { parts: [rgb(page)], pages: [page] },
  };
  return { stations, remark };
}

/** What the map says of a station: as before, but for its numbers, its words, and which parts are others than in the last run. */
function told(stop, { parts, words = [] }, before) {
  const groups = stop.moves ? parts.map((part) => [part]) : [parts];
  const ranges = stop.ranges.length ? groups.map(range) : []; // a text has none
  return { ...stop, ranges, words, changed: parts.map((part, k) => differs(part, before.parts[k])) };
}

function range(parts) {
  let [low, high] = [Infinity, -Infinity];
  for (const part of parts) {
    for (const value of part) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

const differs = (part, before) => part.length !== before?.length || part.some((value, k) => value !== before[k]);

const [BELOW, ABOVE, FAR] = [[0, 60, 110], [150, 60, 0], 3]; // as in `stations.py`, the same for every eye

/** Numbers as colours, RGBA: white at zero, blue below it and orange above, dark from `FAR` on. */
function heat(numbers) {
  const page = new Uint8ClampedArray(4 * numbers.length).fill(255);
  numbers.forEach((value, k) => {
    const share = Math.min(Math.abs(value) / FAR, 1);
    const ink = value < 0 ? BELOW : ABOVE;
    for (let c = 0; c < 3; c++) page[4 * k + c] = 255 + share * (ink[c] - 255);
  });
  return page;
}
