// Axes, lines and labels on a canvas.

/** Round numbers from low to high, about `count` of them. */
function niceTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, text: Math.abs(value) >= 10000 ? value.toLocaleString("en") : value.toFixed(digits) };
  });
}

/** Powers of ten from low to high; with 2 and 5 between them where the range is short. */
function logTicks(low, high) {
  const short = Math.log10(high / low) < 2.6;
  const factors = Math.log10(high / low) < 1 ? [1, 2, 3, 5, 7] : short ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value < low * 0.999 || value > high * 1.001) continue;
      const plain = Math.abs(power) <= 4;
      ticks.push({ value, text: plain ? value.toFixed(Math.max(0, -power)) : value.toExponential(0) });
    }
  }
  return ticks;
}

/** Map low..high to from..to in pixels; `.back` maps pixels to values. */
function axis([low, high], from, to, log) {
  const bend = log ? Math.log10 : (value) => value;
  const unbend = log ? (value) => 10 ** value : (value) => value;
  const [start, span] = [bend(low), bend(high) - bend(low)];
  const map = (value) => from + ((bend(value) - start) / span) * (to - from);
  map.back = (pixel) => unbend(start + ((pixel - from) / (to - from)) * span);
  map.ticks = (count) => (log ? logTicks(low, high) : niceTicks(low, high, count));
  map.log = log;
  return map;
}

/** The smallest and largest of some numbers, with air around them; on a log axis only positive ones count. */
function rangeOf(values, log, air = 0.06) {
  const usable = log ? values.filter((value) => value > 0) : values;
  if (!usable.length) return log ? [0.1, 1] : [0, 1];
  let low = usable.reduce((a, b) => Math.min(a, b));
  let high = usable.reduce((a, b) => Math.max(a, b));
  if (log) {
    if (low === high) return [low / 2, high * 2];
    const factor = (high / low) ** air;
    return [low / factor, high * factor];
  }
  if (low === high) return [low - 0.5, high + 0.5];
  const margin = (high - low) * air;
  // An axis that nearly touches zero starts there.
  return [low >= 0 && low - margin < (high - low) * 0.25 ? 0 : low - margin, high + margin];
}

/** Move labels apart, so that neighbours keep `gap` pixels and all stay within low..high; order by y. */
function spread(labels, gap, low, high) {
  labels.sort((a, b) => a.y - b.y);
  let floor = low;
  for (const label of labels) {
    label.y = Math.max(label.y, floor);
    floor = label.y + gap;
  }
  let ceiling = high;
  for (const label of [...labels].reverse()) {
    label.y = Math.min(label.y, ceiling);
    ceiling = label.y - gap;
  }
  return labels;
}

/** Text with a rim in the colour of the paper, legible across lines. */
function haloText(ctx, look, text, x, y) {
  ctx.lineJoin = "round";
  ctx.lineWidth = 5;
  ctx.setLineDash([]);
  ctx.strokeStyle = look("paper");
  ctx.strokeText(text, x, y);
  ctx.fillText(text, x, y);
}

/** Grid lines, tick labels and axis names around box {left, top, right, bottom}. */
function drawAxes(ctx, look, box, x, y, { xLabel = "", yLabel = "" }) {
  const size = look.size("base");
  ctx.font = typeface(size);
  ctx.lineWidth = 1;
  ctx.setLineDash([]);
  ctx.strokeStyle = look("line");
  ctx.fillStyle = look("muted");
  ctx.textBaseline = "middle";
  ctx.textAlign = "right";
  let above = Infinity;
  for (const { value, text } of y.ticks(Math.max(2, (box.bottom - box.top) / 56))) {
    const at = Math.round(y(value)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(box.left, at);
    ctx.lineTo(box.right, at);
    ctx.stroke();
    if (above - at < size * 1.2) continue;
    ctx.fillText(text, box.left - 8, at);
    above = at;
  }
  ctx.textAlign = "center";
  ctx.textBaseline = "top";
  let free = -Infinity;
  for (const { value, text } of x.ticks(Math.max(2, (box.right - box.left) / 90))) {
    const half = ctx.measureText(text).width / 2;
    const at = Math.min(x(value), ctx.canvas.clientWidth - half); // the last one would be cut
    if (at - half < free) continue;
    ctx.fillText(text, at, box.bottom + 8);
    free = at + half + 12;
  }
  ctx.fillText(xLabel, (box.left + box.right) / 2, box.bottom + 8 + size * 1.35);
  ctx.textAlign = "left";
  ctx.fillText(yLabel, 2, 2);
}

/** A line through the points of x and y (arrays) that the axes can show. */
function drawLine(ctx, xs, ys, x, y, { colour, width = 3, dash = [], alpha = 1 }) {
  ctx.save();
  ctx.globalAlpha = alpha;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.lineJoin = "round";
  ctx.setLineDash(dash);
  ctx.beginPath();
  let open = false;
  for (let i = 0; i < xs.length; i += 1) {
    const shown = (!y.log || ys[i] > 0) && (!x.log || xs[i] > 0);
    if (shown && open) ctx.lineTo(x(xs[i]), y(ys[i]));
    else if (shown) ctx.moveTo(x(xs[i]), y(ys[i]));
    open = shown;
  }
  ctx.stroke();
  ctx.restore();
}

/** A disc with a rim in the colour of the paper. */
function drawDot(ctx, look, x, y, radius, colour) {
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = colour;
  ctx.strokeStyle = look("paper");
  ctx.lineWidth = 2;
  ctx.fill();
  ctx.stroke();
}
