/** The painter: prompt in, picture out, every state on the way; course_utils/painters/painter.py in the page. */
import { mayReplace } from "./agreement.js";
import { Watch } from "./attention.js";
import { Canvas } from "./canvas.js";
import { CourseError } from "./errors.js";
import { classifierFreeGuidance, guidanceNumbers } from "./guidance.js";
import { remark, unknownWords } from "./normalise.js";
import { fromPage, toPage } from "./pixels.js";
import { Generator } from "./random.js";
import { LEAPS, SAMPLERS, initialState } from "./sampling.js";
import { biased, distilled, even, leading, ofCheckpoint, straight, trailing } from "./schedules.js";
import { settingsOf } from "./settings.js";
import { TextEncoder } from "./text_encoder.js";

/** A painter guided by two passes a step: U-Net, eps prediction. */
class Guided {
  /** `facts` are what the list of files says of it. */
  constructor(name, facts, engine, cutter) {
    Object.assign(this, { name, facts, engine });
    this.text = new TextEncoder(engine, cutter, facts.words);
    this.path = this.schedule();
  }

  schedule() {
    return ofCheckpoint(this.facts.schedule);
  }

  /** Settings whole and checked, from some of them. Throws `CourseError`. */
  settings(some) {
    const settings = settingsOf(some, this.facts.defaults);
    this.validate(settings);
    this.route(settings);
    return settings;
  }

  /** Throw `CourseError` for settings that this painter has no part for. */
  validate() {}

  /** Sampler and timesteps. */
  route({ sampler, steps, spacing, bias }) {
    if (bias) return { sampler: SAMPLERS[sampler], timesteps: biased(steps, bias) };
    return { sampler: SAMPLERS[sampler], timesteps: { trailing, leading }[spacing](steps) };
  }

  /** Settings for a sketch in so many steps: above w = 1 only its first ones are guided. */
  sketched(settings, steps) {
    const [low, high] = settings.interval;
    const whole = low === 0 && high === 1 && settings.guidance > 1;
    return { ...settings, steps, ...(whole && { interval: [0, this.facts.early] }) };
  }

  /** Whether words and places look at each other. */
  get joint() {
    return false;
  }

  /** How many prompts it asks about in a guided step. */
  get sides() {
    return 2;
  }

  /** The numbers by which it is told the guidance, or null. */
  told() {
    return null;
  }

  /** The time as the network counts it. */
  index(t) {
    return t - 1;
  }

  /** The `predict(x, t)` of settings; it counts its `evaluations`. */
  async predictor(settings, watch = null) {
    const conditional = await this.text.conditioning(settings);
    const unconditional = await this.text.encode(settings.negative);
    const model = (x, t, sides) => this.engine.predict(x, this.index(t), sides, this.told(settings), watch);
    return classifierFreeGuidance(model, conditional, unconditional, settings);
  }

  /**
   * Paint: {page (RGBA), latent, evaluations, milliseconds, remark, trajectory, attention}.
   *
   * `canvas` is {page, strength, hole} to start from instead of static; `check()` is awaited after every step,
   * and what it throws ends the painting; `seen(state, steps)` receives every state. With `watched` the
   * attention maps come along, {pieces, start, side, maps}.
   */
  async paint(some, { canvas = null, check = async () => {}, seen = () => {}, watched = false } = {}) {
    const settings = this.settings(some);
    const { sampler, timesteps: all } = this.route(settings);
    const generator = new Generator(settings.seed);
    const noise = generator.normal(this.size);
    const watch = watched ? new Watch(this.facts.tokens.room, this.joint) : null;
    const began = performance.now();
    let predict = await this.predictor(settings, watch && ((layers) => watch.add(layers)));
    const count = predict;
    let x = initialState(sampler, noise, all[0], this.path);
    let timesteps = all;
    if (canvas) {
      const start = new Canvas(await this.encodeImage(canvas.page), this.facts.shape, canvas.strength, canvas.hole);
      [timesteps, x] = start.begin(x, noise, all, this.path);
      predict = start.around(predict, this.path);
    }
    let last;
    for await (const state of sampler.walk(predict, x, timesteps, this.path, generator)) {
      last = state;
      if (state.t > 0) await check();
      seen(state, timesteps.length - 1);
    }
    const page = await this.decode(last.x);
    return {
      page,
      latent: last.x,
      evaluations: count.evaluations,
      milliseconds: performance.now() - began,
      remark: this.remark(settings, count.evaluations),
      settings,
      painter: this.name,
      attention: watch && { ...this.text.pieces(settings.prompt), side: watch.side, maps: watch.maps },
    };
  }

