// Shared by every view. Joined in front of each view's own script, so all names live in one module.

/** Mark a text for translation where its language is not asked for yet. */
const N_ = (text) => text;

/** A text in the learner's language; WORDS stands in front of this script. Values fill its {places}. */
const tr = (text, values = {}) => (WORDS[text] ?? text).replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

/** Make an element with a class, attributes and children. */
function make(tag, className = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Put the view's card into el and return it. */
function mount(el, className, ...children) {
  const root = make("div", `cu-view ${className}`, {}, ...children);
  el.append(root);
  return root;
}

/** Write text where it differs; an empty text hides its element. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = text === "";
}

/** Tell those who cannot see it what a picture is, and what its data say; sentences lose their full stops. */
function tell(picture, ...facts) {
  const said = facts.filter(Boolean).map((fact) => fact.replace(/[.\s]+$/, "")).join(". ");
  if (picture.getAttribute("aria-label") !== said) picture.setAttribute("aria-label", said);
}

/** A number as it is told: to four digits, without zeros that say nothing. */
const spoken = (value) => String(Number(value.toPrecision(4)));

const BADGES = { learned: N_("learned"), exact: N_("exact"), replay: N_("replay"), recorded: N_("recorded") };

/** Show a badge's word in its chip, and say what it means; the style sheet adds the shape. */
function showBadge(chip, kind = "") {
  chip.dataset.kind = kind;
  write(chip, BADGES[kind] ? tr(BADGES[kind]) : kind);
  explain(chip, MEANINGS[kind]);
}

/** How many pixels of the screen a CSS pixel of an element is: on a slide a panel is shown larger or smaller. */
function zoomOf(element) {
  return element.getBoundingClientRect().width / element.offsetWidth || 1;
}

/** Bytes of a trait as a typed array. They may arrive as a DataView at any offset, or not at all. */
function typed(Type, data) {
  if (!data) return new Type(0);
  const size = Type.BYTES_PER_ELEMENT;
  const buffer = data.buffer ?? data;
  const start = data.byteOffset ?? 0;
  const length = Math.floor(data.byteLength / size);
  if (start % size === 0) return new Type(buffer, start, length);
  return new Type(buffer.slice(start, start + length * size));
}

/** Wrap a function so that it is computed anew only when an argument is another one. */
function remember(compute) {
  let known = null;
  let value;
  return (...now) => {
    if (known === null || now.some((argument, i) => argument !== known[i])) {
      value = compute(...now);
      known = now;
    }
    return value;
  };
}

/** Set a trait and tell everyone. */
function assign(model, trait, value) {
  if (model.get(trait) === value) return;
  model.set(trait, value);
  model.save_changes();
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** A number with about three significant digits; what is smaller than a thousandth reads as zero. */
function number(value) {
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en");
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

const typeface = (size, weight = 400) => `${weight} ${size}px system-ui, "Segoe UI", "Noto Sans", sans-serif`;

/** Size a canvas to its box in device pixels; return a cleared context in CSS pixels, or null while hidden. */
function stage(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width || !height) return null;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return { ctx, width, height, ratio };
}

/** Say quietly that there is nothing to draw yet. */
function placeholder(canvas, look) {
  const area = stage(canvas);
  if (!area) return;
  area.ctx.fillStyle = look("muted");
  area.ctx.font = typeface(look.size("base"));
  area.ctx.textAlign = "center";
  area.ctx.textBaseline = "middle";
  area.ctx.fillText(tr("nothing painted yet"), area.width / 2, area.height / 2);
}

/** Reader of the card's CSS variables, cached until forget() is called. */
function makeLook(root) {
  const cache = new Map();
  const look = (name) => {
    if (cache.has(name)) return cache.get(name);
    const value = getComputedStyle(root).getPropertyValue(`--cu-${name}`).trim();
    // A card that is not in the document yet has no style: nothing to keep.
    if (value) cache.set(name, value);
    return value;
  };
  look.size = (name) => parseFloat(look(`size-${name}`)) || 16;
  look.forget = () => cache.clear();
  return look;
}

/** Call back when the page changes between light and dark; return the function that stops it. */
function watchTheme(changed) {
  const observer = new MutationObserver(changed);
  const attributes = ["class", "theme", "data-jp-theme-light", "data-vscode-theme-kind"];
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: attributes });
  }
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", changed);
  };
}

/**
 * Draw now and whenever a trait, the theme or the size of a canvas (or of what is marked `data-sized`) changes,
 * at most once an animation frame. Returns the view's cleanup; `stops` are run by it too.
 */
function live(model, root, traits, draw, ...stops) {
  const look = makeLook(root);
  let frame = 0;
  const request = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      fitOnSlide(root);
      draw(look);
    });
  };
  for (const trait of traits) model.on(`change:${trait}`, request);
  const resized = new ResizeObserver(request);
  const restyle = () => {
    look.forget();
    request();
  };
  // A notebook may skip the styles of cells out of sight, so the theme is read anew when one comes back.
  const seen = new IntersectionObserver(restyle);
  for (const element of root.querySelectorAll("canvas, [data-sized]")) {
    resized.observe(element);
    seen.observe(element);
  }
  const stopTheme = watchTheme(restyle);
  keepWidgets(model.widget_manager);
  hearKernel(model);
  const stopAnswers = answerReset(model);
  request();
  return () => {
    cancelAnimationFrame(frame);
    for (const trait of traits) model.off(`change:${trait}`, request);
    resized.disconnect();
    seen.disconnect();
    stopTheme();
    stopAnswers();
    for (const stop of stops) stop();
    root.remove();
  };
}
