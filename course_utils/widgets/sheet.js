// One encoded sheet of tiles, decoded once.

/** Keep the newest sheet decoded; `changed` is called when another one is ready or cannot be read. */
function makeSheet(model, changed) {
  const state = { bitmap: null, damaged: false, pending: false, key: null, painted: 0 };
  const refresh = () => {
    const bytes = typed(Uint8Array, model.get("sheet"));
    state.key = bytes;
    state.pending = bytes.length > 0;
    if (!bytes.length) {
      state.bitmap = null;
      changed();
      return;
    }
    createImageBitmap(new Blob([bytes], { type: model.get("mime") })).then(
      (bitmap) => {
        if (state.key !== bytes) return;
        state.bitmap?.close();
        Object.assign(state, {
          bitmap,
          damaged: false,
          pending: false,
          painted: state.painted + 1,
          width: model.get("width"),
          height: model.get("height"),
          columns: Math.max(1, model.get("columns")),
          count: model.get("n_frames"),
        });
        changed();
      },
      () => {
        if (state.key !== bytes) return;
        Object.assign(state, { damaged: true, pending: false });
        changed();
      },
    );
  };
  model.on("change:sheet", refresh);
  refresh();
  return {
    state,
    /** Draw tile k over the whole of a context's box. */
    draw: (ctx, k, width, height) => {
      const { columns } = state;
      const [x, y] = [(k % columns) * state.width, Math.floor(k / columns) * state.height];
      ctx.imageSmoothingQuality = "high";
      ctx.drawImage(state.bitmap, x, y, state.width, state.height, 0, 0, width, height);
    },
    stop: () => model.off("change:sheet", refresh),
  };
}

/** A mark over a picture that is being painted anew; it appears after 0.3 s. */
function makeBusy(model) {
  const mark = make("span", "cu-busy", { role: "status" }, "painting…");
  mark.hidden = true;
  let timer = 0;
  const change = () => {
    clearTimeout(timer);
    if (model.get("busy")) timer = setTimeout(() => (mark.hidden = false), 300);
    else mark.hidden = true;
  };
  model.on("change:busy", change);
  change();
  return {
    mark,
    stop: () => {
      clearTimeout(timer);
      model.off("change:busy", change);
    },
  };
}
