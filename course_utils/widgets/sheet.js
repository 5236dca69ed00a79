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