  /** How many numbers a latent has. */
  get size() {
    return this.facts.shape.reduce((product, side) => product * side);
  }

  /** Let another engine take over where it agrees with this one, and is quicker; whether it did. */
  async tryEngine(candidate) {
    const t = this.route(settingsOf({ prompt: "a page" }, this.facts.defaults)).timesteps[0];
    const x = new Generator(7).normal(this.size);
    const sides = [await this.text.encode(""), await this.text.encode("a page")].slice(0, this.sides);
    const told = this.told(this.facts.defaults);
    const better = await mayReplace(this.engine, candidate, { x, index: this.index(t), sides, told });
    if (better) this.engine = candidate;
    return better;
  }

  /** Latents as a page, RGBA. */
  async decode(latents) {
    return toPage(await this.engine.decode(latents));
  }

  /** A page, RGBA, as latents. */
  async encodeImage(page) {
    const { side } = this.facts;
    if (page.length !== 4 * side * side) throw new CourseError(`A page is ${side} x ${side} pixels.`);
    return this.engine.encode(fromPage(page));
  }

  /** One sentence on what of a request has no say, or "". */
  remark(settings, evaluations) {
    const texts = [settings.prompt, settings.negative, settings.other];
    const unknown = this.text.words ? unknownWords(texts.join(" "), this.text.words) : [];
    const dropped = texts.flatMap((text) => this.text.heard(text).dropped);
    return remark(unknown, dropped, [...idle(settings), ...unmoved(evaluations)]);
  }
}

/** The distilled one: one to a few jumps, each a single pass; guidance goes in as a number. */
class Leaping extends Guided {
  validate({ guidance, negative, rescale, interval }) {
    const [weakest, strongest] = this.facts.dial;
    if (!(guidance >= weakest && guidance <= strongest)) {
      throw new CourseError(
        `The fast painter learned guidance from ${weakest} to ${strongest}, not ${guidance}: choose a number in between.`,
      );
    }
    if (negative || rescale || interval[0] !== 0 || interval[1] !== 1) {
      throw new CourseError(
        "The fast painter makes one prediction a step, and a negative prompt, rescaling and an interval need two: " +
          "its teacher, picturebook, has them.",
      );
    }
  }

  route({ sampler, steps, spacing, bias }) {
    if (sampler !== "ddim" || spacing !== "trailing" || bias) {
      throw new CourseError(
        "The fast painter only paints with the sampler it was distilled for: leave sampler, spacing and bias as they are.",
      );
    }
    const levels = this.facts.schedule.original_inference_steps;
    if (steps > levels) throw new CourseError(`The fast painter takes 1 to ${levels} steps, not ${steps}.`);
    return { sampler: LEAPS, timesteps: distilled(steps, levels) };
  }

  sketched(settings, steps) {
    return { ...settings, steps }; // guidance costs it nothing
  }

  get sides() {
    return 1;
  }

  told({ guidance }) {
    return guidanceNumbers(guidance, this.facts.guidance_width);
  }

  async predictor(settings, watch = null) {
    const conditional = await this.text.conditioning(settings);
    const told = this.told(settings);
    const predict = async (x, t) => {
      predict.evaluations += 1;
      return (await this.engine.predict(x, this.index(t), [conditional], told, watch))[0];
    };
    predict.evaluations = 0;
    return predict;
  }
}

/** The painter of now: a transformer on a straight path. */
class Straight extends Guided {
  schedule() {
    return straight();
  }

  get joint() {
    return true;
  }

  index(t) {
    return t;
  }

  route({ sampler, steps, spacing, bias }) {
    if (!["ddim", "euler"].includes(sampler) || spacing !== "trailing") {
      throw new CourseError(
        "This painter follows its straight path in Euler steps: choose the sampler euler and trailing spacing.",
      );
    }
    return { sampler: SAMPLERS.ddim, timesteps: bias ? biased(steps, bias) : even(steps) };
  }
}

const KINDS = { guided: Guided, leaping: Leaping, straight: Straight };

/** The painter of a list's entry. */
export function painterOf(name, facts, engine, cutter) {
  return new KINDS[facts.kind](name, facts, engine, cutter);
}

/** What guidance makes of a negative prompt, where it is not what people expect. */
function idle({ negative, guidance }) {
  if (!negative.trim() || guidance > 1) return [];
  if (guidance === 1) return ["the negative prompt has no effect at w = 1, only above it"];
  return ["below w = 1 the page is steered towards the negative prompt, not away from it"];
}

function unmoved(evaluations) {
  if (evaluations) return [];
  return ["0 evaluations: at so low a strength no step is taken, and the page stays as it was"];
}
