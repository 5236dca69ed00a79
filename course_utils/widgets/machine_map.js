// From where to where things go; a loop's arrows begin and end at its stations, or at its frame.
const ARROWS = [
  ["prompt", "tokens"],
  ["tokens", "vectors"],
  ["seed", "initial"],
  ["initial", "noisy"],
  ["vectors", "noise"],
  ["noisy", "noise"],
  ["noise", "noisy"],
  ["loop", "latent"],
  ["latent", "page"],
];
// What does the work on the way to a station.
const PARTS = {
  tokens: "tokenizer",
  vectors: "text encoder",
  initial: "random numbers",
  noise: "U-Net",
  page: "VAE decoder",
};
const IN_LOOP = ["noisy", "noise"];
/** Which part of a station is looked at: its step where it moves, not beyond its last one. */
const frameOf = (stop, step) => (stop.moves ? Math.min(step, stop.ranges.length - 1) : 0);

/** Whether there is nothing left to do at a station: after the last step no noise is guessed. */
const isOver = (stop, step) => stop.moves && step >= stop.ranges.length;

/** Whether what is looked at differs from the run before: "yes", "no", or "" where there was none. */
function news(stop, step) {
  if (!stop.changed.length) return "";
  const parts = stop.moves ? [stop.changed[frameOf(stop, step)]] : stop.changed;
  return parts.some(Boolean) ? "yes" : "no";
}

/** How much of a station changed, in words; "" where nothing did. */
function extent(stop) {
  const [count, all] = [stop.changed.filter(Boolean).length, stop.changed.length];
  if (!count) return "";
  if (stop.moves) {
    const first = stop.changed.indexOf(true);
    return first ? `${stop.name} (from step ${first} on)` : stop.name;
  }
  return all > 1 ? `${stop.name} (${count} of ${all})` : stop.name;
}

/** What changed and what did not, in a sentence. */
function summary(stops) {
  const all = Object.values(stops);
  if (!all.some((stop) => stop.changed.length)) return "Press a station to open it.";
  const changed = all.map(extent).filter(Boolean);
  const kept = all.filter((stop) => !extent(stop)).map((stop) => stop.name);
  return `Changed: ${changed.join(", ") || "nothing"}. As before: ${kept.join(", ") || "nothing"}.`;
}

const NEWS = { yes: "✱ changed", no: "as before", "": "" };

/** A station in words: what it is, its shape and numbers, and whether it changed. */
function inWords(stop, step) {
  const [low, high] = stop.ranges[frameOf(stop, step)] ?? [];
  const numbers = low === undefined ? "" : `, numbers from ${number(low)} to ${number(high)}`;
  const words = stop.words.length ? `: ${stop.words.join(" ")}` : "";
  const said = NEWS[news(stop, step)].replace("✱ ", "");
  return `${stop.name}${words}. ${stop.what} Shape ${stop.shape}${numbers}.${said ? ` ${said}.` : ""}`;
}

/** Words as little boxes, those lit that changed; the last one stands for all parts that follow. */
function chips(stop) {
  const last = stop.words.length - 1;
  return stop.words.map((word, k) => {
    const lit = k < last ? stop.changed[k] : stop.changed.slice(k).some(Boolean);
    return make("span", "cu-word", lit ? { "data-lit": "" } : {}, word);
  });
}

/** A strip of frames of which one is seen; rows that changed are marked on the left. */
function picture(stop, [, height, width], source) {
  const rows = stop.words.length && !stop.moves ? stop.changed : [];
  const margin = rows.length ? 5 : 0;
  const image = svg("image", { href: source, height, preserveAspectRatio: "none" });
  const frame = svg("svg", { x: margin, width, height, viewBox: `0 0 ${width} ${height}` }, image);
  const marks = rows.map((lit, y) => svg("rect", lit ? { y, width: 3, height: 1.1, class: "cu-row-mark" } : {}));
  const box = svg("svg", { viewBox: `0 0 ${margin + width} ${height}`, class: "cu-thumb", "aria-hidden": "true" });
  box.append(frame, ...marks.filter((mark) => mark.hasAttribute("y")));
  box.style.setProperty("--shape", (margin + width) / height);
  const show = (k) => {
    image.setAttribute("x", -k * width);
    box.dataset.frame = k;
  };
  return { box, image, show };
}

