/** One static in three universes: guidance too weak, yours, cranked to the max. */
import { inStyle, painted } from "../lesson/paintings.js";
import { setFilm } from "../lesson/pictures.js";

const PAINTER = "picturebook";
const [WEAK, MAX] = [0.5, 15];
const NAMES = ["too weak", "yours", "cranked to the max"];

export function page_universes_panel(panel) {
  const [prompt, style, seed, w] = ["prompt", "style", "seed", "guidance w of the middle one"].map((name) => panel.control(name));
  const [rescale, interval] = ["rescale by 0.7", "guide only the middle 60 % of the steps"].map((name) => panel.control(name));
  const films = panel.views("Film");
  panel.asks(
    async ({ check, preview }) => {
      const asked = { prompt: inStyle(prompt.get("value"), style), seed: seed.get("value") };
      const middle = {
        ...asked,
        guidance: w.get("value"),
        rescale: rescale.get("value") ? 0.7 : 0,
        interval: interval.get("value") ? [0.2, 0.8] : [0, 1],
      };
      const wanted = [{ ...asked, guidance: WEAK }, middle, { ...asked, guidance: MAX }];
      let remark = "";
      for (const k of [1, 0, 2]) {
        const painting = await painted(panel, PAINTER, wanted[k], { preview: preview && k === 1 });
        check();
        const title = `${NAMES[k]}: w = ${wanted[k].guidance}`;
        await setFilm(films[k], [painting.page], { title, labels: [asked.prompt], preview: painting.preview });
        remark ||= painting.remark;
      }
      return remark;
    },
    prompt,
    style,
    seed,
    w,
    rescale,
    interval,
  );
}
