// One key puts a panel back to its first settings: R, wherever nothing is typed or chosen by letters.

const TYPED = "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

/** Reset the panel that has the focus, or the one on the slide that is shown; listens once a page. */
function resetByKey() {
  const done = Symbol.for("course_utils.resetByKey");
  if (window[done]) return;
  window[done] = true;
  const find = (target) => {
    const slide = document.body.dataset.jpDeckMode === "presenting" ? ".jp-deck-mod-visible .cu-reset" : null;
    return target.closest(".cu-panel")?.querySelector(".cu-reset") ?? (slide && document.querySelector(slide));
  };
  const pressed = (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (key.toLowerCase() !== "r" || ctrlKey || metaKey || altKey || !target.closest || target.closest(TYPED)) return;
    const button = find(target);
    if (!button) return;
    event.preventDefault();
    event.stopPropagation(); // to the notebook this key means something else
    button.click();
  };
  window.addEventListener("keydown", pressed, true);
}

/** Answer a kernel that has reset a panel: what was sent from here before goes before. Returns what ends it. */
function answerReset(model) {
  const answer = (asked) => asked.reset && model.send(asked);
  model.on("msg:custom", answer);
  return () => model.off("msg:custom", answer);
}

resetByKey();
