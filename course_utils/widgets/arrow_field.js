const KINDS = [
  { key: "unconditional", words: "without a prompt (u)", sample: "cu-sample cu-dashed" },
  { key: "conditional", words: "with the prompt (c)", sample: "cu-sample" },
  { key: "guided", words: "guided: u + w (c - u)", sample: "cu-sample cu-thick" },
];

/** Starts and ends as coordinates, or null unless all three are there and of one length. */
function readArrows(pointBytes, uBytes, cBytes) {
  const [points, u, c] = [pointBytes, uBytes, cBytes].map((bytes) => typed(Int16Array, bytes));
  if (!points.length || u.length !== points.length || c.length !== points.length) return null;
  return { points, u, c };
}

/** The three sets of arrows in pixels for guidance w. */
function makeArrows({ points, u, c }, w, map) {
  const sets = { unconditional: [], conditional: [], guided: [] };
  for (let i = 0; i < points.length; i += 2) {
    const start = [map.x(points[i]), map.y(points[i + 1])];
    const guided = [u[i] + w * (c[i] - u[i]), u[i + 1] + w * (c[i + 1] - u[i + 1])];
    sets.unconditional.push([...start, map.x(u[i]), map.y(u[i + 1])]);
    sets.conditional.push([...start, map.x(c[i]), map.y(c[i + 1])]);
    sets.guided.push([...start, map.x(guided[0]), map.y(guided[1])]);
  }
  return sets;
}

/** The arrows in words: how many there are, and how long each kind is on average. */
function inWords({ points, u, c }, w) {
  const count = points.length / 2;
  const mean = (end) => {
    let sum = 0;
    for (let i = 0; i < points.length; i += 2) sum += Math.hypot(end(i) - points[i], end(i + 1) - points[i + 1]);
    return (sum / count / POINT_SCALE).toFixed(2);
  };
  const [free, steered, guided] = [(i) => u[i], (i) => c[i], (i) => u[i] + w * (c[i] - u[i])].map(mean);
  return tr("w = {w}: {count} arrows of each kind, on average {free} long without a prompt, {steered} with it, {guided} guided", {
    w: spoken(w), count, free, steered, guided,
  });
}

function render({ model, el }) {
  const title = make("span", "cu-title");
  const chip = make("span", "cu-badge");
  const figure = make("span", "cu-figure-large");
  const canvas = make("canvas", "cu-square", { role: "img" });
  const samples = KINDS.map(({ key, sample }) => make("span", `${sample} cu-arrow-${key}`));
  const entries = KINDS.map(({ words }, i) => make("span", "cu-legend-entry", {}, samples[i], words));
  const root = mount(
    el,
    "cu-arrows",
    make("div", "cu-head", {}, title, chip),
    canvas,
    make("div", "cu-foot", {}, make("div", "cu-legend", {}, ...entries), figure),
  );
  const arrows = remember(readArrows);
  const backdrop = remember(makeBackdrop);
  const stamp = remember(makeStamp);

  const paint = (look, area, ready, accent) => {
    const { ctx, width, height, ratio } = area;
    const map = square(area, model.get("extent"));
    const behind = backdrop(model.get("target"), model.get("extent"), width, height, ratio, look("target"));
    ctx.drawImage(behind, 0, 0, width, height);
    const sets = makeArrows(ready, model.get("w"), map);
    // The bold arrow goes first, so that the thin ones stay visible where they coincide.
    drawArrows(ctx, sets.guided, { colour: look(accent), width: 6, head: 20 });
    drawArrows(ctx, sets.conditional, { colour: look("ink"), width: 2.2, head: 11 });
    drawArrows(ctx, sets.unconditional, { colour: look("muted"), width: 2.2, dash: [6, 5], head: 11 });
    drawPoints(ctx, map, ready.points, 0, ready.points.length / 2, stamp(look("ink"), 4.5, ratio), 1);
  };
  const draw = (look) => {
    const ready = arrows(model.get("points"), model.get("unconditional"), model.get("conditional"));
    const accent = model.get("badge") || "series0";
    write(title, model.get("title"));
    showBadge(chip, model.get("badge"));
    write(figure, `w = ${Number(model.get("w").toFixed(2))}`);
    samples[2].style.color = `var(--cu-${accent})`;
    tell(canvas, model.get("alt") || model.get("title") || tr("arrows"), ready && inWords(ready, model.get("w")));
    if (!ready) {
      placeholder(canvas, look);
      return;
    }
    const area = stage(canvas);
    if (!area) return;
    paint(look, area, ready, accent);
    canvas.dataset.w = model.get("w");
  };
  const data = ["points", "unconditional", "conditional", "target", "w"];
  return live(model, root, [...data, "extent", "badge", "title", "alt"], draw);
}

export default { render };
