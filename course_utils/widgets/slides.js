// On a slide an instrument is as large as its screen: the last row sits as far from a large one as from a small
// one. Nothing of it lies below the screen's edge: one too tall is shown smaller.

const LAPTOP = 1366; // pixels across a screen on which all is as large as in the notebook
const SMALLEST = 0.6;
const EDGE = 36; // pixels left free below: the lower rim of the deck, 28, and a little
const SETTLED = 400; // milliseconds: the deck marks, lays out and moves a slide one after the other

/** Watch the panel around a view, or a view that stands alone, once: a slide that comes has another size than
 * one that is hidden. */
function fitOnSlide(view) {
  const panel = view.closest(".cu-panel") || view;
  const done = Symbol.for("course_utils.fitOnSlide");
  if (!view.isConnected || panel[done]) return;
  panel[done] = true;
  const fit = () => {
    if (document.body.dataset.jpDeckMode !== "presenting" || !panel.closest(".jp-deck-mod-visible")) {
      panel.style.zoom = "";
      return;
    }
    if (!panel.style.zoom) panel.style.zoom = Math.max(1, window.innerWidth / LAPTOP).toFixed(3);
    const zoom = Number(panel.style.zoom);
    const { top, height } = panel.getBoundingClientRect();
    if (!height || top + height <= window.innerHeight - EDGE) return;
    const wanted = Math.max(SMALLEST, (zoom * (window.innerHeight - EDGE - top)) / height);
    if (wanted < zoom) panel.style.zoom = wanted.toFixed(3);
  };
  let settled = 0;
  const look = () => {
    fit();
    clearTimeout(settled);
    settled = setTimeout(fit, SETTLED);
  };
  new ResizeObserver(look).observe(panel);
  // The deck moves a slide that it has laid out: a panel that keeps its size may come to lie too low.
  new IntersectionObserver(look, { threshold: [0, 0.5, 0.9, 0.95, 1] }).observe(panel);
  window.addEventListener("resize", () => {
    panel.style.zoom = ""; // a larger window has room again
    look();
  });
}
