// A view that came late still hears its kernel.

/**
 * anywidget gives a model two seconds to load its script. On a busy machine some need longer: they come and are
 * shown, but every message to them is refused from then on, so their pictures never arrive. Whoever is drawn has
 * loaded: where messages are refused let them pass, and ask for what was missed.
 */
function hearKernel(model) {
  const layout = model.get("layout"); // every widget has one of its own, and the manager gives no other name here
  const mend = (one) => {
    if (!one.comm || one.get("layout") !== layout) return;
    const { _handle_comm_msg: hear } = Object.getPrototypeOf(Object.getPrototypeOf(one));
    Promise.resolve(one._handle_comm_msg({ content: { data: {} } })).catch(() => {
      one.comm.on_msg((message) => hear.call(one, message));
      one.comm.send({ method: "request_state" }, {});
    });
  };
  for (const made of Object.values(model.widget_manager?._models ?? {})) made.then(mend).catch(() => {});
}
