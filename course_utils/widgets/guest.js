// A panel is a guest in a notebook: what is typed in it must not move, change or delete cells.

/** Hand a key to the page, as if nothing in a panel had the focus: a slider would take it before JupyterLab. */
function passOn(event) {
  const { key, code, keyCode, shiftKey, target } = event;
  event.stopPropagation();
  event.preventDefault();
  target.blur();
  document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key, code, keyCode, shiftKey, bubbles: true, cancelable: true }),
  );
}

/**
 * Keep keys pressed in a panel away from the notebook's shortcuts, once a page. JupyterLab and Notebook ask
 * the element that has the focus, whatever widget it belongs to. Saving and running the cell still work, and
 * what begins a slide show, turns its pages and leaves it: from a text field, too, where JupyterLab hears no F8.
 */
function keepKeys() {
  const done = Symbol.for("course_utils.keepKeys");
  if (window[done]) return;
  window[done] = true;
  const leadsTheShow = ({ key }) =>
    key === "F8" || (key.startsWith("Page") && document.body.dataset.jpDeckMode === "presenting");
  const meantForNotebook = ({ key, shiftKey, ctrlKey, metaKey }) =>
    /^F\d+$/.test(key) ||
    (key === "Enter" ? shiftKey || ctrlKey || metaKey : key.toLowerCase() === "s" && (ctrlKey || metaKey));
  const pressed = (event) => {
    if (!event.target.closest?.(".cu-panel, .cu-view")) return;
    if (leadsTheShow(event)) passOn(event);
    else if (meantForNotebook(event)) event.target.removeAttribute("data-lm-suppress-shortcuts");
    else event.target.dataset.lmSuppressShortcuts = "true";
  };
  window.addEventListener("keydown", pressed, true);
}

keepKeys();
