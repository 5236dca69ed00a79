/** Points for the instruments of a lesson: the shapes and the learned network, loaded once; runs for the player. */
import { joined } from "../painter/arrays.js";
import { scaledLinear } from "../painter/schedules.js";
import { turn } from "../painter/turn.js";
import { inflated, tensors } from "../painter/weights.js";
import { ExactDenoiser } from "../particles/exact.js";
import { LearnedDenoiser } from "../particles/network.js";
import { Shapes } from "../particles/shapes.js";
import { bytesOf } from "./beside.js";

const POINT_SCALE = 8192; // of coordinates as whole numbers, see `widgets/encode.py`
const NETWORK = "network:";

let coming = null;

async function fetchClouds() {
  const [make, packed] = await Promise.all(["particles.json", "particles.pack"].map(bytesOf));
  const all = tensors(await inflated(packed));
  const named = ([name, part]) => [name.slice(NETWORK.length), part];
  const network = new Map([...all].filter(([name]) => name.startsWith(NETWORK)).map(named));
  const shapes = new Shapes(all);
  const exact = new ExactDenoiser((prompt) => shapes.known(prompt), scaledLinear());
  return { shapes, learned: new LearnedDenoiser(network, JSON.parse(new TextDecoder().decode(make))), exact };
}

/** {shapes, learned, exact}: see `web/particles/`. */
export function clouds() {
  coming ??= fetchClouds();
  coming.catch(() => (coming = null));
  return coming;
}

/** Points as the views take them: whole numbers of 16 bits. */
export const whole = (points) =>
  Int16Array.from(points, (value) => Math.max(-32768, Math.min(32767, Math.round(value * POINT_SCALE))));

/** Replace the run of a `ParticlePlayer`, as `set_run` does; `more` are further traits. */
export function setRun(player, { frames, aims = [], target, labels = [], figures = [] }, more = {}) {
  player.set({
    count: frames[0].length / 2,
    n_frames: frames.length,
    frames: whole(joined(frames)),
    aims: aims.length ? whole(joined(aims)) : new Int16Array(),
    target: target ? whole(target) : new Int16Array(),
    labels,
    figures,
    step: Math.max(0, Math.min(player.get("step"), frames.length - 1)),
    ...more,
  });
}

const REST = 12; // milliseconds of work between two rests

/** What long work in the page awaits now and then: it lets the page breathe, and `check` end the work. */
export function breathing(check = () => {}) {
  let rested = performance.now();
  return async () => {
    if (performance.now() - rested < REST) return;
    await turn();
    rested = performance.now();
    check();
  };
}
