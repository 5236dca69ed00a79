/** The curved path beside the straight one, with the stops of two painters; nothing here needs them. */
import { even, scaledLinear, straight, trailing } from "../painter/schedules.js";

const PATHS = [
  { name: "picturebook", path: scaledLinear(), timesteps: trailing },
  { name: "picturebook-flow", path: straight(), timesteps: even },
];

export function two_paths_panel(panel) {
  const [steps, view] = [panel.control("steps"), panel.view("CurveView")];
  panel.repaintOn(() => {
    const count = steps.get("value");
    const found = PATHS.map(({ path, timesteps }) => timesteps(count).map((t) => path.levels(t)));
    view.set("series", view.get("series").map((line, k) => (line.points ? stops(line, PATHS[k >> 1].name, found[k >> 1]) : line)));
    return PATHS.map(({ name }, k) => `strides of ${name}: ${strides(found[k])}`).join("; ");
  }, steps);
}

/** A painter's stops as dots, from left to right. */
function stops(line, name, levels) {
  const rising = [...levels].reverse();
  return { ...line, name: `${levels.length - 1} steps of ${name}`, x: rising.map(([, noise]) => noise), y: rising.map(([signal]) => signal) };
}

/** The lengths of the steps in the plane of noise and signal. */
function strides(levels) {
  const lengths = levels.slice(1).map(([signal, noise], k) => Math.hypot(signal - levels[k][0], noise - levels[k][1]));
  return `${Math.min(...lengths).toFixed(2)} to ${Math.max(...lengths).toFixed(2)}`;
}
