// Colour never tells lines apart alone: points have their own marks, lines without points their own dashes.

const SHAPES = MARKS.map((path) => new Path2D(path));

/** The dashes of a curve, and which of MARKS its points wear (null: it has none). */
const styleOf = ({ points, dash, place }) => ({
  dash: dash ? DASHED : points ? [] : DASHES[place],
  mark: points ? place : null,
});

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
