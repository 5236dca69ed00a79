/** Particles: the exact denoiser, the learned network and the trick walk 1,200 points in the page itself. */
import { breathing, clouds, setRun } from "../lesson/clouds.js";
import { COUNT } from "../particles/shapes.js";
import { paint, replayed } from "../particles/walk.js";

export function particles_panel(panel) {
  const view = panel.view("ParticlePlayer");
  const [shape, letters, seed] = ["shape", "or your letters", "seed"].map((name) => panel.control(name));
  const [who, steps, scrub] = ["denoiser", "steps", "step"].map((name) => panel.control(name));
  const trainedHere = shape.labels.length < 7; // in the notebook, by its reader

  panel.computes(
    async ({ check }) => {
      const { shapes, exact, learned } = await clouds();
      check();
      const word = letters.get("value").trim();
      const prompt = word ? `'${word}'` : shape.get("value");
      const asked = { prompt, seed: seed.get("value"), steps: steps.get("value") };
      const badge = who.get("value");
      const target = shapes.target(prompt);
      const run =
        badge === "replay"
          ? replayed(shapes.sample(prompt, COUNT, asked.seed + 1), target, asked)
          : await paint({ exact, learned }[badge], target, asked, breathing(check));
      check();
      if (view.get("n_frames") !== run.frames.length) panel.setLast(panel.player(), scrub, run.frames.length - 1);
      setRun(view, run, { badge });
      if (trainedHere && badge === "learned") return "Here the network that comes with the course guesses, not the one trained above.";
    },
    shape,
    letters,
    seed,
    who,
    steps,
  );
}
