/** One prompt and static at many numbers of steps, with what each cost. */
import { counted, painted, seconds } from "../lesson/paintings.js";
import { setGallery } from "../lesson/pictures.js";

const PAINTER = "picturebook";
const COUNTS = [1, 2, 3, 5, 10, 20, 60];

export function sheet_panel(panel) {
  const [prompt, seed, sampler] = ["prompt", "seed", "sampler"].map((name) => panel.control(name));
  panel.asks(
    async ({ check }) => {
      const asked = { prompt: prompt.get("value"), seed: seed.get("value"), sampler: sampler.get("value") };
      const paintings = [];
      for (const steps of COUNTS) {
        check();
        panel.say(`Painting in ${counted(steps, "step")}.`);
        paintings.push(await painted(panel, PAINTER, { ...asked, steps }));
      }
      check();
      const captions = paintings.map((one, k) => `${counted(COUNTS[k], "step")}, ${counted(one.evaluations, "evaluation")}, ${seconds(one)}`);
      await setGallery(panel.view("Gallery"), paintings.map(({ page }) => page), { captions });
      return paintings[0].remark;
    },
    prompt,
    seed,
    sampler,
  );
}
