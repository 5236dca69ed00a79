// Half the width of the square in which the cloud is shown, as in the other views.
const EXTENT = 2.2;

/** The mean of the values up to each one, over a window that grows to 1/40 of the run. */
function runningMean(values) {
  const span = Math.max(10, Math.round(values.length / 40));
  let sum = 0;
  return values.map((value, i) => {
    sum += value - (i >= span ? values[i - span] : 0);
    return sum / Math.min(i + 1, span);
  });
}

/** The raw losses, their running mean, and the number of each step. */
function readLosses(bytes) {
  const raw = Float64Array.from(typed(Float32Array, bytes));
  return { raw, mean: runningMean(raw), steps: Array.from(raw, (_, i) => i + 1) };
}

function drawLosses(canvas, look, { raw, mean, steps }, total) {
  const area = stage(canvas);
  if (!area) return;
  const { ctx, width, height } = area;
  const size = look.size("base");
  const box = { left: 64, top: size * 2, right: width - 22, bottom: height - size * 3.3 };
  const x = axis([0, Math.max(total, raw.length, 1)], box.left, box.right, false);
  const y = axis(rangeOf(Array.from(raw), true), box.bottom, box.top, true);
  drawAxes(ctx, look, box, x, y, { xLabel: "training step", yLabel: "loss: each step faint, running mean bold" });
  const colour = look("series0");
  drawLine(ctx, steps, raw, x, y, { colour, width: 1.5, alpha: 0.3 });
  drawLine(ctx, steps, mean, x, y, { colour, width: 4 });
  const end = raw.length - 1;
  drawDot(ctx, look, x(steps[end]), y(mean[end]), 7, colour);
}

function drawCloud(canvas, look, cloud, target) {
  const area = stage(canvas);
  if (!area) return;
  const { ctx, width, height, ratio } = area;
  ctx.drawImage(makeBackdrop(target, EXTENT, width, height, ratio, look("target")), 0, 0, width, height);
  const map = square(area, EXTENT);
  const points = typed(Int16Array, cloud);
  const stamp = makeStamp(look("learned"), discRadius(map.half), ratio);
  drawPoints(ctx, map, points, 0, points.length / 2, stamp, 0.85);
}

function render({ model, el }) {
  const title = make("span", "cu-title");
  const status = make("span", "cu-status", { role: "status" });
  const curve = make("canvas", "cu-chart", { role: "img" });
  const cloudCanvas = make("canvas", "cu-square", { role: "img" });
  const caption = make("figcaption", "", {}, tr("what it would paint now"));
  const label = make("span", "cu-label");
  const figure = make("span", "cu-figure-large");
  const root = mount(
    el,
    "cu-loss",
    make("div", "cu-head", {}, title, status),
    make("div", "cu-loss-grid", {}, curve, make("figure", "", {}, cloudCanvas, caption)),
    make("div", "cu-foot", {}, label, figure),
  );
  const losses = remember(readLosses);

  const draw = (look) => {
    const run = losses(model.get("losses"));
    const [done, total] = [run.raw.length, model.get("total")];
    const [cloud, target] = [model.get("cloud"), model.get("target")];
    write(title, model.get("title"));
    write(status, model.get("status"));
    write(label, done ? `training step ${done}${total ? ` of ${total}` : ""}` : "");
    write(figure, done ? `loss ${number(run.mean[done - 1])}` : "");
    const began = done ? tr("it began at {loss}", { loss: number(run.raw[0]) }) : "";
    tell(curve, model.get("alt") || model.get("title") || tr("a chart of losses"), label.textContent, figure.textContent, began);
    const points = typed(Int16Array, cloud);
    const now = points.length ? cloudInWords(points, 0, points.length / 2) : "";
    tell(cloudCanvas, tr("what it would paint now"), now);
    if (done) drawLosses(curve, look, run, total);
    else placeholder(curve, look);
    if (cloud?.byteLength || target?.byteLength) drawCloud(cloudCanvas, look, cloud, target);
    else placeholder(cloudCanvas, look);
    curve.dataset.steps = done;
  };
  return live(model, root, ["losses", "total", "cloud", "target", "status", "title", "alt"], draw);
}

export default { render };
