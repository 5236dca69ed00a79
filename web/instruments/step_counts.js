/** 60 steps or 3: one static walked in every number of steps, in the page itself. */
import { breathing, clouds, setRun } from "../lesson/clouds.js";
import { counted } from "../lesson/paintings.js";
import { paint, start } from "../particles/walk.js";

const COUNTS = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60];
const GOOD = COUNTS.indexOf(60);
const SEED = 7;

export function sixty_or_three_panel(panel) {
  const [good, yours] = panel.views("ParticlePlayer");
  const [shape, who, count] = ["shape", "denoiser", "steps"].map((name) => panel.control(name));
  panel.computes(
    async ({ check }) => {
      const { shapes, ...denoisers } = await clouds();
      check();
      const [prompt, badge] = [shape.get("value"), who.get("value")];
      const target = shapes.target(prompt);
      const found = COUNTS.map(() => ({ cloud: start(SEED), figure: "still to come" }));
      const show = () => {
        const run = { frames: found.map(({ cloud }) => cloud), figures: found.map(({ figure }) => figure), target };
        setRun(yours, { ...run, labels: COUNTS.map((steps) => counted(steps, "step")) }, { badge });
      };
      // What is looked at comes first, then what a hand will reach next.
      const here = count.get("index");
      const order = COUNTS.map((_, k) => k).sort((a, b) => Math.abs(a - here) - Math.abs(b - here));
      for (const k of [here, GOOD, ...order.filter((one) => one !== here && one !== GOOD)]) {
        const run = await paint(denoisers[badge], target, { prompt, seed: SEED, steps: COUNTS[k] }, breathing(check));
        check();
        found[k] = { cloud: run.frames.at(-1), figure: run.figures.at(-1) };
        show();
        if (k === GOOD) setRun(good, { frames: [found[k].cloud], figures: [found[k].figure], target, labels: ["60 steps"] }, { badge });
      }
    },
    shape,
    who,
  );
}
