/** The small room: the painter's own VAE, there and back, and noise on latents. */
import { decoded, falseColours, load, setFilm, setGallery } from "../lesson/pictures.js";
import { blended } from "../painter/arrays.js";
import { Generator } from "../painter/random.js";
import { scaledLinear } from "../painter/schedules.js";

const PAINTER = "picturebook";
const SIDE = 128;
const SIZES = [2, 4, 8, 16]; // widths of detail, in pixels

export function round_trip_panel(panel) {
  const picture = panel.control("picture");
  panel.asks(async ({ check }) => {
    const painter = await panel.painter(PAINTER);
    check();
    const before = await load(picture.get("value"), SIDE);
    const after = await painter.decode(await painter.encode(before));
    check();
    const gap = colours(before).map((value, k) => colour(after, k) - value);
    const missing = Uint8ClampedArray.from(before, (_, k) => (k % 4 === 3 ? 255 : Math.trunc(128 + 2 * (after[k] - before[k]))));
    const error = gap.reduce((sum, value) => sum + value ** 2, 0) / gap.length;
    const decibels = 10 * Math.log10(255 ** 2 / Math.max(error, 1e-9));
    const captions = ["the picture", `back again: ${decibels.toFixed(1)} dB`, "what changed (doubled, gray is nothing)"];
    await setGallery(panel.view("Gallery"), [before, after, missing], { captions });
    const lost = { name: "lost", x: SIZES, y: lostBySize(colours(before), gap), points: true };
    panel.chart(panel.view("Drawing"), {
      series: [lost],
      x_label: "width of the detail in pixels",
      title: "share of detail lost",
      x_log: true,
      y_range: [0, 1],
    });
  }, picture);
}

const colour = (page, k) => page[Math.floor(k / 3) * 4 + (k % 3)];
const colours = (page) => Float64Array.from({ length: (page.length / 4) * 3 }, (_, k) => colour(page, k));

/** What share of each octave of detail the error has, as `_lost_by_size` measures it. */
function lostBySize(picture, gap) {
  const power = (image, size) => {
    const [fine, coarse] = [blocks(image, size / 2), blocks(image, size)];
    return fine.reduce((sum, value, k) => sum + (value - coarse[k]) ** 2, 0);
  };
  return SIZES.map((size) => Math.min(1, power(gap, size) / Math.max(power(picture, size), 1e-9)));
}

/** Means over blocks so many pixels wide, (SIDE, SIDE, 3), at every place. */
function blocks(image, size) {
  const across = SIDE / size;
  const sums = new Float64Array(across * across * 3);
  const block = (k) => {
    const [row, column] = [Math.floor(k / 3 / SIDE), Math.floor(k / 3) % SIDE];
    return (Math.floor(row / size) * across + Math.floor(column / size)) * 3 + (k % 3);
  };
  image.forEach((value, k) => (sums[block(k)] += value / size ** 2));
  return image.map((_, k) => sums[block(k)]);
}

const FRAMES = Array.from({ length: 21 }, (_, k) => 50 * k);
export function drowning_panel(panel) {
  const [picture, seed] = [panel.control("picture"), panel.control("seed")];
  const [inside, outside] = panel.views("Film");
  panel.asks(
    async ({ check }) => {
      const painter = await panel.painter(PAINTER);
      check();
      const clean = await painter.encode(await load(picture.get("value"), SIDE));
      const noise = new Generator(seed.get("value")).normal(clean.length);
      const path = scaledLinear();
      const latents = FRAMES.map((t) => {
        const [signal, level] = path.levels(t);
        return blended(signal, clean, level, noise);
      });
      const labels = FRAMES.map((t) => `t = ${t}`);
      const pages = await decoded(painter, latents, check);
      check();
      await setFilm(inside, latents.map(falseColours), { labels });
      await setFilm(outside, pages, { labels });
    },
    picture,
    seed,
  );
}
