/** Which known words a misspelled one is close to: Python's difflib.get_close_matches, the same answers. */

const CLOSEST = 2;
const ALIKE = 0.6;

/** The `known` words closest in spelling to `word`, the closest first; none that are less than so `alike`, 0..1. */
export function closeWords(word, known, alike = ALIKE) {
  const scored = known.map((one) => ({ one, score: likeness(one, word) })).filter(({ score }) => score >= alike);
  scored.sort((a, b) => b.score - a.score || (a.one < b.one ? 1 : -1)); // of equals the last in the alphabet, as there
  return scored.slice(0, CLOSEST).map(({ one }) => one);
}

/** Ratcliff and Obershelp's measure: twice the letters that match, of all letters. */
function likeness(one, other) {
  const [a, b] = [[...one], [...other]];
  return (2 * matching(a, b)) / (a.length + b.length || 1);
}

/** How many letters match: those of the longest common piece, and so on to its left and right. */
function matching(a, b) {
  let [start, there, length] = [0, 0, 0];
  let row = [];
  for (let i = 0; i < a.length; i++) {
    const next = [];
    for (let j = 0; j < b.length; j++) {
      if (a[i] !== b[j]) continue;
      next[j] = (row[j - 1] ?? 0) + 1;
      if (next[j] > length) [start, there, length] = [i - next[j] + 1, j - next[j] + 1, next[j]];
    }
    row = next;
  }
  if (!length) return 0;
  const left = matching(a.slice(0, start), b.slice(0, there));
  return left + length + matching(a.slice(start + length), b.slice(there + length));
}
