/**
 * What a visitor typed, as painters read it: one spelling, known words found, unknown ones named.
 *
 * The page's half of course_utils/prompts.py; data/prompts/normalised.json holds both to the same answers.
 */
import { closeWords } from "./spelling.js";

// Words that carry no meaning for a painter and need no remark.
export const FILLERS = new Set("a an the of in on at with and please paint draw me some one shape".split(" "));
const APOSTROPHES = /[‘’‚‛‹›`´ʹʻʼʽ′‵＇]/gu;
const QUOTES = /["“”„‟«»″‶〝〞〟＂]/gu;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}]/gu;
const BLANKS = /[\t-\r\x1c-\x1f\x85]/; // among the unseen, those that are white space
// Characters without a width that Unicode does not count among the formats: joiners, fillers, variants.
const FILLINGS = /[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;
const DASHES = /[\p{Pd}\p{Pc}\u2212]/gu;
// An apostrophe stays between letters, which numbers written as signs are, too, and digits are not.
const LOOSE_APOSTROPHE = /(?<![\p{L}\p{Nl}\p{No}])'|'(?![\p{L}\p{Nl}\p{No}])/gu;
const MARK_AT_WORD = /([^\P{P}']|\p{S})(?=[\p{L}\p{N}])/gu;

/** A text without control, zero-width and surrogate characters; tabs and line ends become spaces. */
export function visible(text) {
  return text.replace(UNSEEN, (letter) => (BLANKS.test(letter) ? " " : "")).replace(FILLINGS, "");
}

/** The one spelling in which the painters read a text; normalising twice changes nothing. */
export function normalise(text) {
  const plain = visible(text).replace(APOSTROPHES, "'").replace(QUOTES, " ").normalize("NFKC");
  const spaced = plain
    .toLowerCase()
    .normalize("NFKC")
    .replace(DASHES, " ")
    .replace(LOOSE_APOSTROPHE, " ")
    .replace(MARK_AT_WORD, "$1 ");
  return chunks(spaced)
    .join(" ")
    .replace(/ (?=[,.;:!?])/g, "");
}

/** The words of a text, normalised: letters, digits and the signs upon them, or symbols such as emoji. */
export function words(text) {
  const runs = normalise(text).match(/[\p{L}\p{M}\p{N}']+|[\p{S}\p{C}]+/gu) ?? [];
  return runs.map((run) => run.replace(/'(s|t|re|ve|m|ll|d)$/, ""));
}

/**
 * A prompt, normalised, in at most so many tokens: its `text`, and the words `dropped` for want of room.
 *
 * `count` says how many tokens a text takes. Words that are not `known` (null: all are) go first, from the end.
 */
export function fit(prompt, known, count, most) {
  const parts = chunks(normalise(prompt));
  const places = parts.map((_, place) => place);
  const isStrange = (place) => known !== null && !(words(parts[place]).length && words(parts[place]).every((word) => known.has(word)));
  const leaving = [...places.filter((place) => !isStrange(place)), ...places.filter(isStrange)];
  const kept = new Set(places);
  const text = () => parts.filter((_, place) => kept.has(place)).join(" ");
  while (kept.size && count(text()) > most) kept.delete(leaving.pop());
  const dropped = parts.filter((_, place) => !kept.has(place)).map((part) => words(part).join(" ") || part);
  return { text: text(), dropped };
}

/** The words of a text that are neither `known` nor without meaning, each once: [word, the closest known ones]. */
export function unknownWords(text, known) {
  const unknown = [...new Set(words(text))].filter((word) => !known.has(word) && !FILLERS.has(word));
  return unknown.map((word) => [word, closeWords(word, [...known])]);
}

/** One sentence that names unknown words, words without room and `further` clauses; "" where all is well. */
export function remark(unknown, dropped = [], further = []) {
  const parts = unlearned(unknown);
  if (dropped.length) parts.push(`there was no room for ${[...new Set(dropped)].map(named).join(", ")}`);
  return sentence([...parts, ...further]);
}

/** A clause for each unknown word, [word, the closest known ones]. */
export function unlearned(unknown) {
  const near = (close) => (close.length ? ` (closest in spelling: ${close.join(", ")})` : "");
  return unknown.map(([word, close]) => `${named(word)} was never learned${near(close)}`);
}

/** Clauses as one sentence, "" of none. */
export function sentence(clauses) {
  const text = clauses.join("; ");
  return text && `${text[0].toUpperCase()}${text.slice(1)}.`;
}

function chunks(text) {
  return text.split(/[\p{Z}\s]+/u).filter(Boolean);
}

function named(word) {
  return `'${word.length > 60 ? `${word.slice(0, 59)}…` : word}'`;
}
