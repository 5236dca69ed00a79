/** One prompt, two painters: the recipe of 2022 beside that of 2026. */
import { guesses, labels, painted } from "../lesson/paintings.js";
import { setFilm } from "../lesson/pictures.js";

const PAINTERS = ["picturebook", "picturebook-flow"];

export function then_now_panel(panel) {
  const [prompt, seed] = [panel.control("prompt"), panel.control("seed")];
  const [films, scrub] = [panel.views("Film"), panel.control("frame")];
  panel.asks(
    async ({ check }) => {
      const asked = { prompt: prompt.get("value"), seed: seed.get("value"), steps: 10, guidance: 4 };
      const remarks = [];
      for (const [k, name] of PAINTERS.entries()) {
        const painting = await painted(panel, name, asked, { states: true });
        const pages = await guesses(await panel.painter(name), painting, check);
        check();
        await setFilm(films[k], pages, { labels: labels(painting) });
        remarks.push(painting.remark);
      }
      panel.setLast(panel.player(), scrub, asked.steps);
      scrub.set("value", asked.steps);
      return remarks[0];
    },
    prompt,
    seed,
  );
}
