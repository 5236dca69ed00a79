// What the view of a question and the view of its answer share.

/** A choice as it is, a number with its unit. */
function words(value, unit) {
  if (typeof value !== "number") return String(value ?? "");
  return `${Number(value.toPrecision(4))} ${unit}`.trim();
}

/** A quiet button. */
function makeQuiet(label, pressed) {
  const button = make("button", "cu-quiet", { type: "button" }, label);
  button.addEventListener("click", pressed);
  return button;
}

/**
 * A button that goes to the other half of a question. `look` hides it where the page does not hold that half:
 * before its cell has run, and on Colab, where every output has a page of its own. It looks again while it is
 * wanted, as the other half says nothing when it comes.
 */
function makeWay(label, kind, model) {
  let again;
  const find = () => {
    const page = way.closest(".jp-Notebook") ?? document;
    return [...page.querySelectorAll(kind)].find(({ dataset }) => dataset.question === model.get("question"));
  };
  const way = makeQuiet(label, () => {
    const there = find();
    there?.scrollIntoView({ block: "center" });
    there?.focus({ preventScroll: true });
  });
  way.look = (wanted) => {
    clearTimeout(again);
    way.hidden = !wanted || !find();
    if (wanted && way.hidden) again = setTimeout(() => way.isConnected && way.look(true), 1000);
  };
  return way;
}

/** Name a card after its question, for the way to it. It takes the focus when its buttons go. */
function nameCard(root, model) {
  root.dataset.question = model.get("question");
  root.tabIndex = -1;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", model.get("alt") || model.get("question"));
}
