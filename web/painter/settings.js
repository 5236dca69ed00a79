/** What can be asked of a painter, checked before anything is computed: course_utils/runcards/settings.py. */
import { CourseError, checkNumber, checkWhole } from "./errors.js";
import { normalise } from "./normalise.js";
import { asSeed } from "./random.js";
import { SAMPLERS } from "./sampling.js";

const MOST_STEPS = 1000;
const MOST_LEFT_OUT = 60; // timesteps at the noisy end that leading spacing may lose to a rounded stride
const MOST_GUIDANCE = 100;
const MOST_WORDS = 50;
const MOST_LETTERS = 2000;

/** What is so where nothing is said; steps and guidance are the painter's own. */
export const DEFAULTS = Object.freeze({
  prompt: "",
  seed: 7,
  negative: "",
  sampler: "ddim",
  rescale: 0,
  interval: [0, 1],
  other: "",
  blend: 0,
  spacing: "trailing",
  bias: 0,
});

/** Settings whole and checked, from some of them and a painter's defaults. Throws `CourseError`. */
export function settingsOf(some, defaults) {
  const unknown = Object.keys(some).filter((name) => !Object.hasOwn({ ...DEFAULTS, ...defaults }, name));
  if (unknown.length) throw new CourseError(`A painter knows no such setting: ${unknown.join(", ")}.`);
  const settings = { ...DEFAULTS, ...defaults, ...some };
  asSeed(settings.seed);
  checkWhole("Steps", settings.steps, 1, MOST_STEPS);
  checkNumber("Guidance", settings.guidance, -MOST_GUIDANCE, MOST_GUIDANCE);
  checkNumber("Rescaling", settings.rescale, 0, 1);
  checkNumber("The share of the other prompt", settings.blend, 0, 1);
  for (const text of [settings.prompt, settings.negative, settings.other]) checkText(text);
  if (!normalise(settings.prompt) && settings.guidance !== 0) {
    throw new CourseError("The prompt is empty: say what to paint, or set guidance to 0 to paint without one.");
  }
  if (settings.blend && !normalise(settings.other)) {
    throw new CourseError("Blending needs another prompt: fill in `other`, or set `blend` to 0.");
  }
  if (!Object.hasOwn(SAMPLERS, settings.sampler)) {
    throw new CourseError(`This page has no sampler '${settings.sampler}'; choose one of ${Object.keys(SAMPLERS).join(", ")}.`);
  }
  checkSpacing(settings);
  const [low, high] = settings.interval;
  checkNumber("The start of the guidance interval", low, 0, 1);
  checkNumber("The end of the guidance interval", high, low, 1);
  return settings;
}

function checkSpacing({ spacing, bias, steps }) {
  if (!["trailing", "leading"].includes(spacing)) {
    throw new CourseError(`Spacing is 'trailing' or 'leading', not '${spacing}'.`);
  }
  checkNumber("Bias", bias, -1, 1);
  if (bias && spacing !== "trailing") {
    throw new CourseError("Only trailing spacing can be told where to spend its steps: leave bias at 0.");
  }
  const leftOut = MOST_STEPS % steps;
  if (spacing === "leading" && leftOut >= MOST_LEFT_OUT) {
    throw new CourseError(
      `With ${steps} steps of leading spacing the noisiest ${leftOut} timesteps would be left out: choose at most ` +
        `${MOST_LEFT_OUT - 1} steps, or trailing spacing.`,
    );
  }
}

function checkText(text) {
  if (typeof text !== "string") throw new CourseError(`A prompt is a piece of text, not ${text}.`);
  const words = text.split(/\s+/).filter(Boolean);
  const found = [
    [words.length, MOST_WORDS, "words"],
    [[...words.join(" ")].length, MOST_LETTERS, "letters"],
  ];
  for (const [count, most, what] of found) {
    if (count > most) {
      throw new CourseError(`A prompt has at most ${most} ${what}; this one has ${count}: shorten it.`);
    }
  }
}
