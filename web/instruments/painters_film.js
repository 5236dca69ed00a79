/** The film of a painting: one click, and a page that never was comes out of static. */
import { decoded, falseColours, load, setFilm } from "../lesson/pictures.js";
import { blended } from "../painter/arrays.js";
import { Generator } from "../painter/random.js";
import { scaledLinear, trailing } from "../painter/schedules.js";

const PAINTER = "picturebook";
const REPLAYED = "first-page"; // of the training set

export function film_panel(panel) {
  const [noisy, noise, clean] = panel.views("Film");
  const [prompt, seed, who, steps, w] = ["prompt", "seed", "who paints", "steps", "guidance w"].map((name) => panel.control(name));
  const [play, scrub] = [panel.player(), panel.control("frame")];

  panel.asks(
    async ({ check }) => {
      const painter = await panel.painter(PAINTER);
      check();
      const badge = who.get("value");
      const asked = { prompt: prompt.get("value"), seed: seed.get("value"), steps: steps.get("value"), guidance: w.get("value") };
      const { trajectory, remark } = await { learned: painted, replay }[badge](painter, asked);
      check();
      const labels = trajectory.map(({ t }) => (t ? `t = ${t}` : "t = 0, finished"));
      const guesses = trajectory.map((state, k) => falseColours((state.t ? state : trajectory[k - 1]).noise));
      const states = await decoded(painter, trajectory.map(({ x }) => x), check);
      const beliefs = await decoded(painter, trajectory.map((state) => state.clean), check);
      await setFilm(noisy, states, { labels, badge });
      await setFilm(noise, guesses, { labels, badge });
      await setFilm(clean, beliefs, { labels, badge });
      panel.setLast(play, scrub, labels.length - 1);
      return remark;
    },
    prompt,
    seed,
    steps,
    w,
    who,
  );
  panel.button("reverse diffusion").on("click", () => {
    seed.set("value", seed.get("value") + 1);
    play.set("playing", true);
  });
}

const painted = (painter, asked) => painter.paint(asked, { states: true });

/** No painting: a page of the training set is drowned, and the same noise taken off again. */
async function replay(painter, { seed, steps }) {
  const clean = await painter.encode(await load(REPLAYED, 128));
  const [noise, path] = [new Generator(seed).normal(clean.length), scaledLinear()];
  const trajectory = trailing(steps).map((t) => {
    const [signal, level] = path.levels(t);
    return { t, x: t ? blended(signal, clean, level, noise) : clean, noise, clean };
  });
  return { trajectory, remark: "" };
}
