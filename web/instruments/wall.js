/** One prompt, many seeds: a wall that fills while it is painted. */
import { setGallery } from "../lesson/pictures.js";

const PAINTER = "picturebook";
const SEEDS = 32;
const SAMPLER = "dpm++ 2m";
const SHOWN = 4; // pages painted between two looks at the wall

export function wall_panel(panel) {
  const [prompt, steps] = [panel.control("prompt"), panel.control("steps")];
  const gallery = panel.view("Gallery");
  panel.asks(
    async ({ check, preview }) => {
      if (preview) return "";
      const painter = await panel.painter(PAINTER);
      const pages = [];
      let remark = "";
      for (let seed = 0; seed < SEEDS; seed++) {
        check();
        const painting = await painter.paint({ prompt: prompt.get("value"), seed, steps: steps.get("value"), sampler: SAMPLER });
        pages.push(painting.page);
        remark = painting.remark;
        if (pages.length % SHOWN) continue;
        check();
        await setGallery(gallery, pages, { captions: pages.map((_, k) => `seed ${k}`) });
      }
      return remark;
    },
    prompt,
    steps,
  );
  gallery.on("change:selected", () => {
    const seed = gallery.get("selected");
    panel.say(seed >= 0 ? `seed ${seed}` : "");
  });
}
