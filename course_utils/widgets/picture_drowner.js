const LAST_T = 1000;
const NOISE_SCALE = 4096;

/** Clean picture in 0..255 and noise in 127.5 eps, so that a frame is one multiply-add a number. */
function prepare(pictureBytes, noiseBytes, width, height) {
  const size = width * height * 3;
  const picture = typed(Uint8Array, pictureBytes);
  const noise = typed(Int16Array, noiseBytes);
  if (!size || picture.length !== size) return null;
  return {
    image: new ImageData(new Uint8ClampedArray(width * height * 4).fill(255), width, height),
    clean: Float32Array.from(picture),
    noise: noise.length === size ? Float32Array.from(noise, (value) => (value * 127.5) / NOISE_SCALE) : null,
  };
}

function makeBar(name, word) {
  const value = make("span", "cu-bar-value");
  const level = make("span", "cu-bar-fill");
  const track = make("span", "cu-bar-track", {}, level);
  const bar = make("div", `cu-bar cu-bar-${name}`, {}, value, track, make("span", "cu-bar-name", {}, word));
  const show = (amount) => {
    write(value, amount.toFixed(3));
    level.style.setProperty("--level", amount);
  };
  return { bar, show };
}

/** Both curves over t with the marker at t; returns where the plot lies. */
function drawSchedule(canvas, look, schedule, t, title) {
  const area = stage(canvas);
  if (!area) return null;
  const { ctx, width, height } = area;
  const size = look.size("base");
  const words = { signal: tr("signal"), noise: tr("noise") };
  ctx.font = typeface(size, 600);
  const names = Math.max(...Object.values(words).map((word) => ctx.measureText(word).width));
  const box = { left: 44, top: 34, right: width - names - 14, bottom: height - 30 };
  const x = axis([0, LAST_T], box.left, box.right, false);
  const y = axis([0, 1], box.bottom, box.top, false);
  drawAxes(ctx, look, box, x, y, {});
  drawLine(ctx, schedule.ts, schedule.signalLine, x, y, { colour: look("signal"), width: 4 });
  drawLine(ctx, schedule.ts, schedule.noiseLine, x, y, { colour: look("noise"), width: 4, dash: DASHED });
  ctx.strokeStyle = look("ink");
  ctx.lineWidth = 2;
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x(t), box.top - 6);
  ctx.lineTo(x(t), box.bottom + 4);
  ctx.stroke();
  drawDot(ctx, look, x(t), y(schedule.signal[t]), 8, look("signal"));
  drawDot(ctx, look, x(t), y(schedule.noise[t]), 8, look("noise"));
  ctx.font = typeface(size, 600);
  ctx.textBaseline = "alphabetic";
  ctx.fillStyle = look("ink");
  ctx.textAlign = "left";
  ctx.fillText(title ? tr("schedule: {title}", { title }) : tr("schedule"), box.left, size);
  ctx.textBaseline = "middle";
  const ends = ["signal", "noise"].map((name) => ({ name, y: y(schedule[name][LAST_T]) }));
  for (const { name, y: at } of spread(ends, size * 1.2, box.top, box.bottom)) {
    ctx.fillStyle = look(name);
    ctx.fillText(words[name], box.right + 12, at);
  }
  ctx.font = typeface(size);
  ctx.fillStyle = look("muted");
  ctx.textBaseline = "top";
  ctx.fillText("t", box.right + 34, box.bottom + 8);
  return box;
}

function readSchedule(signalBytes, noiseBytes) {
  const signal = typed(Float32Array, signalBytes);
  const noise = typed(Float32Array, noiseBytes);
  if (signal.length !== LAST_T + 1 || noise.length !== LAST_T + 1) return null;
  // Every fifth value draws the same line.
  const ts = Array.from({ length: LAST_T / 5 + 1 }, (_, i) => 5 * i);
  return {
    signal,
    noise,
    ts,
    signalLine: ts.map((t) => signal[t]),
    noiseLine: ts.map((t) => noise[t]),
  };
}

function render({ model, el }) {
  const noisyCanvas = make("canvas", "cu-picture", { role: "img" });
  const noiseCanvas = make("canvas", "cu-picture", { role: "img", "aria-label": tr("the noise") });
  const scheduleCanvas = make("canvas", "cu-schedule", { "aria-label": tr("timestep t") });
  const caption = make("figcaption");
  const noiseCaption = make("figcaption", "", {}, tr("the noise, for a model to name"));
  const time = make("div", "cu-figure-large");
  const bars = { signal: makeBar("signal", tr("signal")), noise: makeBar("noise", tr("noise")) };
  const root = mount(
    el,
    "cu-drowner",
    make(
      "div",
      "cu-drowner-grid",
      {},
      make("figure", "", {}, noisyCanvas, caption),
      make("div", "cu-bars", {}, time, bars.signal.bar, bars.noise.bar),
      make("figure", "", {}, noiseCanvas, noiseCaption),
    ),
    scheduleCanvas,
  );
  const pixels = remember(prepare);
  const curves = remember(readSchedule);
  let box = null; // of the schedule's plot
  const showNoise = remember((ready) => {
    fill(ready.image, ready.noise, 1 / 3, ready.noise, 0, 127.5);
    putImage(noiseCanvas, ready.image);
  });

  const draw = (look) => {
    const t = clamp(Math.round(model.get("t")), 0, LAST_T);
    const schedule = curves(model.get("signal"), model.get("noise_level"));
    const [signal, level] = schedule ? [schedule.signal[t], schedule.noise[t]] : [1, 0];
    const ready = pixels(model.get("picture"), model.get("noise"), model.get("width"), model.get("height"));
    const levels = { t, signal: signal.toFixed(3), level: level.toFixed(3) };
    const place = tr("t = {t}: signal {signal}, noise level {level}", levels);
    tell(noisyCanvas, model.get("alt") || tr("a picture in noise"), model.get("picture_name"), place);
    if (ready?.noise) {
      showNoise(ready);
      fill(ready.image, ready.clean, signal, ready.noise, level, 127.5 * (1 - signal));
    } else {
      placeholder(noiseCanvas, look);
      if (ready) fill(ready.image, ready.clean, 1, ready.clean, 0, 0);
    }
    if (ready) putImage(noisyCanvas, ready.image);
    else placeholder(noisyCanvas, look);
    write(caption, model.get("picture_name") || tr("the picture"));
    write(time, `t = ${t}`);
    bars.signal.show(signal);
    bars.noise.show(level);
    if (schedule) box = drawSchedule(scheduleCanvas, look, schedule, t, model.get("schedule_name"));
    else placeholder(scheduleCanvas, look);
    tellPlace(scheduleCanvas, [0, LAST_T], t, place);
    noisyCanvas.dataset.t = t;
  };
  const setFrom = (pixel) => {
    if (!box) return;
    const t = axis([0, LAST_T], box.left, box.right, false).back(pixel);
    assign(model, "t", Math.round(clamp(t, 0, LAST_T)));
  };
  const traits = ["picture", "noise", "width", "height", "signal", "noise_level", "t"];
  return live(
    model,
    root,
    [...traits, "schedule_name", "picture_name", "alt"],
    draw,
    timeKeys(model, "t", scheduleCanvas, () => [0, LAST_T], { stride: 10, fine: 1, seconds: 8 }),
    dragX(scheduleCanvas, setFrom),
  );
}

export default { render };
