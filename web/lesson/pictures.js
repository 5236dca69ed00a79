/** Pictures for the views: RGBA pages onto a film or a gallery, bundled and uploaded pictures as RGBA. */
import { CourseError } from "../painter/errors.js";
import { bytesOf } from "./beside.js";

const FAILED = "This browser cannot keep a picture: try another one.";

/** Pages (RGBA, all of one size) as the traits of one encoded sheet, see `widgets/sheet.py`. */
async function sheetOf(pages, width, height, columns = Math.ceil(Math.sqrt(pages.length))) {
  const canvas = new OffscreenCanvas(columns * width, Math.ceil(pages.length / columns) * height);
  const context = canvas.getContext("2d");
  pages.forEach((page, k) => {
    const image = new ImageData(new Uint8ClampedArray(page), width, height);
    context.putImageData(image, (k % columns) * width, Math.floor(k / columns) * height);
  });
  const blob = await canvas.convertToBlob({ type: "image/png" });
  if (!blob) throw new CourseError(FAILED);
  const sheet = new Uint8Array(await blob.arrayBuffer());
  return { sheet, mime: "image/png", width, height, columns, n_frames: pages.length };
}

const sides = (pages, width) => {
  const side = width ?? Math.round(Math.sqrt(pages[0].length / 4));
  return [side, pages[0].length / 4 / side];
};

/** Pages (RGBA) side by side in one encoded picture, `width` pixels wide each; square ones need no width. */
export async function stripOf(pages, width) {
  return (await sheetOf(pages, ...sides(pages, width), pages.length)).sheet;
}

/** Replace the frames of a film and their labels, as `Film.set_pictures` does. */
export async function setFilm(film, pages, { labels = [], preview = false, width, ...more } = {}) {
  const sheet = await sheetOf(pages, ...sides(pages, width));
  const index = Math.max(0, Math.min(film.get("index"), pages.length - 1));
  film.set({ ...sheet, labels, preview, index, heat: new Uint8Array(), heat_side: 0, ...more });
}

/** Replace the pictures of a gallery and their captions, as `Gallery.set_pictures` does. */
export async function setGallery(gallery, pages, { captions = [], marks = [], width, ...more } = {}) {
  const sheet = await sheetOf(pages, ...sides(pages, width));
  gallery.set({ ...sheet, captions, marks, selected: -1, ...more });
}

/** What `decode` gives for each of several latents, one after the other; `check` may end it. */
export async function decoded(painter, latents, check = () => {}) {
  const pages = [];
  for (const latent of latents) {
    check();
    pages.push(await painter.decode(latent));
  }
  return pages;
}

/** A picture of the course ("cat", "page") or a file, as RGBA of `side` x `side` pixels, its centre square. */
export async function load(source, side) {
  const blob = new Blob([typeof source === "string" ? await bytesOf(`${source}-${side}.png`) : source]);
  const bitmap = await createImageBitmap(blob).catch(() => {
    throw new CourseError("This is not a picture that a browser can open: choose a PNG or JPEG file.");
  });
  const edge = Math.min(bitmap.width, bitmap.height);
  const context = new OffscreenCanvas(side, side).getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white"; // behind what is transparent
  context.fillRect(0, 0, side, side);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (bitmap.width - edge) / 2, (bitmap.height - edge) / 2, edge, edge, 0, 0, side, side);
  return context.getImageData(0, 0, side, side).data;
}

/** RGBA without its A, as views take single pictures. */
export function rgb(page) {
  return Uint8Array.from({ length: (page.length / 4) * 3 }, (_, k) => page[Math.floor(k / 3) * 4 + (k % 3)]);
}

/** The same back: a view's single picture, bytes or a DataView of them, as RGBA. */
export function rgba(picture) {
  const bytes = new Uint8Array(picture.buffer, picture.byteOffset, picture.byteLength);
  return Uint8ClampedArray.from({ length: (bytes.length / 3) * 4 }, (_, k) => (k % 4 < 3 ? bytes[Math.floor(k / 4) * 3 + (k % 4)] : 255));
}

// Four channels onto red, green and blue, as in `panels/page_painting.py`.
const FALSE_COLOURS = [
  [0.5, 0.1, 0.1],
  [0.1, 0.5, 0.1],
  [0.1, 0.1, 0.5],
  [0.3, 0.3, -0.3],
];

/** A latent (4, side, side) as coloured squares, RGBA. */
export function falseColours(latent) {
  const places = latent.length / 4;
  const page = new Uint8ClampedArray(4 * places).fill(255);
  for (let k = 0; k < places; k++) {
    for (let c = 0; c < 3; c++) {
      const mixed = FALSE_COLOURS.reduce((sum, row, channel) => sum + row[c] * latent[channel * places + k], 0);
      page[4 * k + c] = (mixed / 3 + 0.5) * 255;
    }
  }
  return page;
}
