/** The form of the front page: what its dials offer for each painter, and what they ask for. */
import { CourseError } from "../painter/errors.js";
import { SAMPLERS } from "../painter/sampling.js";

const SEEDS = 10 ** 6; // another seed is one below this: easy to say aloud

export class Dials {
  #form;
  #list;
  #card = {}; // what a link says besides what there is a dial for

  /** `list` is the page's list of painters; the form shows the first of them at its defaults. */
  constructor(form, list) {
    this.#form = form;
    this.#list = list;
    document.getElementById("painters").append(...Object.entries(list.painters).map(choice));
    this.#dial.sampler.replaceChildren(...Object.keys(SAMPLERS).map((name) => new Option(name)));
    this.#dial.sampler.value = "ddim";
    this.#dial.painter.value = list.first;
    this.fit();
  }

  get #dial() {
    return this.#form.elements;
  }

  /** The chosen painter's name. */
  get painter() {
    return this.#dial.painter.value;
  }

  get #facts() {
    return this.#list.painters[this.painter];
  }

  /** What the dials ask for, and what of a link there is no dial for. */
  get settings() {
    const { prompt, style, seed, steps, guidance, sampler, negative } = this.#dial;
    const { kind } = this.#facts;
    return {
      ...this.#card,
      prompt: style.value ? `${prompt.value}, ${style.value}` : prompt.value,
      seed: /^\d{1,15}$/.test(seed.value) ? Number(seed.value) : seed.value.trim(),
      steps: Number(steps.value),
      guidance: Number(guidance.value),
      ...(kind === "guided" && { sampler: sampler.value }),
      ...(kind !== "leaping" && { negative: negative.value }),
    };
  }

  /** Begin with another prompt. */
  set prompt(text) {
    this.#dial.prompt.value = text;
  }

  /** Begin with another static. */
  reseed() {
    this.#dial.seed.value = String(Math.floor(Math.random() * SEEDS));
  }

  /** Set the dials as a card says, whose prompt says its style itself. Throws `CourseError` for a painter that is not here. */
  take({ painter = this.painter, ...said }) {
    if (!Object.hasOwn(this.#list.painters, painter)) {
      throw new CourseError(`The painter '${painter}' of this link is not on this page.`);
    }
    this.#dial.painter.value = painter;
    this.#dial.style.value = "";
    this.fit();
    const { kind } = this.#facts;
    const dials = ["prompt", "seed", "steps", "guidance"];
    if (kind === "guided") dials.push("sampler");
    if (kind !== "leaping") dials.push("negative");
    for (const name of dials) {
      if (name in said) this.#set(this.#dial[name], said[name]);
      delete said[name];
    }
    this.#card = said;
    this.fit({ keep: true });
  }

  /** Ask for nothing that there is no dial for. */
  forget() {
    this.#card = {};
    this.tell();
  }

  /** Offer what the chosen painter has, at its defaults unless what is set is to be kept. */
  fit({ keep = false } = {}) {
    const { steps, guidance, sampler, negative } = this.#dial;
    const { dial, most_steps: most, defaults, kind } = this.#facts;
    if (!keep) {
      this.#card = {};
      [steps.max, guidance.min, guidance.max, guidance.step] = [most, ...dial, 0.5];
      this.#set(steps, defaults.steps);
      this.#set(guidance, defaults.guidance);
    }
    sampler.closest(".dial").hidden = kind !== "guided";
    negative.closest(".dial").hidden = kind === "leaping";
    this.tell();
  }

  /** Write beside the dials what they are set to. */
  tell() {
    for (const output of this.#form.querySelectorAll("output")) output.value = this.#dial[output.htmlFor.value].value;
    const beyond = document.getElementById("beyond");
    beyond.hidden = !Object.keys(this.#card).length;
    const said = Object.entries(this.#card).map(([name, value]) => `${name} ${value}`);
    beyond.querySelector("span").textContent = `This link also asks for ${said.join(", ")}.`;
  }

  /** Set a dial; a slider makes room for what lies beyond or between its places, so that a link paints what it says. */
  #set(dial, value) {
    if (dial.type === "range") {
      if (value < Number(dial.min)) dial.min = value;
      if (value > Number(dial.max)) dial.max = value;
      if ((value - dial.min) % dial.step) dial.step = "any";
    }
    dial.value = value;
  }
}

function choice([name, { title }]) {
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "painter", value: name });
  const words = document.createElement("span");
  words.append(Object.assign(document.createElement("strong"), { textContent: name }), ` ${title}`);
  const label = document.createElement("label");
  label.append(input, words);
  return label;
}
