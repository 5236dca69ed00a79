/** The front page: prompt, painter and dials, one page. What stands in the address is painted. */
import { Dials } from "./front/dials.js";
import { Easel } from "./front/easel.js";
import { keep, purge } from "./keeping.js";
import { offerThemes } from "./lesson/theme.js";
import { fromHash, toHash } from "./painter/card.js";
import { Painters } from "./painter/client.js";
import { Cancelled, CourseError } from "./painter/errors.js";

const TYPING = 300; // milliseconds after the last letter until what is typed is painted

const found = (id) => document.getElementById(id);
const form = found("dials");
const easel = new Easel();

let painters = null;
let dials = null;
let painted = ""; // the card of the newest whole painting, so that an unchanged one is left alone
let underWay = 0; // requests without an answer yet
let typing = 0; // the timer of a text that is still being typed

function say(sentence) {
  found("status").textContent = sentence;
}

/** Do something that takes a while; what goes wrong is said. */
async function work(job) {
  underWay += 1;
  attend();
  try {
    return await job();
  } catch (error) {
    if (error instanceof Cancelled) return undefined;
    if (!(error instanceof CourseError)) console.error(error);
    return say(error.message);
  } finally {
    underWay -= 1;
    attend();
  }
}

function attend() {
  easel.busy = underWay > 0;
  found("stop").disabled = underWay === 0;
  if (!underWay) easel.coming = null;
}

/** Paint what the dials ask for; a preview is a sketch, for a slider that moves. */
function paint({ preview = false } = {}) {
  clearTimeout(typing);
  const { settings, painter } = dials;
  const hash = toHash({ ...settings, painter });
  if (!preview && hash === painted) return undefined;
  return work(async () => {
    const painting = await painters.paint(painter, settings, { preview });
    easel.show(painting);
    if (preview) return;
    painted = hash;
    history.replaceState(null, "", `#${hash}`);
    found("notebook").textContent = `from course_utils import painters\npainters.from_link("${location.href}")`;
    say(easel.describe(painting));
  });
}

/** Load the chosen painter and paint; let a graphics card take over where there is one. */
async function begin() {
  say("Loading the painter.");
  const { painter } = dials;
  const loaded = await work(() => painters.load(painter));
  if (!loaded || painter !== dials.painter) return;
  await paint();
  await painters.quicken(painter);
}

async function start() {
  offerThemes(found("theme"));
  await keep();
  const precision = navigator.connection?.saveData ? "eight" : "half"; // half of the transfer where that counts
  painters = await Painters.open({ precision });
  painters.addEventListener("progress", ({ detail }) => (easel.coming = detail));
  dials = new Dials(form, painters.list);
  let mistake = "";
  try {
    dials.take(fromHash(location.hash));
  } catch (error) {
    mistake = error.message;
  }
  listen();
  const begun = begin();
  if (mistake) await begun.then(() => say(mistake));
  await begun;
  document.documentElement.dataset.ready = "yes";
}

function listen() {
  addEventListener("hashchange", () => location.reload()); // another link in the same tab
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    painted = "";
    paint();
  });
  form.addEventListener("input", ({ target }) => {
    dials.tell();
    if (target.type === "range") paint({ preview: true });
    else if (target.type === "text") {
      clearTimeout(typing);
      typing = setTimeout(paint, TYPING);
    }
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "painter") return paint();
    dials.fit();
    return begin();
  });
  found("dials").querySelector(".examples").addEventListener("click", ({ target }) => {
    if (target.type !== "button") return;
    dials.prompt = target.textContent;
    paint();
  });
  found("again").addEventListener("click", () => {
    dials.reseed();
    paint();
  });
  found("forget").addEventListener("click", () => {
    dials.forget();
    paint();
  });
  found("stop").addEventListener("click", async () => {
    await painters.abort();
    say("Stopped. Press Paint to go on.");
  });
  found("share").addEventListener("click", () => work(share));
  found("save").addEventListener("click", () => easel.save(dials.settings.prompt || "page"));
  found("purge").addEventListener("click", async () => {
    await purge();
    say("Nothing of this page is kept on this device any more.");
  });
}

async function share() {
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    throw new CourseError("This browser does not let the page copy: copy its address, which is the link.");
  }
  say("Copied: the link holds prompt, painter, seed and dials, and opens to this very picture.");
}

start().catch((error) => {
  if (!(error instanceof CourseError)) console.error(error);
  say(error.message);
});
