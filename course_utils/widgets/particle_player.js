const TRAIL_FRAMES = 6;
const ARROWS_SHOWN = 150;

/** The shown frame as an index into a run that is whole, or null where there is none. */
function readRun(framesBytes, aimsBytes, count, nFrames) {
  const frames = typed(Int16Array, framesBytes);
  const aims = typed(Int16Array, aimsBytes);
  const size = count * nFrames * 2;
  if (!size || frames.length !== size) return null;
  return { frames, aims: aims.length === size ? aims : null, count, nFrames };
}

/** The last moves of all points, older ones fainter. */
function drawTrails(ctx, map, { frames, count }, step, colour) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.lineCap = "butt";
  for (let age = 0; age < TRAIL_FRAMES && step - age > 0; age += 1) {
    ctx.globalAlpha = 0.4 * (1 - age / TRAIL_FRAMES);
    const [to, from] = [2 * count * (step - age), 2 * count * (step - age - 1)];
    ctx.beginPath();
    for (let i = 0; i < 2 * count; i += 2) {
      ctx.moveTo(map.x(frames[from + i]), map.y(frames[from + i + 1]));
      ctx.lineTo(map.x(frames[to + i]), map.y(frames[to + i + 1]));
    }
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

/** Arrows from some points, evenly chosen, towards their aims, none longer than `longest` pixels. */
function aimArrows(map, { frames, aims, count }, step, longest) {
  const stride = Math.max(1, Math.floor(count / ARROWS_SHOWN));
  const arrows = [];
  for (let point = 0; point < count; point += stride) {
    const i = 2 * (count * step + point);
    const [x0, y0] = [map.x(frames[i]), map.y(frames[i + 1])];
    const [dx, dy] = [map.x(aims[i]) - x0, map.y(aims[i + 1]) - y0];
    const part = Math.min(1, longest / Math.max(Math.hypot(dx, dy), 1e-6));
    arrows.push([x0, y0, x0 + dx * part, y0 + dy * part]);
  }
  return arrows;
}

/** One point with the whole way it came, drawn over all others. */
function drawMarked(ctx, look, map, { frames, count }, step, marked, radius) {
  const at = (frame) => {
    const i = 2 * (count * frame + marked);
    return [map.x(frames[i]), map.y(frames[i + 1])];
  };
  const way = new Path2D();
  way.moveTo(...at(0));
  for (let frame = 1; frame <= step; frame += 1) way.lineTo(...at(frame));
  ctx.lineJoin = "round";
  for (const [colour, width] of [[look("paper"), 7], [look("ink"), 3]]) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke(way);
  }
  const [x, y] = at(step);
  ctx.beginPath();
  ctx.arc(x, y, radius * 3, 0, 2 * Math.PI);
  ctx.fillStyle = look("ink");
  ctx.strokeStyle = look("paper");
  ctx.lineWidth = 3;
  ctx.fill();
  ctx.stroke();
}

function render({ model, el }) {
  const canvas = make("canvas", "cu-square", { role: "img" });
  const title = make("span", "cu-title");
  const chip = make("span", "cu-badge");
  const label = make("span", "cu-label");
  const figure = make("span", "cu-figure-large");
  const root = mount(
    el,
    "cu-player",
    make("div", "cu-head", {}, title, chip),
    canvas,
    make("div", "cu-foot", {}, label, figure),
  );
  const run = remember(readRun);
  const backdrop = remember(makeBackdrop);
  const stamp = remember(makeStamp);
  const last = () => Math.max(0, model.get("n_frames") - 1);

  const paint = (look, area, shown, step) => {
    const { ctx, width, height, ratio } = area;
    const map = square(area, model.get("extent"));
    const radius = discRadius(map.half);
    const colour = look(model.get("badge") || "series0");
    const withArrows = model.get("arrows") && shown.aims;
    const behind = backdrop(model.get("target"), model.get("extent"), width, height, ratio, look("target"));
    ctx.drawImage(behind, 0, 0, width, height);
    if (model.get("trails")) drawTrails(ctx, map, shown, step, colour);
    const alpha = withArrows ? 0.5 : 0.85;
    drawPoints(ctx, map, shown.frames, step * shown.count, shown.count, stamp(colour, radius, ratio), alpha);
    if (withArrows) {
      const arrows = aimArrows(map, shown, step, map.half * 0.4);
      drawArrows(ctx, arrows, { colour: look("ink"), width: 1.5, head: 8 });
    }
    const marked = model.get("marked");
    if (marked >= 0 && marked < shown.count) drawMarked(ctx, look, map, shown, step, marked, radius);
  };
  const draw = (look) => {
    const step = clamp(Math.round(model.get("step")), 0, last());
    const shown = run(model.get("frames"), model.get("aims"), model.get("count"), model.get("n_frames"));
    write(title, model.get("title"));
    showBadge(chip, model.get("badge"));
    write(label, model.get("labels")[step] ?? "");
    write(figure, model.get("figures")[step] ?? "");
    const place = [model.get("labels")[step], model.get("figures")[step]].filter(Boolean).join(", ");
    const cloud = shown && cloudInWords(shown.frames, step * shown.count, shown.count);
    tell(canvas, model.get("alt") || model.get("title") || tr("points"), place, cloud);
    tellPlace(canvas, [0, last()], step, place || tr("step {k} of {count}", { k: step, count: last() }));
    if (!shown) {
      placeholder(canvas, look);
      return;
    }
    const area = stage(canvas);
    if (!area) return;
    paint(look, area, shown, step);
    canvas.dataset.step = step;
  };
  const data = ["frames", "aims", "target", "count", "n_frames", "step", "labels", "figures"];
  return live(
    model,
    root,
    [...data, "trails", "arrows", "badge", "title", "extent", "marked", "alt"],
    draw,
    timeKeys(model, "step", canvas, () => [0, last()], { stride: 1, fine: 5, seconds: 5 }),
  );
}

export default { render };
