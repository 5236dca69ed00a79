// Colour never tells lines apart alone: points have their own marks, lines without points their own dashes.

const DASHES = [[], [2, 6], [16, 5, 3, 5], [5, 4]];
// A disc, a square, a diamond, two triangles and a plus, about one unit in radius.
const MARKS = [
  "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0Z",
  "M-.9-.9H.9V.9H-.9Z",
  "M0-1.35 1.35 0 0 1.35-1.35 0Z",
  "M0-1.3 1.25.9H-1.25Z",
  "M0 1.3 1.25-.9H-1.25Z",
  "M-.4-1.3H.4V-.4H1.3V.4H.4V1.3H-.4V.4H-1.3V-.4H-.4Z",
];
const SHAPES = MARKS.map((path) => new Path2D(path));

/** For each curve its dashes, and which of MARKS its points wear (null: it has none). */
function styles(series) {
  let [marked, solid] = [0, 0];
  return series.map(({ points, dash }) => ({
    dash: dash ? DASHED : points ? [] : DASHES[solid++ % DASHES.length],
    mark: points ? marked++ % MARKS.length : null,
  }));
}

/** A piece of a line as a legend shows it, in the colour of the text around it. */
function makeSample({ dash = [], mark = null }) {
  const sample = make("span", "cu-key");
  const sign = mark === null ? "" : `<path class="cu-mark-sign" d="${MARKS[mark]}" transform="translate(20 8) scale(5.5)"/>`;
  const line = `<path d="M0 8H40" stroke-dasharray="${dash.join(" ")}"/>`;
  sample.innerHTML = `<svg viewBox="0 0 40 16" aria-hidden="true">${line}${sign}</svg>`;
  return sample;
}

/** One of MARKS with a rim in the colour of the paper. */
function drawMark(ctx, look, x, y, radius, colour, mark) {
  ctx.save();
  ctx.setLineDash([]);
  ctx.translate(x, y);
  ctx.scale(radius, radius);
  ctx.fillStyle = colour;
  ctx.strokeStyle = look("paper");
  ctx.lineWidth = 2 / radius;
  ctx.fill(SHAPES[mark]);
  ctx.stroke(SHAPES[mark]);
  ctx.restore();
}
