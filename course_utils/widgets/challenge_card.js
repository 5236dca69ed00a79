const SIGNS = { [N_("not tried")]: "○", [N_("not yet")]: "◐", [N_("reached")]: "●" };

function render({ model, el }) {
  const title = make("div", "cu-title");
  const state = make("span", "cu-standing");
  const task = make("p", "cu-task");
  const record = make("p", "cu-label");
  const working = make("p", "cu-label", { role: "status" }, tr("The judge is at work …"));
  const said = make("p", "cu-judged");
  const picture = make("img", "cu-evidence");
  const outcome = make("div", "", { "aria-live": "polite" }, said);
  const hints = make("ol", "cu-hints", { "aria-label": tr("hints"), "aria-live": "polite" });
  const code = make("code");
  const solution = make("div", "", {}, make("div", "cu-label", {}, tr("One solution:")), make("pre", "", {}, code));
  const head = make("div", "cu-head", {}, title, state);
  const root = mount(el, "cu-challenge", head, task, record, working, outcome, picture, hints, solution);
  root.tabIndex = -1; // "continue here" leads to it
  root.setAttribute("role", "group");

  let address = "";
  const show = remember((bytes) => {
    URL.revokeObjectURL(address);
    const data = typed(Uint8Array, bytes);
    address = data.length ? URL.createObjectURL(new Blob([data])) : "";
    picture.hidden = !address;
    if (address) picture.src = address;
  });
  const list = remember((texts) => hints.replaceChildren(...texts.map((text) => make("li", "", {}, ...prose(text)))));
  let timer = 0;
  const wait = remember((busy) => {
    clearTimeout(timer);
    working.hidden = true;
    if (busy) timer = setTimeout(() => (working.hidden = false), 300); // what is quicker needs no word
    root.setAttribute("aria-busy", busy);
  });
  const draw = () => {
    write(title, model.get("title"));
    write(state, `${SIGNS[model.get("state")]} ${tr(model.get("state"))}`);
    task.replaceChildren(...prose(model.get("task")));
    write(record, model.get("record"));
    said.replaceChildren(...prose(model.get("said")));
    said.hidden = !model.get("said");
    picture.alt = model.get("picture_alt");
    show(model.get("picture"));
    list(model.get("hints"));
    hints.hidden = !model.get("hints").length;
    write(code, model.get("solution"));
    solution.hidden = !model.get("solution");
    wait(model.get("busy"));
    root.dataset.stop = model.get("name");
    root.dataset.state = model.get("state");
    root.setAttribute("aria-label", model.get("alt"));
  };
  const traits = ["name", "title", "task", "state", "said", "record", "hints", "solution", "picture"];
  const stop = () => {
    clearTimeout(timer);
    URL.revokeObjectURL(address);
  };
  return live(model, root, [...traits, "picture_alt", "busy", "alt"], draw, stop);
}

export default { render };
