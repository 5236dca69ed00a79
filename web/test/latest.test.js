/** Of requests that follow each other, the newest is worked off. */
import assert from "node:assert/strict";
import test from "node:test";

import { LatestOnly } from "../painter/latest.js";

/** Work in steps that wait to be let on, on a clock of its own. */
function workshop() {
  const found = { clock: 0, done: [], ticks: 0 };
  const work = async (request, check) => {
    for (let step = 0; step < request.steps; step++) {
      found.clock += request.cost;
      await check();
    }
    found.done.push(request.name);
    return request.name;
  };
  const breathe = () => new Promise((resolve) => setImmediate(resolve));
  found.latest = new LatestOnly(work, breathe, () => found.clock);
  return found;
}

const outcome = (promise) => promise.catch((error) => error.name);

test("the newest request wins, and whoever asked before is told", async () => {
  const { latest, done } = workshop();
  const asked = ["first", "second", "third"].map((name) => outcome(latest.ask({ name, steps: 5, cost: 10 })));
  assert.deepEqual(await Promise.all(asked), ["Cancelled", "Cancelled", "third"]);
  assert.deepEqual(done, ["third"]);
});

test("a sketch that is young is finished although a newer request has come", async () => {
  const { latest, done } = workshop();
  const sketch = outcome(latest.ask({ name: "sketch", steps: 2, cost: 100, preview: true }));
  const page = outcome(latest.ask({ name: "page", steps: 2, cost: 100 }));
  assert.deepEqual([await sketch, await page], ["sketch", "page"]);
  assert.deepEqual(done, ["sketch", "page"]);
});

test("sketches that take too long are cancelled, then given twice the time", async () => {
  const { latest } = workshop();
  const sketch = (name) => outcome(latest.ask({ name, steps: 4, cost: 100, preview: true }));
  assert.equal((await Promise.all([sketch("one"), sketch("two")]))[0], "Cancelled");
  const again = [sketch("three"), sketch("four")];
  assert.equal(await again[0], "Cancelled", "patience is as it was after a success");
  latest.abort();
});

test("aborting ends the work and forgets what waits; the next request is worked off", async () => {
  const { latest, done } = workshop();
  const asked = ["first", "second"].map((name) => outcome(latest.ask({ name, steps: 5, cost: 10 })));
  latest.abort();
  assert.deepEqual(await Promise.all(asked), ["Cancelled", "Cancelled"]);
  assert.equal(await latest.ask({ name: "third", steps: 1, cost: 1 }), "third");
  assert.deepEqual(done, ["third"]);
});

test("a mistake reaches whoever asked, and ends nothing else", async () => {
  const { latest } = workshop();
  const broken = new LatestOnly(async () => { throw new TypeError("broken"); }, async () => {});
  assert.equal(await outcome(broken.ask({})), "TypeError");
  assert.equal(await latest.ask({ name: "fine", steps: 1, cost: 1 }), "fine");
});
