const LOSSLESS_BYTES = 500_000; // a drawing keeps every pixel below this, a photo becomes a JPEG
const DECODED_BYTES = 200_000_000; // no camera's photo is larger; a film would fill the browser's memory
const PATIENCE = 5000; // milliseconds until the kernel's silence is mentioned

/** The centre square of a picture file, at most `side` pixels wide, on white; throws what cannot be decoded. */
async function shrink(file, side) {
  const bitmap = await createImageBitmap(file); // upright: browsers heed the camera's note
  const { width, height } = bitmap;
  const edge = Math.min(width, height);
  const size = Math.min(edge, side);
  const canvas = make("canvas", "", { width: size, height: size });
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = "white";
  ctx.fillRect(0, 0, size, size);
  ctx.imageSmoothingQuality = "high";
  ctx.drawImage(bitmap, (width - edge) / 2, (height - edge) / 2, edge, edge, 0, 0, size, size);
  bitmap.close();
  const encode = (type) => new Promise((resolve) => canvas.toBlob(resolve, type, 0.92));
  const png = await encode("image/png");
  const blob = png.size <= LOSSLESS_BYTES ? png : await encode("image/jpeg");
  return { bytes: await blob.arrayBuffer(), told: tr("{width} × {height} pixels, sent as {size} × {size}", { width, height, size }) };
}

/** What of a file is to travel, and how that is told; null where nothing can. */
async function prepare(file, side, limit) {
  try {
    if (file.size <= DECODED_BYTES) return await shrink(file, side);
  } catch {
    // Python may know what it is, and says so.
    if (file.size <= limit) return file.arrayBuffer().then((bytes) => ({ bytes, told: tr("sent as it is") }), () => null);
  }
  return null;
}

function render({ model, el }) {
  const input = make("input", "", { type: "file", accept: "image/*", hidden: "" });
  const button = make("button", "jupyter-button", { type: "button" });
  const note = make("span", "cu-label", { role: "status" });
  const root = mount(el, "cu-upload", button, input, note);
  let success = "";
  let waiting = 0;
  let turns = 0;

  const say = (text, state) => {
    clearTimeout(waiting);
    write(note, text);
    root.dataset.state = state;
  };
  const refuse = ({ name, size }) => {
    const told = { name, size: Math.ceil(size / 1e6) };
    say(tr("The browser cannot open {name} ({size} MB); save it as PNG or JPEG and choose that file.", told), "problem");
  };
  const send = ({ name }, { bytes, told }) => {
    success = `${name}: ${told}`;
    const silent = () => say(tr("{name} waits for the kernel; where none is running, run this cell again.", { name }), "waiting");
    waiting = setTimeout(silent, PATIENCE);
    try {
      model.send({ name }, undefined, [bytes]);
    } catch {
      silent();
    }
  };
  const take = async (file) => {
    const turn = ++turns;
    say(tr("reading {name} …", file), "reading");
    const parcel = await prepare(file, model.get("side"), model.get("max_bytes"));
    if (turn !== turns) return; // another file was chosen meanwhile
    if (parcel) send(file, parcel);
    else refuse(file);
  };
  const answered = ({ problem }) => say(problem || success, problem ? "problem" : "taken");
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const [file] = input.files;
    input.value = ""; // so that the same file can be chosen again
    if (file) take(file);
  });
  model.on("msg:custom", answered);
  const draw = () => {
    write(button, model.get("description"));
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", model.get("alt") || model.get("description"));
  };
  return live(model, root, ["description", "alt"], draw, () => {
    clearTimeout(waiting);
    model.off("msg:custom", answered);
  });
}

export default { render };
