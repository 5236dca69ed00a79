const SIGNS = { right: "✓", wrong: "✗" };
const VERDICTS = { right: N_("right"), wrong: N_("wrong") };

function render({ model, el }) {
  const title = make("div", "cu-title");
  const badge = make("span", "cu-badge");
  const wall = make("div", "cu-wall", { role: "list" });
  const busy = makeBusy(model);
  const root = mount(el, "cu-gallery", make("div", "cu-head", {}, title, badge), wall, busy.mark);
  let request = () => {};
  const sheet = makeSheet(model, () => request());
  let canvases = [];
  let built = null;

  const build = () => {
    const { state } = sheet;
    const [captions, marks] = [model.get("captions"), model.get("marks")];
    canvases = Array.from({ length: state.count }, () => make("canvas", "cu-tile-canvas"));
    const tiles = canvases.map((canvas, k) => {
      const sign = make("span", "cu-mark", { "data-mark": marks[k] ?? "" }, SIGNS[marks[k]] ?? "");
      const text = make("span", "cu-caption", {}, captions[k] ?? "");
      const name = captions[k] || tr("picture {k}", { k: k + 1 });
      const tile = make("button", "cu-tile", { type: "button" }, canvas, make("span", "cu-tile-foot", {}, sign, text));
      tile.setAttribute("aria-label", VERDICTS[marks[k]] ? `${name}: ${tr(VERDICTS[marks[k]])}` : name);
      tile.addEventListener("click", () => assign(model, "selected", model.get("selected") === k ? -1 : k));
      return make("div", "cu-tile-box", { role: "listitem" }, tile);
    });
    wall.replaceChildren(...tiles);
    built = state.bitmap;
  };

  const draw = () => {
    const { state } = sheet;
    write(title, model.get("title"));
    tell(wall, model.get("alt") || model.get("title") || tr("pictures"));
    showBadge(badge, model.get("badge"));
    wall.style.setProperty("--tile", `${model.get("tile")}px`);
    wall.toggleAttribute("data-small", model.get("tile") < 100);
    if (!state.bitmap) return;
    if (built !== state.bitmap) build();
    canvases.forEach((canvas, k) => {
      canvas.style.setProperty("--aspect", state.width / state.height);
      const area = stage(canvas);
      if (area) sheet.draw(area.ctx, k, area.width, area.height);
      canvas.parentElement.setAttribute("aria-pressed", model.get("selected") === k);
    });
    wall.dataset.count = state.count;
  };
  return live(
    model,
    root,
    ["captions", "marks", "title", "badge", "selected", "tile", "alt"],
    (look) => {
      request = () => requestAnimationFrame(() => draw(look));
      draw(look);
    },
    watchSize(wall, () => request()),
    sheet.stop,
    busy.stop,
  );
}

/** Call back when an element changes its size; return the function that stops it. */
function watchSize(element, changed) {
  const observer = new ResizeObserver(changed);
  observer.observe(element);
  return () => observer.disconnect();
}

export default { render };
