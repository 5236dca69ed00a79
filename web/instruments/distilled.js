/** The distilled painter beside its teacher: the same noise in fewer steps, and guidance as an input. */
import { counted, painted, seconds } from "../lesson/paintings.js";
import { setFilm, setGallery } from "../lesson/pictures.js";

const [TEACHER, STUDENT] = ["picturebook", "picturebook-fast"];
const WHO = { [TEACHER]: "teacher", [STUDENT]: "student" };
// What is painted side by side: painter, steps, w. The teacher's w is its best for so many evaluations.
const WAYS = [
  [TEACHER, 20, 4],
  [TEACHER, 3, 2],
  [TEACHER, 2, 1],
  [STUDENT, 4, 4],
  [STUDENT, 2, 4],
  [STUDENT, 1, 4],
];

function price(painting) {
  const { steps, guidance } = painting.settings;
  const what = `${WHO[painting.painter]}, ${counted(steps, "step")}, w = ${guidance}`;
  return `${what}: ${counted(painting.evaluations, "evaluation")}, ${seconds(painting)}`;
}

export function cheat_panel(panel) {
  const [prompt, seed] = [panel.control("prompt"), panel.control("seed")];
  panel.asks(
    async ({ check }) => {
      const asked = { prompt: prompt.get("value"), seed: seed.get("value") };
      const paintings = [];
      for (const [name, steps, guidance] of WAYS) {
        check();
        paintings.push(await painted(panel, name, { ...asked, steps, guidance }));
      }
      check();
      await setGallery(panel.view("Gallery"), paintings.map(({ page }) => page), { captions: paintings.map(price) });
      return paintings[0].remark;
    },
    prompt,
    seed,
  );
}

export function guidance_input_panel(panel) {
  const [prompt, seed, w] = ["prompt", "seed", "guidance w"].map((name) => panel.control(name));
  const films = panel.views("Film");
  panel.asks(
    async ({ check, preview }) => {
      const asked = { prompt: prompt.get("value"), seed: seed.get("value"), guidance: w.get("value") };
      const remarks = [];
      for (const [k, name] of [TEACHER, STUDENT].entries()) {
        const painting = await painted(panel, name, asked, { preview });
        check();
        await setFilm(films[k], [painting.page], { labels: [price(painting)], preview: painting.preview });
        remarks.push(painting.remark);
      }
      return remarks[0];
    },
    prompt,
    seed,
    w,
  );
}
