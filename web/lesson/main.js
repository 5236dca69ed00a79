/**
 * A lesson's instruments, brought to life out of the state that its notebook was saved with.
 *
 * The page's own file of state calls `lesson(state)`: {models, links, instruments}, see
 * course_utils/site/lesson_state.py. Of a panel, what needed the notebook's kernel is done by its wiring in
 * `web/instruments/`; where there is none, its controls rest and it is marked as recorded.
 */
import { INSTRUMENTS, MEANINGS } from "course-instruments";
import { VIEWS } from "course-views";
import { CONTROLS, make } from "./controls.js";
import { join, modelsOf, whole } from "./models.js";
import { Panel } from "./panel.js";
import { remember } from "./guesses.js";
import { offerScrolling } from "./scrolling.js";
import { offerThemes } from "./theme.js";

const ELSEWHERE = location.protocol === "file:" ? "when this page comes from a server" : "in the notebook";
const RECORDED = `what the notebook's run showed; the controls that rest work ${ELSEWHERE}`;
const BOXES = { Box: "", VBox: "widget-vbox", HBox: "widget-hbox", GridBox: "widget-gridbox" };

/** Put a box, a control or a view into the page. */
function show(model, models) {
  const element = model.kind in BOXES ? box(model, models) : VIEWS[model.kind] ? view(model) : control(model);
  for (const [name, value] of Object.entries(model.layout)) element.style.setProperty(name, value);
  element.classList.add(...model.classes);
  model.on("change:hidden", () => (element.hidden = model.get("hidden")));
  return element;
}

function box(model, models) {
  const element = make("div", `widget-box ${BOXES[model.kind]}`);
  element.append(...model.get("children").map((name) => show(models.get(name), models)));
  return element;
}

function control(model) {
  if (!CONTROLS[model.kind]) throw new Error(`A page cannot show the control '${model.kind}'.`);
  return CONTROLS[model.kind](model);
}

function view(model) {
  const element = make("div", "widget-view");
  const rest = () => (element.inert = Boolean(model.get("disabled")));
  model.on("change:disabled", rest);
  rest(); // a panel's wiring may have been here before
  let stop = VIEWS[model.kind].render({ model, el: element });
  model.on("replaced", (other) => {
    stop();
    stop = VIEWS[other.kind].render({ model: other, el: element });
  });
  return element;
}

/** The models of a panel in the order of the page. */
function inside(model, models) {
  return [model, ...(model.get("children") ?? []).flatMap((name) => inside(models.get(name), models))];
}

/** Say that a panel is recorded, and let those of its models rest that nothing answers. */
function record(figure, waiting) {
  for (const model of waiting) model.set("disabled", true);
  if (figure.querySelector(".recorded")) return;
  const badge = make("span", "cu-badge", { "data-kind": "recorded", title: MEANINGS.recorded, "aria-description": MEANINGS.recorded }, "recorded");
  figure.prepend(make("p", "recorded", {}, badge, ` ${RECORDED}`));
}

function mount(figure, { root, panel, given, recorded, waiting, leafed }, models) {
  const model = models.get(root);
  const wait = (resting) => record(figure, resting);
  if (model.kind in BOXES) {
    const seen = new Panel(inside(model, models), wait);
    if (leafed) leaf(leafed, models);
    if (recorded) wait(waiting.map((name) => models.get(name)));
    else wiring(panel)?.(seen, given);
  }
  figure.append(make("div", "live", {}, show(model, models)));
  figure.classList.add("mounted");
  offerScrolling(figure);
}

/** Let a slider leaf through what its panel showed at each of its values. */
function leaf({ slider, frames }, models) {
  const control = models.get(slider);
  control.on("change:value", () => {
    const [value, low, step] = ["value", "min", "step"].map((trait) => control.get(trait));
    for (const [name, { traits, buffers }] of Object.entries(frames[Math.round((value - low) / step)])) {
      models.get(name).set(whole(traits, buffers));
    }
  });
}

/** What stands in for the kernel of "module.panel". */
function wiring(name) {
  const [module, panel] = name.split(".");
  return INSTRUMENTS[module]?.[panel];
}

/** Let the browser breathe between two instruments, so that a long page scrolls while they come. */
const pause = () => new Promise((resolve) => setTimeout(resolve));

async function open({ models: saved, links, instruments }) {
  const models = modelsOf(saved);
  join(models, links);
  remember(models.values());
  for (const [place, instrument] of Object.entries(instruments)) {
    const figure = document.getElementById(place);
    try {
      mount(figure, instrument, models);
    } catch (error) {
      console.error(error); // its still stays
    }
    await pause();
  }
  document.documentElement.dataset.ready = "yes";
}

globalThis.lesson = Object.assign(open, { files: {} }); // files: see beside.js

offerThemes(document.getElementById("theme"));
offerScrolling(document);
if (location.protocol !== "file:") {
  import(new URL("keeping.js", document.baseURI).href).then(({ keep }) => keep());
}
