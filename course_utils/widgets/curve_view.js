/** The value of a curve at `at`, read off the line as drawn (also on a log axis); null outside it. */
function valueAt(curve, at, x, y) {
  const last = curve.x.length - 1;
  if (last < 0 || at < curve.x[0] || at > curve.x[last]) return null;
  const next = curve.x.findIndex((value) => value >= at);
  if (curve.x[next] === at) return curve.y[next];
  const [before, after] = [x(curve.x[next - 1]), x(curve.x[next])];
  const part = (x(at) - before) / (after - before);
  const [from, to] = [y(curve.y[next - 1]), y(curve.y[next])];
  return y.back(from + part * (to - from));
}

/** Ranges of both axes: as asked, else around all that is drawn. */
function ranges(model, series, reference) {
  const [xLog, yLog] = [model.get("x_log"), model.get("y_log")];
  const xs = series.flatMap((curve) => curve.x);
  const ys = series.flatMap((curve) => [
    ...curve.y,
    ...curve.err.flatMap((err, i) => [curve.y[i] - err, curve.y[i] + err]),
  ]);
  return {
    x: model.get("x_range") ?? rangeOf(xs, xLog, series.some((curve) => curve.points) ? 0.04 : 0),
    y: model.get("y_range") ?? rangeOf([...ys, ...reference.map((line) => line.y)], yLog),
  };
}

const NAME_AT = 30; // pixels from the plot to the names beside it; their marks stand between

/** Where the plot lies in the canvas; names at the ends of lines get room, or a legend where they cannot. */
function layout(ctx, look, model, series, width, height) {
  const size = look.size("base");
  ctx.font = typeface(size, 600);
  const names = Math.max(0, ...series.map((curve) => ctx.measureText(curve.name).width)) + NAME_AT + 6;
  const direct = series.length > 0 && names < width * 0.26 && series.length * size * 1.3 < height - 120;
  const top = model.get("y_label") ? size * 1.9 : 12;
  const bottom = height - 12 - size * (model.get("x_label") ? 2.6 : 1.2);
  return { direct, box: { left: 64, top, right: width - (direct ? names : 18), bottom } };
}

function drawErrors(ctx, curve, x, y, colour, box) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 2;
  ctx.setLineDash([]);
  ctx.beginPath();
  curve.err.forEach((err, i) => {
    const at = x(curve.x[i]);
    const low = curve.y[i] - err;
    const bottom = y.log && low <= 0 ? box.bottom : y(low);
    const top = y(curve.y[i] + err);
    ctx.moveTo(at, bottom);
    ctx.lineTo(at, top);
    for (const end of [bottom, top]) {
      ctx.moveTo(at - 5, end);
      ctx.lineTo(at + 5, end);
    }
  });
  ctx.stroke();
}

// Horizontal lines; their names stand in the legend, where no curve runs through them.
const referenceDash = (k) => REFERENCES[k % REFERENCES.length];

function drawReferences(ctx, look, lines, y, box) {
  ctx.strokeStyle = look("muted");
  ctx.lineWidth = 2.5;
  lines.forEach((line, k) => {
    ctx.setLineDash(referenceDash(k));
    ctx.beginPath();
    ctx.moveTo(box.left, y(line.y));
    ctx.lineTo(box.right, y(line.y));
    ctx.stroke();
  });
}

/** Names beside the ends of their lines, moved apart where they would touch. */
function drawNames(ctx, look, series, style, y, box) {
  const gap = look.size("base") * 1.25;
  const ends = series
    .map((curve, k) => ({ curve, mark: style[k].mark, last: curve.y[curve.y.length - 1] }))
    .filter(({ last }) => last !== undefined)
    .map((end) => ({ ...end, y: clamp(y(end.last), box.top, box.bottom) }));
  ctx.font = typeface(look.size("base"), 600);
  ctx.textAlign = "left";
  ctx.textBaseline = "middle";
  for (const { curve, mark, y: at } of spread(ends, gap, box.top, box.bottom)) {
    const colour = look(curve.role);
    if (mark !== null) drawMark(ctx, look, box.right + NAME_AT - 13, at, 5.5, colour, mark);
    ctx.fillStyle = colour;
    ctx.fillText(curve.name, box.right + NAME_AT, at);
  }
}

function drawMarker(ctx, look, series, x, y, box, marker, draggable) {
  const at = x(marker);
  ctx.strokeStyle = look("ink");
  ctx.lineWidth = 2;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(at, box.top);
  ctx.lineTo(at, box.bottom);
  ctx.stroke();
  if (draggable) drawDot(ctx, look, at, box.bottom, 9, look("ink"));
  const values = series
    .map((curve) => ({ curve, value: valueAt(curve, marker, x, y) }))
    .filter(({ value }) => Number.isFinite(value))
    .map((entry) => ({ ...entry, y: clamp(y(entry.value), box.top, box.bottom) }));
  for (const { curve, y: height } of values) drawDot(ctx, look, at, height, 7, look(curve.role));
  const size = look.size("base");
  ctx.font = typeface(size, 600);
  ctx.textBaseline = "middle";
  const widest = Math.max(0, ...values.map(({ value }) => ctx.measureText(number(value)).width));
  const right = at + 18 + widest < box.right;
  ctx.textAlign = right ? "left" : "right";
  for (const { curve, value, y: height } of spread(values, size * 1.25, box.top + 10, box.bottom - 10)) {
    ctx.fillStyle = look(curve.role);
    haloText(ctx, look, number(value), at + (right ? 14 : -14), height);
  }
}

