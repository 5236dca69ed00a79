/** A typed prompt as the painter of points reads it: the first known word, and a sentence on all the rest. */
import { FILLERS, sentence, unlearned, words } from "../painter/normalise.js";
import { closeWords } from "../painter/spelling.js";

const ROUGHLY = 0.4; // how alike in spelling a known word is at least that is named beside an unknown one

/** {word ("" where none is known), remark}; the twin of `prompts.read`. */
export function read(text, known) {
  const lookup = new Map(known.flatMap((name) => [[name.toLowerCase(), name], [`${name.toLowerCase()}s`, name]]));
  const typed = words(text);
  const found = typed.filter((word) => lookup.has(word)).map((word) => lookup.get(word));
  const unknown = [...new Set(typed)].filter((word) => !lookup.has(word) && !FILLERS.has(word));
  const parts = unlearned(unknown.map((word) => [word, closeWords(word, known, ROUGHLY)]));
  const ignored = [...new Set(found.slice(1))];
  if (ignored.length) parts.push(`only one shape fits, so ${ignored.map((word) => `'${word}'`).join(", ")} is left out`);
  if (parts.length && !found.length) parts.push("so the painter works without a prompt");
  return { word: found[0] ?? "", remark: sentence(parts) };
}
