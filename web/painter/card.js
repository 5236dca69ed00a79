/**
 * A run card in the address: prompt, painter, seed and dials after the `#`, which no host is told.
 *
 * `painters.from_link` reads the same card in a notebook; data/prompts/links.json holds both to one reading.
 */
import { CourseError } from "./errors.js";
import { DEFAULTS } from "./settings.js";

const NUMBERS = ["guidance", "rescale", "blend", "bias"];
const NAMES = ["painter", ...Object.keys(DEFAULTS), "steps", "guidance"];

/** A card as the part of an address after `#`: whatever differs from the defaults, and the painter. */
export function toHash({ painter, ...settings }) {
  const said = new URLSearchParams();
  for (const name of NAMES) {
    const value = name === "painter" ? painter : settings[name];
    if (value === undefined || String(value) === String(DEFAULTS[name])) continue;
    said.set(name, String(value));
  }
  return said.toString();
}

/** The painter and the settings in an address, or in what stands after its `#`. Throws `CourseError`. */
export function fromHash(address) {
  const [, hash = ""] = address.split(/#(.*)/s);
  const card = {};
  for (const [name, text] of new URLSearchParams(hash)) {
    if (!NAMES.includes(name)) throw new CourseError(`This link holds '${name}', which is no setting of a painter.`);
    card[name] = read(name, text);
  }
  return card;
}

function read(name, text) {
  if (name === "interval") return interval(text);
  if (name === "seed" || name === "steps") return whole(name, text);
  return NUMBERS.includes(name) ? number(name, text) : text;
}

/** A whole number; a seed too long for a number stays text, which a generator takes, too. */
function whole(name, text) {
  if (!/^\d{1,19}$/.test(text)) throw new CourseError(`In this link '${name}' is no whole number.`);
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

function interval(text) {
  const parts = text.split(",").map((part) => number("interval", part));
  if (parts.length !== 2) throw new CourseError("The guidance interval in this link is not two numbers.");
  return parts;
}

function number(name, text) {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new CourseError(`In this link '${name}' is no number.`);
  return value;
}
