/** Pictures drown: pictures, static and schedules are computed in the page; nothing here needs a painter. */
import { load, rgb } from "../lesson/pictures.js";
import { Generator } from "../painter/random.js";
import { SCHEDULES, curves, straight } from "../painter/schedules.js";

const UPLOAD = "your upload";
const SIDE = 256;
const NOISE_SCALE = 4096; // of noise as whole numbers, see `widgets/encode.py`

const noiseOf = (seed) =>
  Int16Array.from(new Generator(seed).normal(SIDE * SIDE * 3), (value) => Math.round(value * NOISE_SCALE));

export function drown_panel(panel) {
  const view = panel.view("PictureDrowner");
  const [picture, seed, schedule] = ["picture", "seed", "schedule"].map((name) => panel.control(name));
  const upload = panel.view("Upload");
  const library = new Map([[picture.get("value"), view.get("picture")]]);

  panel.repaintOn(async () => {
    const name = picture.get("value");
    if (!library.has(name)) library.set(name, rgb(await load(name, SIDE)));
    view.set({ picture: library.get(name), picture_name: name });
  }, picture);
  panel.repaintOn(() => view.set("noise", noiseOf(seed.get("value"))), seed);
  panel.repaintOn(() => {
    const { signal, level } = curves(SCHEDULES[schedule.get("value")]());
    const name = schedule.get("value");
    view.set({ schedule_name: name, signal: Float32Array.from(signal), noise_level: Float32Array.from(level) });
  }, schedule);
  panel.onFile(upload, async (_name, bytes) => {
    library.set(UPLOAD, rgb(await load(bytes, SIDE)));
    const known = picture.labels.filter((label) => label !== UPLOAD);
    picture.set({ _options_labels: [...known, UPLOAD], index: known.length });
    view.set({ picture: library.get(UPLOAD), picture_name: UPLOAD }); // another upload after an upload
  });
}

const EVERY = 5; // timesteps between two points of a curve

export function schedule_panel(panel) {
  const kind = panel.control("schedule");
  const [levels, decibels] = panel.views("CurveView");
  panel.repaintOn(() => {
    const path = SCHEDULES[kind.get("value")]();
    const { signal, level } = curves(path);
    const t = Array.from({ length: 1000 / EVERY + 1 }, (_, k) => k * EVERY);
    const flow = path instanceof straight().constructor;
    const constant = (k) => (flow ? signal[k] + level[k] : signal[k] ** 2 + level[k] ** 2);
    const lines = [(k) => signal[k], (k) => level[k], constant];
    const label = flow ? "signal + noise" : "signal² + noise²";
    const drawn = levels.get("series").map((line, k) => ({ ...line, name: k === 2 ? label : line.name, x: t, y: t.map(lines[k]) }));
    const inside = t.filter((k) => k > 0 && signal[k] > 0);
    const ratio = inside.map((k) => 20 * (Math.log10(signal[k]) - Math.log10(level[k])));
    decibels.set("series", [{ ...decibels.get("series")[0], x: inside, y: ratio }]);
    levels.set("series", drawn);
  }, kind);
}
