/** Words and links: the same files hold the package's reading of both. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { fromHash, toHash } from "../painter/card.js";
import { fit, normalise, remark, unknownWords, words } from "../painter/normalise.js";
import { closeWords } from "../painter/spelling.js";
import { settingsOf } from "../painter/settings.js";

const shared = (name) => JSON.parse(readFileSync(new URL(`../../data/prompts/${name}`, import.meta.url), "utf8"));
const vectors = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));

test("texts are normalised as the package does", () => {
  const pairs = shared("normalised.json");
  assert.ok(pairs.length > 50);
  for (const [typed, wanted] of pairs) {
    assert.equal(normalise(typed), wanted, JSON.stringify(typed));
    assert.equal(normalise(wanted), wanted, "twice changes nothing");
  }
});

test("words are those the package finds, and those without room are dropped the same way", () => {
  for (const { text, wanted } of vectors.words) assert.deepEqual(words(text), wanted, text);
  for (const { text, known, most, wanted } of vectors.fits) {
    const count = (part) => part.split(" ").filter(Boolean).length;
    assert.deepEqual(fit(text, known && new Set(known), count, most), wanted, text);
  }
});

test("unknown words are named in one sentence, with those closest in spelling", () => {
  const known = new Set(["cat", "red"]);
  assert.deepEqual(unknownWords("a red Zebra, zebra and cats", known), [["zebra", []], ["cats", ["cat"]]]);
  assert.equal(remark([["zebra", []]], ["owl"]), "'zebra' was never learned; there was no room for 'owl'.");
  assert.equal(remark([["cats", ["cat"]]]), "'cats' was never learned (closest in spelling: cat).");
  assert.equal(remark([]), "");
});

test("close words are those that Python's difflib finds", () => {
  assert.ok(vectors.close.length > 100);
  for (const { word, wanted } of vectors.close) assert.deepEqual(closeWords(word, vectors.taught), wanted, word);
});

test("a card survives the address, and the package reads the same", () => {
  const { cards, refused } = shared("links.json");
  for (const [link, card] of cards) {
    assert.deepEqual(fromHash(link), card, link);
    assert.deepEqual(fromHash(`#${toHash({ ...card, sampler: "ddim" })}`), { ...withoutDefaults(card) }, link);
  }
  for (const link of refused) assert.throws(() => fromHash(link), { name: "CourseError" }, link);
  assert.deepEqual(fromHash("https://example.org/a?prompt=no"), {});
});

function withoutDefaults(card) {
  const { sampler, ...rest } = card;
  if (rest.seed === 7) delete rest.seed;
  if (rest.spacing === "trailing") delete rest.spacing;
  return rest;
}

test("mistakes in settings are refused in a sentence", () => {
  const defaults = { steps: 10, guidance: 4 };
  assert.equal(settingsOf({ prompt: "a cat" }, defaults).seed, 7);
  const mistakes = [
    { prompt: "" },
    { prompt: "a cat", steps: 0 },
    { prompt: "a cat", steps: 2.5 },
    { prompt: "a cat", guidance: NaN },
    { prompt: "a cat", seed: "x" },
    { prompt: "a cat", sampler: "dpm++ 3m" },
    { prompt: "a cat", sampler: "toString" },
    { prompt: "a cat", interval: [0.5, 0.2] },
    { prompt: "a cat", colour: "red" },
    { prompt: "a cat", blend: 0.5 },
    { prompt: "a ".repeat(51) },
    { prompt: "a cat", spacing: "leading", steps: 94 },
  ];
  for (const some of mistakes) assert.throws(() => settingsOf(some, defaults), { name: "CourseError" }, JSON.stringify(some));
});
