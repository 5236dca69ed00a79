// On a slide nothing of an instrument lies below the edge of the screen: one too tall for it is shown smaller.

const SMALLEST = 0.6;
const EDGE = 8; // pixels left free below

/** Watch the panel around a view, once: a slide that comes has another size than one that is hidden. */
function fitOnSlide(view) {
  const panel = view.closest(".cu-panel");
  const done = Symbol.for("course_utils.fitOnSlide");
  if (!panel || panel[done]) return;
  panel[done] = true;
  const fit = () => {
    const zoom = Number(panel.style.zoom) || 1;
    const { top, height } = panel.getBoundingClientRect();
    const presenting = document.body.dataset.jpDeckMode === "presenting" && panel.closest(".jp-deck-mod-visible");
    if (!presenting) panel.style.zoom = "";
    else if (height && top + height > window.innerHeight - EDGE) {
      const wanted = Math.max(SMALLEST, (zoom * (window.innerHeight - EDGE - top)) / height);
      if (wanted < zoom) panel.style.zoom = wanted.toFixed(3);
    }
  };
  new ResizeObserver(fit).observe(panel);
  window.addEventListener("resize", () => {
    panel.style.zoom = ""; // a larger window has room again
    fit();
  });
}
