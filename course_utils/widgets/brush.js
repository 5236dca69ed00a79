function render({ model, el }) {
  const title = make("div", "cu-title");
  const canvas = make("canvas", "cu-film-canvas cu-brush-canvas", { role: "application" });
  const clear = make("button", "", { type: "button" }, tr("clear"));
  const hint = make("span", "cu-label", {}, tr("mouse, finger, or arrows and space; hold shift to unmark"));
  const root = mount(el, "cu-film", make("div", "cu-head", {}, title), canvas, make("div", "cu-foot", {}, hint, clear));
  let request = () => {};
  const sheet = makeSheet(model, () => request());
  const cursor = { x: 8, y: 8, shown: false };
  let cells = null; // the stroke under way; null between strokes

  const side = () => model.get("mask_side");
  const marked = () => {
    const bytes = typed(Uint8Array, model.get("mask"));
    return bytes.length === side() ** 2 ? Uint8Array.from(bytes) : new Uint8Array(side() ** 2);
  };
  const dab = (x, y, mend) => {
    const radius = model.get("radius") - 0.4;
    for (let row = 0; row < side(); row += 1)
      for (let column = 0; column < side(); column += 1)
        if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius) cells[row * side() + column] = mend ? 0 : 255;
    request();
  };
  const send = () => {
    model.set("mask", new DataView(cells.slice().buffer));
    model.save_changes();
  };
  let timer = 0;
  /** Tell of the stroke so far, so that paint follows the brush; no oftener than a painter can. */
  const follow = () => {
    timer ||= setTimeout(() => {
      timer = 0;
      if (cells) send();
    }, 100);
  };
  const finish = () => {
    if (!cells) return;
    send();
    cells = null;
    request();
  };
  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * side(), ((event.clientY - box.top) / box.height) * side()];
  };
  const mends = (event) => event.shiftKey || (event.buttons & 2) !== 0;
  const listeners = {
    pointerdown: (event) => {
      canvas.setPointerCapture(event.pointerId);
      cursor.shown = false;
      cells = marked();
      dab(...spot(event), mends(event));
    },
    pointermove: (event) => {
      if (!cells) return;
      dab(...spot(event), mends(event));
      follow();
    },
    pointerup: finish,
    pointercancel: finish,
    contextmenu: (event) => event.preventDefault(),
    keydown: (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (moves[event.key]) {
        const [dx, dy] = moves[event.key];
        cursor.x = clamp(cursor.x + dx, 0, side() - 1);
        cursor.y = clamp(cursor.y + dy, 0, side() - 1);
        cursor.shown = true;
        request();
      } else if (event.key === " ") {
        cells = marked();
        dab(cursor.x + 0.5, cursor.y + 0.5, event.shiftKey);
        finish();
      } else if (event.key === "Delete") empty();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
  const empty = () => {
    cells = new Uint8Array(side() ** 2);
    finish();
  };
  canvas.tabIndex = 0;
  canvas.style.touchAction = "none";
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  clear.addEventListener("click", empty);

  const draw = (look) => {
    const { state } = sheet;
    write(title, model.get("title"));
    const [count, all] = [(cells ?? marked()).filter(Boolean).length, side() ** 2];
    tell(canvas, model.get("alt") || model.get("title") || tr("a picture to brush over"), tr("{count} of {all} places marked", { count, all }));
    const [x, y] = [cursor.x + 1, cursor.y + 1];
    canvas.setAttribute("aria-description", cursor.shown ? tr("column {x}, row {y}", { x, y }) : hint.textContent);
    canvas.style.setProperty("--aspect", state.bitmap ? state.width / state.height : 1);
    if (!state.bitmap) {
      placeholder(canvas, look);
      return;
    }
    const area = stage(canvas);
    if (!area) return;
    const { ctx, width, height } = area;
    sheet.draw(ctx, 0, width, height);
    hatch(ctx, look, cells ?? marked(), side(), width, height);
    if (cursor.shown) {
      ctx.lineWidth = 3;
      ctx.strokeStyle = look("accent");
      ctx.strokeRect((cursor.x / side()) * width, (cursor.y / side()) * height, width / side(), height / side());
    }
    canvas.dataset.marked = count;
  };
  return live(
    model,
    root,
    ["mask", "title", "radius", "alt"],
    (look) => {
      request = () => requestAnimationFrame(() => draw(look));
      draw(look);
    },
    sheet.stop,
  );
}

/** Cover marked cells so that they show on any picture and without colour: a veil with dark and light stripes. */
function hatch(ctx, look, cells, side, width, height) {
  const path = new Path2D();
  cells.forEach((cell, k) => {
    if (cell) path.rect(((k % side) / side) * width, (Math.floor(k / side) / side) * height, width / side + 0.5, height / side + 0.5);
  });
  ctx.save();
  ctx.clip(path);
  ctx.globalAlpha = 0.55;
  ctx.fillStyle = look("veil");
  ctx.fillRect(0, 0, width, height);
  ctx.lineWidth = 3;
  ctx.globalAlpha = 0.6;
  ctx.strokeStyle = look("stripe");
  ctx.beginPath();
  for (let x = -height; x < width; x += 11) {
    ctx.moveTo(x, height);
    ctx.lineTo(x + height, 0);
  }
  ctx.stroke();
  ctx.restore();
}

export default { render };
