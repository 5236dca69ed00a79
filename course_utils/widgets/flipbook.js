/** All pictures of a whole book, or null. */
function readBook(bytes, width, height, nFrames) {
  const pixels = typed(Uint8Array, bytes);
  const size = width * height * 3;
  if (!size || !nFrames || pixels.length !== size * nFrames) return null;
  const image = new ImageData(new Uint8ClampedArray(width * height * 4).fill(255), width, height);
  return { image, page: (index) => pixels.subarray(index * size, (index + 1) * size) };
}

function render({ model, el }) {
  const title = make("div", "cu-title");
  const canvas = make("canvas", "cu-flip", { role: "img" });
  const label = make("span", "cu-label");
  const place = make("span", "cu-figure-large");
  const head = make("div", "cu-head", {}, title);
  const root = mount(el, "cu-flipbook", head, canvas, make("div", "cu-foot", {}, label, place));
  const book = remember(readBook);
  const last = () => Math.max(0, model.get("n_frames") - 1);

  const draw = (look) => {
    const [width, height, count] = ["width", "height", "n_frames"].map((name) => model.get(name));
    const ready = book(model.get("frames"), width, height, count);
    const index = clamp(Math.round(model.get("index")), 0, last());
    write(title, model.get("title"));
    write(label, model.get("labels")[index] ?? "");
    write(place, ready ? `${index + 1} / ${count}` : "");
    canvas.setAttribute("aria-label", model.get("alt"));
    canvas.style.setProperty("--aspect", ready ? width / height : 1);
    canvas.style.imageRendering = model.get("pixelated") ? "pixelated" : "auto";
    if (!ready) {
      placeholder(canvas, look);
      return;
    }
    const page = ready.page(index);
    fill(ready.image, page, 1, page, 0, 0);
    putImage(canvas, ready.image);
    canvas.dataset.index = index;
  };
  return live(
    model,
    root,
    ["frames", "width", "height", "n_frames", "index", "labels", "title", "pixelated", "alt"],
    draw,
    timeKeys(model, "index", canvas, () => [0, last()], { stride: 1, fine: 5, seconds: 5 }),
  );
}

export default { render };
