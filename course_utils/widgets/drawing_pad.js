const KEPT = 50; // strokes that can be taken back
const PACE = 150; // milliseconds between two looks at a stroke under way; a painter is no quicker
const REACH = 4; // pixels of the page that an arrow key moves the cursor

function render({ model, el }) {
  const title = make("div", "cu-title");
  const canvas = make("canvas", "cu-film-canvas cu-pad-canvas", { role: "application" });
  const paints = make("div", "cu-paints", { role: "group", "aria-label": tr("paint") });
  const width = make("input", "", { type: "range", min: 1, max: 16, "aria-label": tr("width of the brush") });
  const undo = make("button", "", { type: "button" }, tr("undo"));
  const clear = make("button", "", { type: "button" }, tr("clear"));
  const hint = make("span", "cu-label", {}, tr("mouse, finger, or arrows; space dabs, shift with arrows draws"));
  const tools = make("div", "cu-pad-tools", {}, width, undo, clear);
  const root = mount(el, "cu-film cu-pad", make("div", "cu-head", {}, title), canvas, make("div", "cu-foot", {}, paints, tools, hint));

  const side = model.get("side");
  const page = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  const before = []; // the page before each stroke
  const cursor = { x: side / 2, y: side / 2, shown: false };
  let [last, paint, timer] = [null, 0, 0]; // last: where the stroke under way has come to
  let request = () => {};

  const keep = () => {
    before.push(page.getImageData(0, 0, side, side));
    if (before.length > KEPT) before.shift();
  };
  /** What is on the page, without its A. */
  const shown = () => {
    const { data } = page.getImageData(0, 0, side, side);
    return data.filter((_, k) => k % 4 < 3);
  };
  /** Take over what Python or another view has put on the page; what a kernel echoes is there already. */
  const take = () => {
    const bytes = typed(Uint8Array, model.get("picture"));
    const there = shown();
    if (last || timer || bytes.length !== there.length || bytes.every((value, k) => value === there[k])) return;
    keep();
    put(bytes);
    request();
  };
  const put = (bytes) => {
    const image = new ImageData(side, side);
    image.data.fill(255);
    if (bytes.length === 3 * side * side) fill(image, bytes, 1, bytes, 0, 0);
    page.putImageData(image, 0, 0);
  };
  const send = () => {
    clearTimeout(timer);
    timer = 0;
    model.set("picture", new DataView(Uint8Array.from(shown()).buffer));
    model.save_changes();
  };
  const stroke = (x, y) => {
    page.strokeStyle = model.get("paints")[paint]?.[1] ?? "black";
    page.lineWidth = 2 * model.get("radius");
    page.lineCap = "round";
    page.beginPath();
    page.moveTo(...(last ?? [x, y]));
    page.lineTo(x + 0.01, y); // a dab is a very short line
    page.stroke();
    last = [x, y];
    request();
    timer ||= setTimeout(send, PACE);
  };
  const finish = () => {
    if (last) send();
    last = null;
  };
  const spot = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * side, ((event.clientY - box.top) / box.height) * side];
  };
  const listeners = {
    pointerdown: (event) => {
      canvas.setPointerCapture(event.pointerId);
      cursor.shown = false;
      keep();
      stroke(...spot(event));
    },
    pointermove: (event) => last && stroke(...spot(event)),
    pointerup: finish,
    pointercancel: finish,
    keydown: (event) => {
      const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (moves[event.key]) {
        const [dx, dy] = moves[event.key];
        if (event.shiftKey) {
          keep();
          last = [cursor.x, cursor.y];
        }
        cursor.x = clamp(cursor.x + REACH * dx, 0, side);
        cursor.y = clamp(cursor.y + REACH * dy, 0, side);
        cursor.shown = true;
        if (event.shiftKey) stroke(cursor.x, cursor.y);
        finish();
        request();
      } else if (event.key === " ") {
        keep();
        cursor.shown = true;
        stroke(cursor.x, cursor.y);
        finish();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
  canvas.tabIndex = 0;
  canvas.style.touchAction = "none";
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener);
  undo.addEventListener("click", () => {
    if (!before.length) return;
    page.putImageData(before.pop(), 0, 0);
    send();
    request();
  });
  clear.addEventListener("click", () => {
    keep();
    page.fillStyle = "white";
    page.fillRect(0, 0, side, side);
    send();
    request();
  });
  width.addEventListener("input", () => assign(model, "radius", Number(width.value)));
  model.on("change:picture", take);

  /** A button for each paint; the chosen one is pressed and has a ring. */
  const offer = () => {
    const offered = model.get("paints");
    if (paints.children.length !== offered.length)
      paints.replaceChildren(
        ...offered.map(([name, colour], k) => {
          const one = make("button", "cu-paint", { type: "button", title: tr(name), "aria-label": tr(name) });
          one.style.background = colour;
          one.addEventListener("click", () => {
            paint = k;
            request();
          });
          return one;
        }),
      );
    [...paints.children].forEach((one, k) => one.setAttribute("aria-pressed", String(k === paint)));
  };
  const draw = (look) => {
    offer();
    write(title, model.get("title"));
    width.value = model.get("radius");
    undo.disabled = !before.length;
    const chosen = model.get("paints")[paint]?.[0] ?? "black";
    tell(canvas, model.get("alt") || tr("a page to draw on"), tr("paint: {name}", { name: tr(chosen) }));
    const [x, y] = [cursor.x, cursor.y].map(Math.round);
    canvas.setAttribute("aria-description", cursor.shown ? tr("column {x}, row {y}", { x, y }) : hint.textContent);
    canvas.style.setProperty("--aspect", 1);
    canvas.dataset.strokes = before.length;
    const area = stage(canvas);
    if (!area) return;
    const { ctx, width: across, height } = area;
    ctx.imageSmoothingQuality = "high";
    ctx.drawImage(page.canvas, 0, 0, across, height);
    if (!cursor.shown) return;
    ctx.lineWidth = 3;
    ctx.strokeStyle = look("accent");
    ctx.beginPath();
    ctx.arc((cursor.x / side) * across, (cursor.y / side) * height, (model.get("radius") / side) * across + 2, 0, 2 * Math.PI);
    ctx.stroke();
  };
  const stop = live(
    model,
    root,
    ["paints", "radius", "title", "alt"],
    (look) => {
      request = () => requestAnimationFrame(() => draw(look));
      draw(look);
    },
    () => {
      clearTimeout(timer);
      model.off("change:picture", take);
    },
  );
  put(typed(Uint8Array, model.get("picture")));
  return stop;
}

export default { render };
