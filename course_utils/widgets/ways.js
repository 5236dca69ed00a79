// Pieces of a drawing in SVG: elements, and arrows between boxes.

const SVG = "http://www.w3.org/2000/svg";

const svg = (tag, attributes = {}, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/** The ends of a straight arrow between two boxes that stand beside or above each other. */
function ends(from, to) {
  const middle = (low, high) => (Math.max(from[low], to[low]) + Math.min(from[high], to[high])) / 2;
  const overlap = (low, high) => (from[low] < to[high] && to[low] < from[high] ? middle(low, high) : null);
  const y = overlap("top", "bottom");
  if (y !== null) return from.left < to.left ? [[from.right, y], [to.left, y]] : [[from.left, y], [to.right, y]];
  const x = overlap("left", "right") ?? (to.left + to.right) / 2;
  return from.top < to.top ? [[x, from.bottom], [x, to.top]] : [[x, from.top], [x, to.bottom]];
}

/** Back below the two stations of the loop. */
function detour(from, to, below) {
  const [start, end] = [from, to].map(({ left, right }) => (left + right) / 2);
  return [[start, from.bottom], [start, below], [end, below], [end, to.bottom]];
}

/** A line with a head at its end. */
function arrow(points, lit) {
  const [[x0, y0], [x, y]] = points.slice(-2);
  const angle = Math.atan2(y - y0, x - x0);
  const size = lit ? 18 : 12;
  const back = (turn, by) => [x - by * Math.cos(angle + turn), y - by * Math.sin(angle + turn)];
  const line = svg("polyline", { points: [...points.slice(0, -1), back(0, size / 2)].join(" ") });
  const head = svg("polygon", { points: [[x, y], back(0.45, size), back(-0.45, size)].join(" ") });
  return svg("g", { "data-lit": lit }, line, head);
}
