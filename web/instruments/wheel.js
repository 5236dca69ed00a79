/** Pages from one static: three prompts beside each other, and all the mixtures of two. */
import { guesses, inStyle, labels, painted, remarks } from "../lesson/paintings.js";
import { setFilm } from "../lesson/pictures.js";
import { rounded } from "../painter/schedules.js";

const PAINTER = "picturebook";
const MIXTURES = 9;

export function wheel_panel(panel) {
  const films = panel.views("Film");
  const fields = films.map((_, k) => panel.control(String(k + 1)));
  const [seed, style, scrub] = ["seed", "style", "frame"].map((name) => panel.control(name));
  panel.asks(
    async ({ check }) => {
      const painter = await panel.painter(PAINTER);
      const paintings = [];
      for (const [k, film] of films.entries()) {
        check();
        const asked = { prompt: inStyle(fields[k].get("value"), style), seed: seed.get("value") };
        const painting = await painted(panel, PAINTER, asked, { states: true });
        const pages = await guesses(painter, painting, check);
        check();
        await setFilm(film, pages, { labels: labels(painting), title: asked.prompt });
        paintings.push(painting);
      }
      scrub.set("value", scrub.get("max"));
      return remarks(paintings);
    },
    ...fields,
    style,
    seed,
  );
  const chips = panel.views("Button").filter((button) => button.get("description") !== "reset");
  for (const [k, chip] of chips.entries()) {
    chip.on("click", () => fields[k % fields.length].set("value", chip.get("description")));
  }
}

export function blend_panel(panel) {
  const [from, to, seed] = ["from", "to", "seed"].map((name) => panel.control(name));
  const film = panel.view("Film");
  panel.asks(
    async ({ check }) => {
      const paintings = [];
      for (let k = 0; k < MIXTURES; k++) {
        check();
        const blend = k / (MIXTURES - 1);
        const asked = { prompt: from.get("value"), other: to.get("value"), seed: seed.get("value"), blend };
        paintings.push(await painted(panel, PAINTER, asked));
        panel.say(`${k + 1} of ${MIXTURES} mixtures are painted.`);
      }
      check();
      const shares = paintings.map(({ settings }) => `${rounded(100 * settings.blend)}% of the second`);
      await setFilm(film, paintings.map(({ page }) => page), { labels: shares });
      return paintings[0].remark;
    },
    from,
    to,
    seed,
  );
}
