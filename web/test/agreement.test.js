/** An engine takes over only where it agrees, and sooner. */
import assert from "node:assert/strict";
import test from "node:test";

import { mayReplace } from "../painter/agreement.js";

const probe = { x: Float32Array.of(1, 2, 3), index: 999, sides: [{}], told: null };

/** An engine that is off by so much in its predictions and pages, and takes so long, on a clock of its own. */
function engine({ off = 0, pageOff = 0, milliseconds = 10 } = {}) {
  return {
    async predict(x) {
      clock += milliseconds;
      return [x.map((value) => value + off)];
    },
    async decode(x) {
      return { data: x.map((value) => value / 3 + pageOff) };
    },
  };
}

let clock = 0;
const now = () => clock;

test("a quicker engine that agrees takes over", async () => {
  assert.equal(await mayReplace(engine(), engine({ milliseconds: 3, off: 1e-4 }), probe, now), true);
});

test("wrong numbers, wrong pages, no numbers, slowness and failure all leave things as they are", async () => {
  const broken = { ...engine(), predict: async () => { throw new Error("the device was lost"); } };
  const short = { ...engine({ milliseconds: 3 }), decode: async () => ({ data: Float32Array.of(1) }) };
  const worse = [{ off: 0.05 }, { pageOff: 0.05 }, { off: NaN }, { pageOff: NaN }].map((how) => engine({ milliseconds: 3, ...how }));
  for (const candidate of [...worse, engine({ milliseconds: 11 }), broken, short]) {
    assert.equal(await mayReplace(engine(), candidate, probe, now), false);
  }
});
