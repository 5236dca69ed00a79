/** Every dial of the painters under one hand, repainted while it moves. */
import { counted, painted, seconds } from "../lesson/paintings.js";
import { setFilm } from "../lesson/pictures.js";

export function live_panel(panel) {
  const [who, prompt, towards, blend] = ["painter", "prompt", "towards", "blend in %"].map((name) => panel.control(name));
  const [seed, steps, w] = ["seed", "steps", "guidance w"].map((name) => panel.control(name));
  const film = panel.view("Film");
  let fitted = who.get("value");

  /** Let the dials reach as far as a painter goes. */
  function fit({ dial: [min, max], most_steps: most, defaults }) {
    w.set({ min, max, value: Math.min(Math.max(w.get("value"), min), max) });
    steps.set({ max: most, value: defaults.steps });
  }

  panel.asks(
    async ({ check, preview }) => {
      const name = who.get("value");
      const { facts } = await panel.painter(name);
      check();
      if (name !== fitted) {
        fitted = name;
        fit(facts);
      }
      const share = blend.get("value") / 100;
      const asked = {
        prompt: prompt.get("value"),
        ...(share && { other: towards.get("value"), blend: share }),
        seed: seed.get("value"),
        steps: steps.get("value"),
        guidance: w.get("value"),
      };
      const painting = await painted(panel, name, asked, { preview });
      check();
      const { settings, evaluations } = painting;
      const cost = `${counted(evaluations, "evaluation")}, ${seconds(painting)}`;
      const labels = [`w = ${settings.guidance}, ${counted(settings.steps, "step")}, seed ${settings.seed}: ${cost}`];
      await setFilm(film, [painting.page], { labels, preview: painting.preview });
      return painting.remark;
    },
    ...[prompt, towards, blend, seed, steps, w, who],
  );
}
