/** The brush, and image-to-image: a painting that begins from a page that is there. */
import { inStyle } from "../lesson/paintings.js";
import { load, rgb, rgba, setFilm } from "../lesson/pictures.js";

const PAINTER = "picturebook";

/** Marked cells, 1 where new paint goes, of what a brush holds. */
function holeOf(mask) {
  const bytes = new Uint8Array(mask.buffer, mask.byteOffset, mask.byteLength);
  return Array.from(bytes, (value) => Number(value > 0));
}

export function brush_panel(panel) {
  const [brush, result] = [panel.view("Brush"), panel.view("Film")];
  const [words, seed] = [panel.control("what belongs there"), panel.control("seed")];
  panel.asks(
    async () => {
      const painter = await panel.painter(PAINTER);
      const page = await load(brush.get("sheet"), painter.facts.side);
      const canvas = { page, strength: 1, hole: holeOf(brush.get("mask")) };
      const asked = { prompt: words.get("value"), seed: seed.get("value") };
      const painting = await painter.paint(asked, { canvas });
      await setFilm(result, [painting.page], { labels: [asked.prompt] });
      return painting.remark;
    },
    words,
    seed,
    [brush, "mask"],
  );
}

export function redraw_panel(panel) {
  const [pad, result, upload] = ["DrawingPad", "Film", "Upload"].map((kind) => panel.view(kind));
  const [words, style, strength, seed] = ["prompt", "style", "strength in %", "seed"].map((name) => panel.control(name));
  panel.onFile(upload, async (_name, bytes) => pad.set("picture", rgb(await load(bytes, pad.get("side")))));
  panel.asks(
    async ({ check, preview }) => {
      const painter = await panel.painter(PAINTER);
      const canvas = { page: rgba(pad.get("picture")), strength: strength.get("value") / 100, hole: null };
      const asked = { prompt: inStyle(words.get("value"), style), seed: seed.get("value") };
      const painting = await painter.paint(asked, { canvas, preview });
      check();
      await setFilm(result, [painting.page], { labels: [asked.prompt], preview });
      return painting.remark;
    },
    words,
    style,
    strength,
    seed,
    [pad, "picture"],
  );
}
