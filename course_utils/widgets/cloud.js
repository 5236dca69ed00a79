// Points and arrows in a square whose y axis points up.

const POINT_SCALE = 8192;

/** Map from int16 coordinates to the pixels of a square canvas that shows -extent..extent. */
function square({ width, height }, extent) {
  const half = Math.min(width, height) / 2;
  const zoom = half / (extent * POINT_SCALE);
  return { x: (value) => width / 2 + value * zoom, y: (value) => height / 2 - value * zoom, half, zoom };
}

/** One disc on a small canvas, to be stamped: far cheaper than an arc a point. */
function makeStamp(colour, radius, ratio) {
  const side = Math.ceil((radius + 1) * 2 * ratio);
  const canvas = make("canvas");
  canvas.width = side;
  canvas.height = side;
  const ctx = canvas.getContext("2d");
  ctx.fillStyle = colour;
  ctx.beginPath();
  ctx.arc(side / 2, side / 2, radius * ratio, 0, 2 * Math.PI);
  ctx.fill();
  return { canvas, side: side / ratio };
}

/** Stamp points[first .. first + count) (pairs of coordinates) with one disc each. */
function drawPoints(ctx, map, points, first, count, stamp, alpha) {
  const shift = stamp.side / 2;
  ctx.globalAlpha = alpha;
  for (let i = 2 * first; i < 2 * (first + count); i += 2) {
    ctx.drawImage(stamp.canvas, map.x(points[i]) - shift, map.y(points[i + 1]) - shift, stamp.side, stamp.side);
  }
  ctx.globalAlpha = 1;
}

/** The disc's radius for a square half as wide as `half` pixels. */
const discRadius = (half) => clamp(half / 95, 2, 4);

/** A cloud that stays: painted once, to be laid under each frame as one image. */
function makeBackdrop(bytes, extent, width, height, ratio, colour) {
  const canvas = make("canvas");
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  const map = square({ width, height }, extent);
  const points = typed(Int16Array, bytes);
  drawPoints(ctx, map, points, 0, points.length / 2, makeStamp(colour, discRadius(map.half), ratio), 0.7);
  return canvas;
}

/** Points[first .. first + count) in words: how many there are, where their middle lies and how far they spread. */
function cloudInWords(points, first, count) {
  const [sums, squares] = [[0, 0], [0, 0]];
  for (let i = 2 * first; i < 2 * (first + count); i += 1) {
    const value = points[i] / POINT_SCALE;
    sums[i % 2] += value;
    squares[i % 2] += value * value;
  }
  const [x, y] = sums.map((sum) => sum / count);
  const spread = Math.sqrt(Math.max(0, (squares[0] + squares[1]) / count - x * x - y * y) / 2);
  const [middle, far] = [[x, y].map((value) => value.toFixed(2)).join(", "), spread.toFixed(2)];
  return tr("{count} points, their middle at ({middle}), spread {far}", { count, middle, far });
}

/** Arrows [x0, y0, x1, y1] in pixels, in one colour; those shorter than their head are left out. */
function drawArrows(ctx, arrows, { colour, width, dash = [], head = 9 }) {
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = width;
  ctx.lineCap = "butt";
  const heads = new Path2D();
  ctx.setLineDash(dash);
  ctx.beginPath();
  for (const [x0, y0, x1, y1] of arrows) {
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (length < head * 0.6) continue;
    const size = Math.min(head, length * 0.7);
    const [dx, dy] = [((x1 - x0) / length) * size, ((y1 - y0) / length) * size];
    ctx.moveTo(x0, y0);
    ctx.lineTo(x1 - dx, y1 - dy);
    heads.moveTo(x1, y1);
    heads.lineTo(x1 - dx - dy * 0.5, y1 - dy + dx * 0.5);
    heads.lineTo(x1 - dx + dy * 0.5, y1 - dy - dx * 0.5);
    heads.closePath();
  }
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.fill(heads);
}
