// A notebook that was saved with its panels opens with them.

const STATE = "application/vnd.jupyter.widget-state+json";
const VIEW = "application/vnd.jupyter.widget-view+json";

/** The names of all models that something saved speaks of. */
const mentioned = (saved) =>
  [...JSON.stringify(saved ?? null).matchAll(/(?:IPY_MODEL_|"model_id":")([\w-]+)/g)].map(([, name]) => name);

/** Of all saved models those that the notebook's cells show, with all that belongs to them. */
function shown(models, cells) {
  const kept = {};
  const visit = (name) => {
    if (kept[name] || !models[name]) return;
    kept[name] = models[name];
    mentioned(models[name].state).forEach(visit);
  };
  for (const { outputs } of cells) for (const { data } of outputs ?? []) visit(data?.[VIEW]?.model_id);
  // Nobody speaks of a link: it speaks of what it links.
  for (const [name, model] of Object.entries(models))
    if (model.model_name.endsWith("LinkModel") && mentioned(model.state).every((end) => kept[end])) kept[name] = model;
  return kept;
}

/**
 * Save the widgets with the notebook. JupyterLab does so only where its settings say so, and then only for
 * widgets with a kernel: of a notebook opened, run in part and saved it would lose the rest.
 */
function keepWidgets(manager) {
  const context = manager?.context;
  const done = Symbol.for("course_utils.keepWidgets");
  if (!context?.model?.setMetadata || !context.saveState || context[done]) return;
  context[done] = true;
  let models = context.model.getMetadata("widgets")?.[STATE]?.state ?? {};
  const collect = () => {
    const { state, ...version } = manager.get_state_sync({ drop_defaults: true });
    models = { ...models, ...state };
    return version;
  };
  context.saveState.connect((_context, phase) => {
    if (phase !== "started") return;
    const version = collect();
    const state = shown(models, context.model.toJSON().cells);
    context.model.setMetadata("widgets", { [STATE]: { ...version, state } });
  });
  context.sessionContext.statusChanged.connect((_session, status) => {
    if (status === "restarting") collect(); // a moment later the widgets have no kernel
  });
}
