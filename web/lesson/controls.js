/** The controls of a panel: ipywidgets' models shown by the browser's own elements. */

/** Make an element with a class, attributes and children. */
export function make(tag, className = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Do something now and whenever one of a model's traits changes. */
function keep(model, traits, act) {
  for (const trait of traits) model.on(`change:${trait}`, act);
  act();
}

/** A control beside its description, which names it. */
function labelled(model, className, control, ...more) {
  const name = make("span", "widget-label");
  keep(model, ["description"], () => {
    name.textContent = model.get("description") ?? "";
    name.hidden = !name.textContent;
    control.setAttribute("aria-label", name.textContent); // without the readout, which stands in the label, too
  });
  keep(model, ["disabled"], () => (control.disabled = Boolean(model.get("disabled"))));
  return make("label", `widget-inline-hbox ${className}`, {}, name, control, ...more);
}

/** A number as a slider's readout shows it: "d", ".2f" and their like. */
function readable(value, format = "d") {
  const digits = /\.(\d)f/.exec(format);
  return digits ? Number(value).toFixed(Number(digits[1])) : String(value);
}

/** Let an <input type="range"> move a model's trait; `told(value)` is its readout. */
function makeSlider(model, trait, limits, told) {
  const input = make("input", "", { type: "range" });
  const readout = make("output", "widget-readout");
  keep(model, [...limits.traits, trait], () => {
    Object.assign(input, limits.read());
    input.value = model.get(trait);
    readout.textContent = told(model.get(trait));
    input.setAttribute("aria-valuetext", readout.textContent);
  });
  input.addEventListener("input", () => {
    readout.textContent = told(Number(input.value));
    if (model.get("continuous_update") === false) return;
    model.moving = true; // a sketch will do, see `Panel.asks`
    model.set(trait, Number(input.value));
  });
  input.addEventListener("change", () => {
    const moved = model.moving;
    model.moving = false;
    model.set(trait, Number(input.value));
    if (moved) model.emit("settled");
  });
  return labelled(model, "widget-slider", input, readout);
}

function numberSlider(model) {
  const read = () => ({ min: model.get("min"), max: model.get("max"), step: model.get("step") ?? 1 });
  const told = (value) => readable(value, model.get("readout_format"));
  return makeSlider(model, "value", { traits: ["min", "max", "step"], read }, told);
}

function selectionSlider(model) {
  const read = () => ({ min: 0, max: model.labels.length - 1, step: 1 });
  return makeSlider(model, "index", { traits: ["_options_labels"], read }, (index) => model.labels[index] ?? "");
}

function dropdown(model) {
  const select = make("select");
  keep(model, ["_options_labels"], () => select.replaceChildren(...model.labels.map((label) => new Option(label))));
  keep(model, ["index", "_options_labels"], () => (select.selectedIndex = model.get("index")));
  select.addEventListener("change", () => model.set("index", select.selectedIndex));
  return labelled(model, "widget-dropdown", select);
}

let lists = 0; // a list of proposals is found by its name, which no other on the page may have

function text(model, type = "text") {
  const input = make("input", "", { type, autocomplete: "off", spellcheck: "false" });
  for (const limit of ["min", "max", "step"]) if (model.get(limit) != null) input[limit] = model.get(limit);
  keep(model, ["placeholder"], () => (input.placeholder = model.get("placeholder")?.trim() ?? ""));
  keep(model, ["value"], () => (input.value = model.get("value")));
  input.addEventListener("change", () => {
    if (type !== "number") model.set("value", input.value);
    else if (input.value.trim() === "" || !input.checkValidity()) input.value = model.get("value");
    else model.set("value", Number(input.value));
  });
  const label = labelled(model, "widget-text", input);
  if (!model.get("options")?.length) return label;
  const list = make("datalist", "", { id: `proposals-${++lists}` }, ...model.get("options").map((one) => new Option(one)));
  input.setAttribute("list", list.id);
  label.append(list);
  return label;
}

function checkbox(model) {
  const input = make("input", "", { type: "checkbox" });
  keep(model, ["value"], () => (input.checked = model.get("value")));
  input.addEventListener("change", () => model.set("value", input.checked));
  const label = labelled(model, "widget-checkbox", input);
  label.prepend(input);
  return label;
}

function makeButton(model, pressed) {
  const button = make("button", "jupyter-button", { type: "button" });
  keep(model, ["description", "disabled", "tooltip", "button_style"], () => {
    button.textContent = model.get("description");
    button.disabled = Boolean(model.get("disabled"));
    button.title = model.get("tooltip") ?? "";
    button.classList.toggle("mod-primary", model.get("button_style") === "primary");
  });
  button.addEventListener("click", pressed);
  return button;
}

function toggle(model) {
  const button = makeButton(model, () => model.set("value", !model.get("value")));
  keep(model, ["value"], () => {
    button.setAttribute("aria-pressed", model.get("value"));
    button.classList.toggle("mod-active", model.get("value"));
  });
  return button;
}

function toggles(model) {
  const group = make("span", "widget-toggle-buttons", { role: "group", "aria-label": model.get("description") });
  keep(model, ["_options_labels"], () =>
    group.replaceChildren(
      ...model.labels.map((label, k) => {
        const button = make("button", "jupyter-button", { type: "button" }, label);
        button.title = model.get("tooltips")?.[k] ?? "";
        button.addEventListener("click", () => model.set("index", k));
        return button;
      }),
    ),
  );
  keep(model, ["index", "_options_labels", "disabled"], () =>
    [...group.children].forEach((button, k) => {
      button.disabled = Boolean(model.get("disabled"));
      button.setAttribute("aria-pressed", k === model.get("index"));
      button.classList.toggle("mod-active", k === model.get("index"));
    }),
  );
  const name = make("span", "widget-label", {}, model.get("description") ?? "");
  return make("div", "widget-inline-hbox", {}, name, group);
}

/** Play and pause; `value` runs from `min` to `max` by `step`, one step in `interval` milliseconds. */
function play(model) {
  let timer = 0;
  const button = make("button", "jupyter-button", { type: "button" });
  const tick = () => {
    const [value, step, last] = ["value", "step", "max"].map((name) => model.get(name));
    if (value >= last) model.set("playing", false);
    else model.set("value", Math.min(value + step, last));
  };
  keep(model, ["playing", "interval"], () => {
    clearInterval(timer);
    if (model.get("playing")) timer = setInterval(tick, model.get("interval"));
    button.textContent = model.get("playing") ? "⏸" : "▶";
    button.setAttribute("aria-label", model.get("playing") ? "pause" : "play");
  });
  keep(model, ["disabled"], () => (button.disabled = Boolean(model.get("disabled"))));
  button.addEventListener("click", () => {
    if (!model.get("playing") && model.get("value") >= model.get("max")) model.set("value", model.get("min"));
    model.set("playing", !model.get("playing"));
  });
  return button;
}

function prose(model, className, trait, how) {
  const element = make("div", className);
  keep(model, [trait], () => (element[how] = model.get(trait) ?? ""));
  return element;
}

/** How each kind of control is shown; boxes are made by whoever shows what is in them. */
export const CONTROLS = {
  BoundedIntText: (model) => text(model, "number"),
  Button: (model) => makeButton(model, () => model.emit("click")),
  Checkbox: checkbox,
  Combobox: text,
  Dropdown: dropdown,
  FloatSlider: numberSlider,
  FloatText: (model) => text(model, "number"),
  HTML: (model) => prose(model, "widget-html", "value", "innerHTML"),
  IntSlider: numberSlider,
  Label: (model) => prose(model, "widget-label", "value", "textContent"),
  Play: play,
  SelectionSlider: selectionSlider,
  Text: (model) => text(model),
  ToggleButton: toggle,
  ToggleButtons: toggles,
};
