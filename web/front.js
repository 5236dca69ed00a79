/** The front page: prompt, painter and dials, one page. What stands in the address is painted. */
import { keep, purge } from "./keeping.js";
import { fromHash, toHash } from "./painter/card.js";
import { Painters } from "./painter/client.js";
import { Cancelled, CourseError } from "./painter/errors.js";
import { SAMPLERS } from "./painter/sampling.js";

const form = document.getElementById("dials");
const canvas = document.getElementById("page");
const progress = document.getElementById("progress");
const status = document.getElementById("status");
const { prompt, painter, seed, steps, guidance, sampler, negative } = form.elements;

let painters = null;
let card = {}; // what the address says besides what the dials show
let painted = ""; // the card of the newest whole painting, so that an unchanged one is left alone

/** What the form asks for, and what of the address it has no dial for. */
function asked() {
  const kind = painters.list.painters[painter.value].kind;
  return {
    ...card,
    prompt: prompt.value,
    seed: /^\d{1,15}$/.test(seed.value) ? Number(seed.value) : seed.value.trim(),
    steps: Number(steps.value),
    guidance: Number(guidance.value),
    ...(kind === "guided" && { sampler: sampler.value }),
    ...(kind !== "leaping" && { negative: negative.value }),
  };
}

async function paint(preview = false) {
  const settings = asked();
  const hash = toHash({ ...settings, painter: painter.value });
  if (!preview && hash === painted) return;
  try {
    const found = await painters.paint(painter.value, settings, { preview });
    show(found);
    if (preview) return;
    painted = hash;
    history.replaceState(null, "", `#${hash}`);
  } catch (error) {
    if (error instanceof Cancelled) return;
    if (!(error instanceof CourseError)) console.error(error);
    say(error.message);
  }
}

function show({ page, evaluations, milliseconds, remark, engine, preview, settings }) {
  const side = Math.sqrt(page.length / 4);
  if (canvas.width !== side) canvas.width = canvas.height = side;
  canvas.getContext("2d").putImageData(new ImageData(page, side, side), 0, 0);
  canvas.dataset.painted = String(Number(canvas.dataset.painted ?? 0) + 1); // how many pictures have been shown
  if (preview) return;
  canvas.setAttribute("aria-label", settings.prompt ? `Painted: ${settings.prompt}` : "Painted without a prompt");
  say(`${remark} ${evaluations} passes in ${(milliseconds / 1000).toFixed(1)} s (${engine}).`.trim());
}

function say(sentence) {
  status.textContent = sentence;
}

/** Let the dials show what the chosen painter offers, at its defaults where `card` says nothing. */
function fit() {
  const facts = painters.list.painters[painter.value];
  steps.max = facts.most_steps;
  [guidance.min, guidance.max] = facts.dial;
  steps.value = card.steps ?? facts.defaults.steps;
  guidance.value = card.guidance ?? facts.defaults.guidance;
  sampler.closest("label").hidden = facts.kind !== "guided";
  negative.closest("label").hidden = facts.kind === "leaping";
  tell();
}

function tell() {
  for (const dial of [steps, guidance]) dial.parentElement.querySelector("output").value = dial.value;
}

/** Set the dials as a card says; keep what there is no dial for. Throws `CourseError`. */
function take({ painter: who = painter.value, ...said }) {
  if (!Object.hasOwn(painters.list.painters, who)) throw new CourseError(`The painter '${who}' of this link is not on this page.`);
  painter.value = who;
  for (const dial of [prompt, seed, sampler, negative]) {
    if (dial.name in said) dial.value = said[dial.name];
    delete said[dial.name];
  }
  card = said;
}

async function load() {
  progress.hidden = false;
  say("Loading the painter.");
  await painters.load(painter.value);
  progress.hidden = true;
}

async function start() {
  await keep();
  const precision = navigator.connection?.saveData ? "eight" : "half"; // half of the transfer where that counts
  painters = await Painters.open({ precision });
  painters.addEventListener("progress", ({ detail: { loaded, total } }) => {
    progress.value = total ? loaded / total : 0;
    say(`Loading the painter: ${(loaded / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB.`);
  });
  painter.replaceChildren(...Object.keys(painters.list.painters).map((name) => new Option(name)));
  sampler.replaceChildren(...Object.keys(SAMPLERS).map((name) => new Option(name)));
  painter.value = painters.list.first;
  sampler.value = "ddim";
  let mistake = "";
  try {
    take(fromHash(location.hash));
  } catch (error) {
    mistake = error.message;
  }
  fit();
  await load();
  await paint();
  if (mistake) say(mistake);
  delete card.steps; // from here on the dials say them
  delete card.guidance;
  document.documentElement.dataset.ready = "yes";
  await painters.quicken(painter.value);
}

addEventListener("hashchange", () => location.reload()); // another link in the same tab
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", async ({ target }) => {
  tell();
  if (target !== painter) await paint(target.type === "range");
});
form.addEventListener("change", async ({ target }) => {
  if (target === painter) {
    card = {};
    fit();
    try {
      await load();
    } catch (error) {
      say(error.message);
      return;
    }
  }
  await paint();
  if (target === painter) await painters.quicken(painter.value);
});
document.getElementById("stop").addEventListener("click", () => painters?.abort());
document.getElementById("purge").addEventListener("click", async () => {
  await purge();
  say("Nothing of this page is kept on this device any more.");
});

start().catch((error) => {
  console.error(error);
  say(error.message);
});
