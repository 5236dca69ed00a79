/** The plane of steps and guidance: a measured map that paints where it is clicked. */
import { counted, painted } from "../lesson/paintings.js";
import { setFilm } from "../lesson/pictures.js";

const PAINTER = "picturebook";
const CELL = /^(\d+) steps, w = ([\d.]+):/; // a cell's tooltip

export function plane_panel(panel) {
  const [prompt, seed, film] = [panel.control("prompt"), panel.control("seed"), panel.view("Film")];
  let at = { steps: 10, guidance: 4 };
  for (const button of panel.views("Button")) {
    const [, steps, w] = CELL.exec(button.get("tooltip")) ?? [];
    if (!steps) continue;
    button.on("click", () => {
      at = { steps: Number(steps), guidance: Number(w) };
      film.set("cell", at);
    });
  }
  panel.asks(
    async ({ check }) => {
      const painting = await painted(panel, PAINTER, { prompt: prompt.get("value"), seed: seed.get("value"), ...at });
      check();
      const { steps, guidance } = painting.settings;
      const labels = [counted(painting.evaluations, "evaluation")];
      await setFilm(film, [painting.page], { labels, title: `${counted(steps, "step")}, w = ${guidance}` });
      return painting.remark;
    },
    prompt,
    seed,
    [film, "cell"],
  );
}
