// A term says what it means.

/** Show what a term means beside its element, when pointed at or focused; Escape takes it away. */
function explain(element, meaning) {
  const known = element.hasAttribute("aria-description");
  if (!meaning || element.getAttribute("aria-description") === meaning) return;
  element.setAttribute("aria-description", meaning);
  element.tabIndex = 0;
  if (element.tagName !== "BUTTON") {
    if (!element.hasAttribute("role")) element.setAttribute("role", "note"); // what is focused says what it is
    element.setAttribute("aria-label", element.textContent);
  }
  if (known) return;
  let [timer, tip] = [0, null];
  const hide = () => {
    clearTimeout(timer);
    tip?.remove();
    tip = null;
  };
  const leave = () => {
    clearTimeout(timer);
    timer = setTimeout(hide, 200); // the pointer may be on its way to what is said
  };
  const show = () => {
    clearTimeout(timer);
    if (tip || !element.isConnected) return;
    tip = make("div", "cu-tip", { role: "tooltip", popover: "manual" }, element.getAttribute("aria-description"));
    tip.addEventListener("pointerenter", () => clearTimeout(timer));
    tip.addEventListener("pointerleave", leave);
    element.closest(".cu-view").append(tip);
    tip.showPopover?.();
    const [at, size, zoom] = [element.getBoundingClientRect(), tip.getBoundingClientRect(), zoomOf(tip)];
    const below = at.bottom + 8 + size.height < window.innerHeight;
    tip.style.left = `${clamp(at.left, 8, Math.max(8, window.innerWidth - size.width - 8)) / zoom}px`;
    tip.style.top = `${(below ? at.bottom + 8 : Math.max(8, at.top - size.height - 8)) / zoom}px`;
  };
  element.addEventListener("pointerenter", () => {
    clearTimeout(timer);
    timer = setTimeout(show, 500);
  });
  element.addEventListener("pointerleave", leave);
  element.addEventListener("focus", () => element.matches(":focus-visible") && show());
  element.addEventListener("blur", hide);
  element.addEventListener("click", hide);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !tip) return;
    event.stopPropagation();
    hide();
  });
}
