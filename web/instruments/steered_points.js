/** One cloud of static under three prompts: the learned network walks in the page itself. */
import { breathing, clouds, setRun } from "../lesson/clouds.js";
import { read } from "../particles/reading.js";
import { paint } from "../particles/walk.js";

const STEPS = 20;

export function steering_panel(panel) {
  const players = panel.views("ParticlePlayer");
  const fields = players.map((_, k) => panel.control(`prompt ${k + 1}`));
  const seed = panel.control("seed");
  panel.computes(
    async ({ check }) => {
      const { shapes, learned } = await clouds();
      const readings = fields.map((field) => read(field.get("value"), learned.prompts.slice(1)));
      for (const [k, { word }] of readings.entries()) {
        const asked = { prompt: word, seed: seed.get("value"), steps: STEPS };
        const { frames, target, labels } = await paint(learned, shapes.target(word), asked, breathing(check));
        check();
        setRun(players[k], { frames, target, labels }, { title: word || "no prompt" });
      }
      return readings.map(({ remark }) => remark).filter(Boolean).join(" ");
    },
    ...fields,
    seed,
  );
}
