// A view that waits for the painter says so.

/** A mark over a picture that is being painted anew; it appears after 0.3 s. */
function makeBusy(model) {
  const mark = make("span", "cu-busy", { role: "status" }, tr("painting…"));
  mark.hidden = true;
  let timer = 0;
  const change = () => {
    clearTimeout(timer);
    if (model.get("busy")) timer = setTimeout(() => (mark.hidden = false), 300);
    else mark.hidden = true;
  };
  model.on("change:busy", change);
  change();
  return {
    mark,
    stop: () => {
      clearTimeout(timer);
      model.off("change:busy", change);
    },
  };
}
