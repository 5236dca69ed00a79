/**
 * The painters of `web/painter/` for the instruments of a lesson: loaded when one is first asked to paint.
 *
 * They are modules of their own beside the page, which browsers load from a server only.
 */
import { CourseError } from "../painter/errors.js";

const beside = (file) => new URL(file, document.baseURI).href;

/** Whether painters can be loaded here; a page opened from a file shows what was recorded. */
export const canPaint = location.protocol !== "file:";

let opening = null;
const loaded = new Map();

async function open() {
  const precision = navigator.connection?.saveData ? "eight" : "half";
  try {
    const { Painters } = await import(beside("painter/client.js"));
    return await Painters.open({ precision });
  } catch (error) {
    opening = null;
    throw error instanceof TypeError ? new CourseError("The painters could not be loaded: check the connection.") : error;
  }
}

/**
 * A painter of the page, ready: {facts, paint, encode, decode, tokens, encodeText, abort}, see `painter/client.js`.
 *
 * `say` is told how much of it has come, and "" in the end.
 */
export async function painter(name, say = () => {}) {
  const painters = await (opening ??= open());
  if (!loaded.has(name)) {
    const told = ({ detail: { loaded: come, total } }) =>
      say(`Loading the painter: ${(come / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB.`);
    painters.addEventListener("progress", told);
    const coming = painters.load(name).then(() => say(""));
    coming.finally(() => painters.removeEventListener("progress", told)).catch(() => loaded.delete(name));
    loaded.set(name, coming);
  }
  await loaded.get(name);
  return {
    facts: painters.list.painters[name],
    paint: (settings, more) => painters.paint(name, settings, more),
    encode: (page) => painters.encode(name, page),
    decode: (latent) => painters.decode(name, latent),
    tokens: (prompt) => painters.tokens(name, prompt),
    encodeText: (prompt) => painters.encodeText(name, prompt),
    abort: () => painters.abort(),
  };
}
