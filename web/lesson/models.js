/** The models of a notebook's saved widgets: what anywidget's views and the page's controls read and write. */

/** Traits with listeners, as the front end of a notebook has them; nobody else needs to be told. */
export class Model {
  #traits;
  #listeners = new Map();

  constructor({ kind, traits, layout = {}, classes = [] }) {
    Object.assign(this, { kind, layout, classes, moving: false });
    this.#traits = { ...traits };
  }

  get(name) {
    return this.#traits[name];
  }

  /** Set one trait, or several at once: listeners hear when all of them are set. */
  set(name, value) {
    const wanted = typeof name === "string" ? { [name]: value } : name;
    const changed = Object.keys(wanted).filter((one) => this.#traits[one] !== wanted[one]);
    Object.assign(this.#traits, wanted);
    for (const one of changed) this.emit(`change:${one}`, wanted[one]);
    if (changed.length) this.emit("change");
  }

  save_changes() {}

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
  }

  off(event, listener) {
    if (listener) this.#listeners.get(event)?.delete(listener);
    else this.#listeners.delete(event);
  }

  emit(event, ...said) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...said);
  }

  /** What a view sends to the kernel goes to whoever listens in the page. */
  send(content, _callbacks, buffers = []) {
    this.emit("sent", content, buffers);
  }
}

/** A choice of several: its `value` is the label of its `index`. */
class Choice extends Model {
  constructor(saved) {
    super(saved);
    this.set("index", this.get("index") ?? null);
  }

  get labels() {
    return this.get("_options_labels");
  }

  set(name, value) {
    const wanted = typeof name === "string" ? { [name]: value } : { ...name };
    const labels = wanted._options_labels ?? this.labels;
    if ("value" in wanted) wanted.index = labels.indexOf(wanted.value);
    if ("index" in wanted) wanted.value = labels[wanted.index] ?? null;
    super.set(wanted);
  }
}

/** The bytes that a text in base64 stands for. */
export const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** Traits with their bytes, [path, base64], where a notebook saves them apart. */
export function whole(traits, buffers) {
  const found = structuredClone(traits);
  for (const [path, text] of buffers) {
    const home = path.slice(0, -1).reduce((part, name) => (part[name] ??= {}), found);
    home[path.at(-1)] = bytes(text);
  }
  return found;
}

/** All models of a page by their names. */
export function modelsOf(saved) {
  const found = Object.entries(saved).map(([name, { buffers = [], traits, ...one }]) => {
    const Kind = traits._options_labels ? Choice : Model;
    return [name, new Kind({ ...one, traits: whole(traits, buffers) })];
  });
  return new Map(found);
}

/** Let traits follow each other: [source, trait, target, trait, whether both ways]. */
export function join(models, links) {
  for (const [source, from, target, to, both] of links) {
    const [one, other] = [models.get(source), models.get(target)];
    const forth = () => other.set(to, one.get(from));
    forth();
    one.on(`change:${from}`, forth);
    if (both) other.on(`change:${to}`, () => one.set(from, other.get(to)));
  }
}