/** A station's picture and words at one size; `fill` is called for a new run, `move` for another step. */
function makeContent() {
  const words = make("span", "cu-words");
  const holder = make("span", "cu-holder");
  const root = make("span", "cu-content", {}, holder, words);
  let shown = null;
  return {
    root,
    fill: (stop, size, source) => {
      shown = source ? picture(stop, size, source) : null;
      shown?.image.setAttribute("width", size[0] * size[2]);
      holder.replaceChildren(...(shown ? [shown.box] : []));
      words.replaceChildren(...chips(stop));
    },
    move: (frame) => shown?.show(frame),
  };
}

function makeStation(key, open) {
  const name = make("span", "cu-name");
  const content = makeContent();
  const shape = make("span", "cu-shape");
  const tag = make("span", "cu-news");
  const button = make("button", "cu-stop", { type: "button", "data-station": key });
  button.append(name, content.root, shape, tag);
  button.addEventListener("click", () => open(key));
  const part = PARTS[key] ? [make("span", "cu-part", { role: "term" }, PARTS[key])] : [];
  const root = make("div", "cu-station", {}, button, ...part);
  root.style.gridArea = key;
  return { root, button, name, content, shape, tag, part: part[0] };
}

/** The station that is open, large. */
function makeDetail(close) {
  const title = make("div", "cu-title");
  const shut = make("button", "cu-shut", { type: "button" }, "close ✕");
  const content = makeContent();
  const facts = make("p", "cu-facts");
  const what = make("p", "cu-what");
  const meaning = make("p", "cu-meaning");
  shut.addEventListener("click", close);
  const text = make("div", "cu-detail-text", {}, what, facts, meaning);
  const root = make("section", "cu-detail", {}, make("div", "cu-head", {}, title, shut), content.root, text);
  return { root, title, content, facts, what, meaning, shut };
}

/** Let what changed flare up once. */
function flash(elements) {
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const flare = [{ boxShadow: "0 0 0 14px var(--cu-lit)" }, { boxShadow: "0 0 0 0 var(--cu-lit)" }];
  for (const element of elements) element.animate(flare, { duration: 900, easing: "ease-out" });
}

