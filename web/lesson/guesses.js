/** What was guessed is kept on this device: a lesson that is opened again opens as it was left. */

export const KEPT = "course-guess: "; // what names of entries begin with

const store = () => {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // forbidden here
  }
};

/** Recall the guesses among these models, and keep those to come. */
export function remember(models) {
  for (const model of models) {
    if (model.kind !== "Guess") continue;
    const name = KEPT + model.get("question");
    try {
      const kept = JSON.parse(store()?.getItem(name) ?? "null");
      if (kept) model.set(kept);
    } catch {
      store()?.removeItem(name); // not ours
    }
    model.on("change:opened", () => {
      const [guess, opened] = [model.get("guess"), model.get("opened")];
      if (opened) store()?.setItem(name, JSON.stringify({ guess, opened }));
    });
  }
}
