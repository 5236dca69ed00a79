/** What is wider than its place, on a telephone, can be moved by the keyboard: it takes the focus while it is. */

const WIDE = "pre, .katex, .said, .wide, .cu-table, .cu-drawn, .widget-html";

/** Watch everything that may scroll below an element. */
export function offerScrolling(root) {
  const observer = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  for (const element of root.querySelectorAll(WIDE)) observer.observe(element);
}
