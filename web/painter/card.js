/**
 * A run card in the address: prompt, painter, seed and dials after the `#`, which no host is told.
 *
 * `painters.from_link` reads the same card in a notebook; data/prompts/links.json holds both to one reading.
 */
import { CourseError } from "./errors.js";
import { DEFAULTS } from "./settings.js";

const NUMBERS = ["steps", "guidance", "rescale", "blend", "bias"];
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
  const said = new URLSearchParams(address.slice(address.indexOf("#") + 1));
  const card = {};
  for (const [name, text] of said) {
    if (!NAMES.includes(name)) throw new CourseError(`This link holds '${name}', which is no setting of a painter.`);
    card[name] = NUMBERS.includes(name) ? number(name, text) : text;
  }
  if ("seed" in card) card.seed = /^\d{1,15}$/.test(card.seed) ? Number(card.seed) : card.seed; // longer ones stay text
  if ("interval" in card) card.interval = card.interval.split(",").map((part) => number("interval", part));
  if ("interval" in card && card.interval.length !== 2) throw new CourseError("The guidance interval in this link is not two numbers.");
  return card;
}

function number(name, text) {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new CourseError(`In this link '${name}' is no number.`);
  return value;
}
