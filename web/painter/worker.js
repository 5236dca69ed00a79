/**
 * The painters in a thread of their own, so that the page stays quick.
 *
 * Messages in: {id, method, ...arguments}; out: {id, result} or {id, error: {name, message}}, and in between
 * {event: "progress", loaded, total} and {event: "step", id, step, steps}. Of paintings the newest wins.
 */
import { LatestOnly } from "./latest.js";
import { Studio } from "./studio.js";
import { turn } from "./turn.js";

const FEW = 2; // steps of a sketch by a painter that leaps; others take more
const MANY = 5;

let studio = null;

const methods = {
  async open({ base, precision, threads }) {
    const progress = (loaded, total) => postMessage({ event: "progress", loaded, total });
    studio = await Studio.open(base, { precision, threads, progress });
    return { list: studio.list };
  },
  async load({ painter }) {
    const found = await studio.painter(painter);
    return { engine: found.engine.name };
  },
  async quicken({ painter }) {
    const quicker = await studio.quicken(painter);
    return { quicker, engine: (await studio.painter(painter)).engine.name };
  },
  paint(request) {
    return latest.ask(request);
  },
  async abort() {
    latest.abort();
    studio.abort();
  },
  async encode({ painter, page }) {
    return { latent: await (await studio.painter(painter)).encodeImage(page) };
  },
  async decode({ painter, latent }) {
    return { page: await (await studio.painter(painter)).decode(latent) };
  },
  async tokens({ painter, prompt }) {
    const { text } = await studio.painter(painter);
    return { heard: text.heard(prompt), numbers: text.tokens(prompt), ...text.pieces(prompt) };
  },
  async encodeText({ painter, prompt }) {
    const { data, dims } = await (await studio.painter(painter)).text.encode(prompt);
    return { data, dims };
  },
};

/** Paint a request: {painter, settings, preview, canvas, watched, states}. */
async function paint({ id, painter: name, settings, preview, canvas, watched, states }, check) {
  const painter = await studio.painter(name);
  const whole = painter.settings(settings);
  const few = Math.min(whole.steps, painter.facts.kind === "leaping" ? FEW : MANY);
  const chosen = preview ? painter.sketched(whole, few) : whole;
  const trajectory = [];
  const seen = (state, steps) => {
    if (states) trajectory.push(state);
    postMessage({ event: "step", id, step: state.step, steps });
  };
  const painted = await painter.paint(chosen, { canvas, watched, check, seen });
  return { ...painted, preview: Boolean(preview), engine: painter.engine.name, trajectory };
}

const latest = new LatestOnly(paint, turn);

addEventListener("message", async ({ data: { id, method, ...request } }) => {
  try {
    postMessage({ id, result: await methods[method]({ id, ...request }) });
  } catch (error) {
    postMessage({ id, error: { name: error.name, message: error.message } });
  }
});
