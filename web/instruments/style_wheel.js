/** One prompt and one static in every style. */
import { painted } from "../lesson/paintings.js";
import { setFilm, setGallery } from "../lesson/pictures.js";

const PAINTER = "picturebook";

export function styles_panel(panel) {
  const [words, seed] = [panel.control("prompt"), panel.control("seed")];
  const [film, wall] = [panel.view("Film"), panel.view("Gallery")];
  const styles = wall.get("captions");
  panel.asks(
    async ({ check }) => {
      const paintings = [];
      for (const style of styles) {
        check();
        const asked = { prompt: `${words.get("value")}, ${style}`, seed: seed.get("value") };
        paintings.push(await painted(panel, PAINTER, asked));
        panel.say(`${paintings.length} of ${styles.length} styles are painted.`);
      }
      check();
      const pages = paintings.map(({ page }) => page);
      await setFilm(film, pages, { labels: styles });
      await setGallery(wall, pages, { captions: styles });
      return paintings[0].remark;
    },
    words,
    seed,
  );
}
