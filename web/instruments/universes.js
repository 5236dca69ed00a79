/** Guidance on points: every setting of the dial from one static, the two arrows behind it, and how others count. */
import { breathing, clouds, setRun, whole } from "../lesson/clouds.js";
import { classifierFreeGuidance } from "../painter/guidance.js";
import { ddim } from "../painter/sampling.js";
import { scaledLinear, trailing } from "../painter/schedules.js";
import { paint, shareOnShape, start } from "../particles/walk.js";

const STEPS = 20;
const [WEAK, MAX] = [0, 12];
const ARROWS = 30;
const WALK = 60; // steps of the walk that arrows are seen on
const NO_PROMPT = "none"; // as the list of negative prompts has it

const wordOf = (control) => (control.get("value") === NO_PROMPT ? "" : control.get("value"));

export function universes_panel(panel) {
  const [weak, yours, max] = panel.views("ParticlePlayer");
  const [shape, negative, seed] = ["prompt", "negative prompt", "seed"].map((name) => panel.control(name));
  const [another, w] = [panel.control("another static"), panel.control("guidance w of the middle one")];
  const dial = w.labels.map(Number);
  another.on("change:value", () => seed.set("value", seed.get("value") + 1));
  panel.computes(
    async ({ check }) => {
      const { shapes, learned } = await clouds();
      check();
      const prompt = shape.get("value");
      const target = shapes.target(prompt);
      const asked = { prompt, negative: wordOf(negative), seed: seed.get("value"), steps: STEPS };
      const labels = dial.map((value) => `w = ${value}`);
      const found = dial.map(() => ({ cloud: start(asked.seed), figure: "still to come" }));
      const here = w.get("index");
      const order = dial.map((_, k) => k).sort((a, b) => Math.abs(a - here) - Math.abs(b - here));
      const first = [here, dial.indexOf(WEAK), dial.indexOf(MAX)];
      for (const k of [...first, ...order.filter((one) => !first.includes(one))]) {
        const run = await paint(learned, target, { ...asked, w: dial[k] }, breathing(check));
        check();
        const cloud = run.frames.at(-1);
        found[k] = { cloud, figure: `on the shape ${Math.round(100 * shareOnShape(cloud, target))} %` };
        setRun(yours, { frames: found.map((one) => one.cloud), figures: found.map(({ figure }) => figure), target, labels });
        const fixed = { [WEAK]: weak, [MAX]: max }[dial[k]];
        if (fixed) setRun(fixed, { frames: [cloud], figures: [found[k].figure], target, labels: [labels[k]] });
      }
    },
    shape,
    negative,
    seed,
  );
}

export function arrows_panel(panel) {
  const [shape, negative, when] = ["prompt", "negative prompt", "t"].map((name) => panel.control(name));
  const view = panel.view("ArrowField");
  panel.repaintOn(
    async () => {
      const { shapes, learned } = await clouds();
      const [prompt, t, path] = [shape.get("value"), when.get("value"), scaledLinear()];
      const model = async (x, at, sides) => Promise.all(sides.map((side) => learned.predict(x, at, side)));
      const predict = classifierFreeGuidance(model, prompt, "", { guidance: 1, interval: [0, 1], rescale: 0 });
      let state;
      for await (state of ddim(predict, start(7), trailing(WALK), path)) if (state.t <= t) break;
      const points = state.x.slice(0, 2 * ARROWS);
      const [from, to] = await model(points, state.t, [wordOf(negative), prompt]);
      const end = (noise) => whole(path.cleanAndNoise(points, noise, state.t).clean);
      view.set({
        title: `${prompt}, t = ${t}`,
        points: whole(points),
        unconditional: end(from),
        conditional: end(to),
        target: whole(shapes.target(prompt)),
      });
    },
    shape,
    negative,
    when,
  );
}

// By how much a convention's number differs from w, in the order of the table.
const CONVENTIONS = new Map([
  ["diffusers (this course)", 0],
  ["Ho & Salimans 2022", -1],
  ["Z-Image pipeline", -1],
]);

export function conventions_panel(panel) {
  const [value, source] = [panel.control("guidance"), panel.control("counted as in")];
  const table = panel.view("HTML");
  panel.repaintOn(
    () => {
      const w = value.get("value") - CONVENTIONS.get(source.get("value"));
      const page = new DOMParser().parseFromString(table.get("value"), "text/html");
      for (const cell of page.querySelectorAll("td.cu-figure")) {
        const offset = CONVENTIONS.get(cell.parentElement.firstChild.textContent);
        cell.textContent = String(Number((w + offset).toPrecision(6)));
      }
      table.set("value", page.body.innerHTML);
    },
    value,
    source,
  );
}
