/** Paintings for the instruments: what is asked for again is not painted again; films of a painting's guesses. */
import { decoded } from "./pictures.js";

const KEPT = 64;
const known = new Map(); // what was asked -> its painting, the newest last

/**
 * What the painter of this name paints of some settings; asked again, the same painting comes back.
 *
 * With `preview` it is a sketch, which is not kept; `more` is passed on, see `painter/client.js`.
 */
export async function painted(panel, name, settings, { preview = false, ...more } = {}) {
  const painter = await panel.painter(name);
  const key = JSON.stringify([name, settings, more]);
  if (known.has(key)) return known.get(key);
  const painting = await painter.paint(settings, { preview, ...more });
  if (!preview) {
    known.set(key, painting);
    if (known.size > KEPT) known.delete(known.keys().next().value);
  }
  return painting;
}

/** The clean guesses of a painting with its `states`, as pages, the finished one last. */
export async function guesses(painter, { trajectory, page }, check) {
  const pages = await decoded(painter, trajectory.slice(0, -1).map(({ clean }) => clean), check);
  return [...pages, page];
}

/** One line a frame: the timestep that it shows. */
export function labels({ trajectory }) {
  return trajectory.map(({ t }) => (t ? `t = ${t}` : "t = 0, finished"));
}

/** Remarks of several paintings, each said once. */
export function remarks(paintings) {
  return [...new Set(paintings.map(({ remark }) => remark).filter(Boolean))].join(" ");
}

/** The prompt with what a list of styles says at its end; its first place says nothing. */
export function inStyle(prompt, style) {
  return style.get("index") ? `${prompt}, ${style.get("value")}` : prompt;
}

/** "1 step", "2 steps". */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** "0.35 s", which no line breaks: how long a painting took. */
export function seconds({ milliseconds }) {
  return `${(milliseconds / 1000).toFixed(2)}\u00a0s`;
}
