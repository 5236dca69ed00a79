/** The folder of the notebook that shows a view, as the server names it; undefined outside JupyterLab. */
function folderOf(model) {
  const path = model.widget_manager?.context?.path;
  return path === undefined ? undefined : path.split(":").pop().replace(/[^/]*$/, "");
}

/** Let a link to another notebook open it beside this one in JupyterLab; elsewhere in another tab. */
function leadTo(link, file, model) {
  const folder = folderOf(model);
  link.href = file;
  link.target = "_blank";
  if (folder === undefined) return;
  link.dataset.commandlinkerCommand = "rendermime:handle-local-link";
  link.dataset.commandlinkerArgs = JSON.stringify({ path: folder + file });
}

function render({ model, el }) {
  const list = make("ol", "cu-path");
  const onward = make("button", "cu-onward", { type: "button" });
  const link = make("a", "cu-onward");
  const where = make("span", "cu-label", { role: "status" });
  const note = make("p", "cu-label");
  const foot = make("div", "cu-note", {}, onward, link, where);
  const root = mount(el, "cu-strip", list, foot, note);
  root.setAttribute("role", "navigation");

  /** The card on this page that comes next, if the page holds it. */
  const find = ({ kind, key, wordings = [key] }) => {
    const page = root.closest(".jp-Notebook") ?? document;
    const [cards, name] = kind === "guess" ? [".cu-guess", "question"] : ["[data-stop]", "stop"];
    return [...page.querySelectorAll(cards)].find(({ dataset }) => wordings.includes(dataset[name]));
  };
  onward.addEventListener("click", () => {
    const next = model.get("onward");
    const there = find(next);
    there?.scrollIntoView({ block: "center" });
    there?.focus({ preventScroll: true });
    write(where, there ? "" : tr("It stands under “{section}”: run the cells down to there.", next));
  });

  const entry = ({ title, file, done, total, here }) => {
    const name = make(here ? "b" : "a", "", here ? { "aria-current": "page" } : {}, title);
    if (!here) leadTo(name, file, model);
    const count = make("span", "cu-label", {}, total ? tr("{done} of {total}", { done, total }) : "");
    const bar = make("span", "cu-share", { "aria-hidden": "true" }, make("span"));
    bar.firstChild.style.width = `${total ? (100 * done) / total : 0}%`;
    return make("li", here ? "cu-here" : "", {}, name, count, bar);
  };
  const draw = () => {
    list.replaceChildren(...model.get("notebooks").map(entry));
    const next = model.get("onward");
    write(onward, next.key ? tr("continue here: {words}", next) : "");
    write(link, next.file ? tr("go on: {words}", next) : "");
    if (next.file) leadTo(link, next.file, model);
    write(where, next.words ? "" : tr("All done: every guess is made, and every challenge reached."));
    write(note, model.get("note"));
    root.setAttribute("aria-label", model.get("alt") || tr("Your way through the course"));
  };
  return live(model, root, ["notebooks", "onward", "note", "alt"], draw);
}

export default { render };
