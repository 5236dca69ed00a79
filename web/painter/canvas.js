/** Starting from a page instead of static: image-to-image (Meng 2022, SDEdit) and repainting a hole. */
import { blended, masked } from "./arrays.js";
import { CourseError, checkNumber } from "./errors.js";
import { rounded } from "./schedules.js";

export class Canvas {
  /**
   * `clean` is a page's latent; `strength` (0..1) how far it is drowned before painting begins; `hole` (h * w
   * numbers, not 0 where new paint goes) keeps the rest as it was, null repaints all. `shape` is the latent's.
   */
  constructor(clean, shape, strength = 1, hole = null) {
    checkNumber("Strength", strength, 0, 1);
    const [, height, width] = shape;
    if (hole && hole.length !== height * width) {
      throw new CourseError(`A hole has one value for each place of the latent, ${height} x ${width}, not ${hole.length}.`);
    }
    if (hole && !hole.some(Boolean)) {
      throw new CourseError("Nothing is marked yet: brush over the part of the page to repaint.");
    }
    Object.assign(this, { clean, strength, hole });
  }

  /** The timesteps still to go, and what to begin with there. `x` is what a painting from static begins with. */
  begin(x, noise, timesteps, path) {
    const steps = timesteps.length - 1;
    const rest = timesteps.slice(steps - rounded(this.strength * steps));
    const [signal, level] = path.levels(rest[0]);
    const drowned = blended(signal, this.clean, level, noise);
    if (rest.length < timesteps.length) return [rest, drowned];
    return [rest, this.hole ? masked(this.hole, x, drowned) : x];
  }

  /** The same model, but that it knows the page outside the hole: there the walk ends in the page. */
  around(predict, path) {
    if (!this.hole) return predict;
    return async (x, t) => masked(this.hole, await predict(x, t), path.prediction(x, this.clean, t));
  }
}