function render({ model, el }) {
  const stopOf = (key) => model.get("stops")[key];
  const close = () => {
    const key = model.get("opened");
    model.set("opened", "");
    stations[key]?.button.focus();
  };
  const open = (key) => {
    model.set("opened", model.get("opened") === key ? "" : key);
    requestAnimationFrame(() => requestAnimationFrame(() => detail.root.scrollIntoView({ block: "nearest" })));
  };
  const keys = ["prompt", "tokens", "vectors", "seed", "initial", ...IN_LOOP, "latent", "page"];
  const stations = Object.fromEntries(keys.map((key) => [key, makeStation(key, open)]));
  const slider = make("input", "cu-step", { type: "range", min: 0, "aria-label": "step" });
  const counter = make("span", "cu-counter");
  const crossing = make("span", "cu-part cu-crossing", { role: "term" }, "cross-attention");
  const sampler = make("span", "cu-part cu-sampler", { role: "term" }, "sampler");
  const turn = make("div", "cu-turn", {}, sampler);
  const steering = make("label", "cu-steering", {}, counter, slider);
  const loop = make("div", "cu-loop", {}, crossing, ...IN_LOOP.map((key) => stations[key].root), turn, steering);
  const arrows = svg("svg", { class: "cu-ways", "aria-hidden": "true" });
  const outside = keys.filter((key) => !IN_LOOP.includes(key)).map((key) => stations[key].root);
  outside.splice(5, 0, loop);
  const map = make("div", "cu-map", { role: "group", "data-sized": "" }, arrows, ...outside);
  const said = make("p", "cu-label cu-said", { role: "status" });
  const detail = makeDetail(close);
  const busy = makeBusy(model);
  const root = mount(el, "cu-machine", map, said, detail.root);
  map.append(busy.mark);

  slider.addEventListener("input", () => model.set("step", Number(slider.value)));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && model.get("opened")) close();
  });

  const source = (key) => {
    const bytes = typed(Uint8Array, model.get("pictures")[key]);
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return text && `data:image/webp;base64,${btoa(text)}`;
  };
  const fillAll = remember((stops) => {
    for (const key of keys) {
      const { content, name, shape } = stations[key];
      content.fill(stops[key], model.get("sizes")[key], source(key));
      write(name, stops[key].name);
      write(shape, stops[key].shape);
    }
    write(said, summary(stops));
    flash(keys.filter((key) => extent(stops[key])).map((key) => stations[key].button));
  });
  const fillDetail = remember((key, stops) => {
    const stop = stops[key];
    detail.content.fill(stop, model.get("sizes")[key], source(key));
    detail.root.setAttribute("aria-label", `${stop.name}, large`);
    write(detail.title, stop.name);
    write(detail.what, stop.what);
    write(detail.meaning, stop.meaning);
  });
  const drawArrows = (step) => {
    const [area, zoom] = [map.getBoundingClientRect(), zoomOf(map)];
    if (!area.width) return;
    const box = (element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      const [x, y] = [(at) => (at - area.left) / zoom, (at) => (at - area.top) / zoom];
      return { left: x(left), right: x(right), top: y(top), bottom: y(bottom) };
    };
    const boxOf = ({ button, part }) => {
      const whole = box(button);
      return part ? { ...whole, top: box(part).top } : whole; // an arrow ends at the part it leads into
    };
    const boxes = Object.fromEntries(keys.map((key) => [key, boxOf(stations[key])]));
    boxes.loop = box(loop);
    const back = box(turn);
    arrows.replaceChildren(
      ...ARROWS.map(([from, to]) => {
        const carried = stopOf(from === "loop" ? "latent" : from);
        const lit = news(carried, step) === "yes" && !isOver(carried, step) && !isOver(stopOf(to), step);
        const around = from === "noise" && to === "noisy";
        const points = around ? detour(boxes.noise, boxes.noisy, (back.top + back.bottom) / 2) : ends(boxes[from], boxes[to]);
        return arrow(points, lit);
      }),
    );
  };
  const draw = (look) => {
    const [stops, labels, terms] = [model.get("stops"), model.get("labels"), model.get("terms")];
    tell(map, model.get("alt") || tr("the machine"));
    if (!stops.prompt) return;
    const last = labels.length - 1;
    const step = clamp(model.get("step"), 0, last);
    fillAll(stops, model.get("pictures"));
    for (const key of keys) {
      const [station, stop] = [stations[key], stops[key]];
      const over = isOver(stop, step);
      station.content.move(frameOf(stop, step));
      station.root.dataset.changed = over ? "" : news(stop, step);
      station.root.toggleAttribute("data-over", over);
      write(station.tag, over ? "done" : NEWS[news(stop, step)]);
      station.button.setAttribute("aria-label", inWords(stop, step));
      station.button.setAttribute("aria-expanded", model.get("opened") === key);
      explain(station.button, stop.meaning);
      if (station.part) explain(station.part, terms[PARTS[key]]);
    }
    explain(crossing, terms["cross-attention"]);
    explain(sampler, terms.sampler);
    Object.assign(slider, { max: last, value: step });
    slider.setAttribute("aria-valuetext", labels[step]);
    write(counter, labels[step]);
    const key = model.get("opened");
    detail.root.hidden = !stops[key];
    if (stops[key]) {
      fillDetail(key, stops);
      const frame = frameOf(stops[key], step);
      detail.content.move(frame);
      const [low, high] = stops[key].ranges[frame] ?? [];
      const facts = [stops[key].moves ? labels[frame] : "", `shape ${stops[key].shape}`];
      if (low !== undefined) facts.push(`numbers from ${number(low)} to ${number(high)}`);
      facts.push(NEWS[news(stops[key], step)]);
      write(detail.facts, facts.filter(Boolean).join(" · "));
    }
    drawArrows(step);
  };
  return live(model, root, ["stops", "pictures", "labels", "terms", "step", "opened", "alt"], draw, busy.stop);
}

export default { render };
