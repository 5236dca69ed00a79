/** Paint one map of heat as a veil: what is cold is covered, what is hot shines through with a bright rim. */
function heatTile(bytes, side, k) {
  const tile = new OffscreenCanvas(side, side);
  const image = new ImageData(side, side);
  for (let place = 0; place < side * side; place += 1) {
    const hot = bytes[k * side * side + place];
    image.data.set([20, 16, 48, 255 - hot], 4 * place);
  }
  tile.getContext("2d").putImageData(image, 0, 0);
  return tile;
}

function render({ model, el }) {
  const title = make("div", "cu-title");
  const badge = make("span", "cu-badge");
  const canvas = make("canvas", "cu-film-canvas", { role: "img" });
  const label = make("span", "cu-label");
  const sketch = make("span", "cu-busy cu-preview", {}, tr("preview"));
  const busy = makeBusy(model);
  const picture = make("div", "cu-film-picture", {}, canvas, sketch, busy.mark);
  const root = mount(el, "cu-film", make("div", "cu-head", {}, title, badge), picture, make("div", "cu-foot", {}, label));
  const last = () => Math.max(0, model.get("n_frames") - 1);
  let request = () => {};
  const sheet = makeSheet(model, () => request());

  // Whoever asked for less motion plays films of their own accord.
  assign(model, "calm", window.matchMedia("(prefers-reduced-motion: reduce)").matches);
  const draw = (look) => {
    const { state } = sheet;
    // What is said below a picture appears with it: it is drawn when the sheet has been decoded.
    if (state.pending && state.bitmap) return;
    write(title, model.get("title"));
    showBadge(badge, model.get("badge"));
    sketch.hidden = !model.get("preview");
    const at = clamp(Math.round(model.get("index")), 0, last());
    const place = model.get("labels")[at] || tr("picture {k} of {count}", { k: at + 1, count: last() + 1 });
    tell(canvas, model.get("alt") || model.get("title") || tr("pictures in turn"));
    tellPlace(canvas, [0, last()], at, place);
    canvas.toggleAttribute("data-damaged", state.damaged);
    canvas.style.setProperty("--aspect", state.bitmap ? state.width / state.height : 1);
    if (!state.bitmap) {
      placeholder(canvas, look);
      return;
    }
    const area = stage(canvas);
    if (!area) return;
    const { ctx, width, height } = area;
    const index = clamp(Math.round(model.get("index")), 0, state.count - 1);
    write(label, model.get("labels")[index] ?? "");
    ctx.imageSmoothingEnabled = !model.get("pixelated");
    sheet.draw(ctx, index, width, height);
    const [heat, side] = [typed(Uint8Array, model.get("heat")), model.get("heat_side")];
    if (side && heat.length === state.count * side * side) {
      ctx.imageSmoothingEnabled = true;
      ctx.globalAlpha = model.get("heat_strength");
      ctx.drawImage(heatTile(heat, side, index), 0, 0, width, height);
      ctx.globalAlpha = 1;
    }
    Object.assign(canvas.dataset, { index, painted: state.painted });
  };
  const traits = ["index", "labels", "title", "badge", "pixelated", "preview", "heat", "heat_strength", "alt"];
  const stop = live(
    model,
    root,
    traits,
    (look) => {
      request = () => requestAnimationFrame(() => draw(look));
      draw(look);
    },
    timeKeys(model, "index", canvas, () => [0, last()], { stride: 1, fine: 5, seconds: 4 }),
    sheet.stop,
    busy.stop,
  );
  return stop;
}

export default { render };