/** A curve in words: its ends, and its highest and lowest place where they lie between. */
function inWords({ name, x, y }) {
  const last = x.length - 1;
  if (last < 0) return "";
  const place = (word, k) => (k > 0 && k < last ? tr(word, { value: spoken(y[k]), at: spoken(x[k]) }) : "");
  const [top, bottom] = [Math.max, Math.min].map((extreme) => y.indexOf(extreme(...y)));
  const way = tr("{name}: from {first} at {low} to {final} at {high}", {
    name, first: spoken(y[0]), low: spoken(x[0]), final: spoken(y[last]), high: spoken(x[last]),
  });
  return way + place(N_(", highest {value} at {at}"), top) + place(N_(", lowest {value} at {at}"), bottom);
}

/** What stands beside the marker, in words. */
function markerInWords(series, marker, x, y) {
  const values = series
    .map((curve) => [curve.name, valueAt(curve, marker, x, y)])
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => `${name} ${spoken(value)}`);
  return tr("at {at}: {values}", { at: spoken(marker), values: values.join(", ") });
}

function render({ model, el }) {
  const title = make("div", "cu-title");
  const legend = make("div", "cu-legend");
  const canvas = make("canvas", "cu-chart", { role: "img" });
  const root = mount(el, "cu-curves", make("div", "cu-head", {}, title, legend), canvas);
  let shownAxis = null;

  const showLegend = remember((series, reference, direct) => {
    const entry = (name, role, style) => {
      const sample = makeSample(style);
      sample.style.color = `var(--cu-${role})`;
      return make("span", "cu-legend-entry", {}, sample, name);
    };
    const style = series.map(styleOf);
    const curves = direct ? [] : series.map((curve, k) => entry(curve.name, curve.role, style[k]));
    legend.replaceChildren(
      ...curves,
      ...reference.map((line, k) => entry(line.name, "muted", { dash: referenceDash(k) })),
    );
    legend.hidden = !legend.childElementCount;
  });
  const draw = (look) => {
    const series = model.get("series");
    const reference = model.get("reference");
    write(title, model.get("title"));
    const lines = reference.map(({ name, y }) => tr("{name} lies at {value}", { name, value: spoken(y) }));
    tell(canvas, model.get("alt") || model.get("title") || tr("a chart"), ...series.map(inWords), ...lines);
    const area = stage(canvas);
    if (!area) return;
    if (!series.some((curve) => curve.x.length)) {
      legend.hidden = true;
      tellPlace(canvas, [0, 0]);
      placeholder(canvas, look);
      return;
    }
    const { ctx, width, height } = area;
    const { direct, box } = layout(ctx, look, model, series, width, height);
    const range = ranges(model, series, reference);
    const x = axis(range.x, box.left, box.right, model.get("x_log"));
    const y = axis(range.y, box.bottom, box.top, model.get("y_log"));
    const style = series.map(styleOf);
    showLegend(series, reference, direct);
    drawAxes(ctx, look, box, x, y, { xLabel: model.get("x_label"), yLabel: model.get("y_label") });
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left - 8, box.top - 8, box.right - box.left + 16, box.bottom - box.top + 16);
    ctx.clip();
    drawReferences(ctx, look, reference, y, box);
    series.forEach((curve, k) => {
      const [colour, { dash, mark }] = [look(curve.role), style[k]];
      drawErrors(ctx, curve, x, y, colour, box);
      drawLine(ctx, curve.x, curve.y, x, y, { colour, width: 3.5, dash });
      if (mark === null) return;
      curve.x.forEach((value, i) => drawMark(ctx, look, x(value), y(curve.y[i]), 5.5, colour, mark));
    });
    ctx.restore();
    if (direct) drawNames(ctx, look, series, style, y, box);
    const marker = model.get("marker");
    if (marker !== null && marker >= range.x[0] && marker <= range.x[1]) {
      drawMarker(ctx, look, series, x, y, box, marker, model.get("draggable"));
    }
    shownAxis = { x, range: range.x };
    root.classList.toggle("cu-draggable", model.get("draggable"));
    const at = marker ?? range.x[0];
    tellPlace(canvas, model.get("draggable") ? range.x : [0, 0], at, markerInWords(series, at, x, y));
    canvas.dataset.marker = marker ?? "";
  };
  const moveTo = (pixel) => {
    if (!model.get("draggable") || !shownAxis) return;
    assign(model, "marker", clamp(shownAxis.x.back(pixel), ...shownAxis.range));
  };
  const shifts = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity };
  const pressed = (event) => {
    if (!(event.key in shifts) || !model.get("draggable") || !shownAxis) return;
    event.preventDefault();
    event.stopPropagation();
    const stride = event.shiftKey ? 1 : 8;
    const pixel = shownAxis.x(model.get("marker") ?? shownAxis.range[0]);
    // Ends are reached from far outside the canvas: an axis has no pixel at infinity.
    moveTo(clamp(pixel + shifts[event.key] * stride, -1e4, 1e4));
  };
  canvas.addEventListener("keydown", pressed);
  const traits = ["series", "reference", "marker", "draggable", "x_label", "y_label", "title", "x_log", "y_log"];
  return live(
    model,
    root,
    [...traits, "x_range", "y_range", "alt"],
    draw,
    dragX(canvas, moveTo),
    () => canvas.removeEventListener("keydown", pressed),
  );
}

export default { render };
