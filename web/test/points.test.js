/** Points walk in the page as in the package: tests/test_web_modules.py writes the vectors and the clouds. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { gunzipSync } from "node:zlib";

import { SCHEDULES, curves, scaledLinear } from "../painter/schedules.js";
import { tensors } from "../painter/weights.js";
import { ExactDenoiser } from "../particles/exact.js";
import { LearnedDenoiser } from "../particles/network.js";
import { Shapes } from "../particles/shapes.js";
import { read } from "../particles/reading.js";
import { averageDistance, paint, replayed, shareOnShape, start } from "../particles/walk.js";

const vectors = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));
const all = tensors(new Uint8Array(gunzipSync(readFileSync(`${vectors.clouds}/particles.pack`))));
const config = JSON.parse(readFileSync(`${vectors.clouds}/particles.json`, "utf8"));
const network = new Map([...all].filter(([name]) => name.startsWith("network:")).map(([name, part]) => [name.slice(8), part]));
const shapes = new Shapes(all);
const denoisers = {
  learned: new LearnedDenoiser(network, config),
  exact: new ExactDenoiser((prompt) => shapes.known(prompt), scaledLinear()),
};

function near(found, wanted, most, what) {
  assert.equal(found.length, wanted.length, what);
  const off = found.reduce((worst, value, k) => Math.max(worst, Math.abs(value - wanted[k])), 0);
  assert.ok(off <= most, `${what}: ${off} apart`);
}

test("the schedules of the course have their curves", () => {
  assert.deepEqual(Object.keys(SCHEDULES), Object.keys(vectors.named));
  for (const [name, wanted] of Object.entries(vectors.named)) {
    const found = curves(SCHEDULES[name]());
    near(found.signal, wanted.signal, 1e-9, `signal of ${name}`);
    near(found.level, wanted.level, 1e-9, `noise level of ${name}`);
  }
});

test("a typed prompt is read as in the package", () => {
  assert.ok(vectors.readings.length > 5);
  for (const { text, ...wanted } of vectors.readings) assert.deepEqual(read(text, config.prompts), wanted, text);
});

test("points on a shape are counted as in the package", () => {
  const target = shapes.target("cat");
  const half = target.map((value, k) => (k % 4 < 2 ? value : value + 9));
  assert.equal(shareOnShape(target, target), 1);
  assert.equal(shareOnShape(half, target), 0.5);
});

test("both denoisers answer as in the package", async () => {
  const points = Float32Array.from(vectors.points.points);
  assert.ok(vectors.points.predictions.length > 15);
  for (const { denoiser, t, prompt, wanted } of vectors.points.predictions) {
    const found = await denoisers[denoiser].predict(points, t, prompt);
    near(found, wanted, 2e-3, `${denoiser}, t = ${t}, '${prompt}'`);
  }
});

test("walks end where the package's end", async () => {
  for (const { settings, wanted, figure } of vectors.points.walks) {
    const run = await paint(denoisers[settings.denoiser], shapes.target(settings.prompt), settings);
    // Half-way between two known points the last digit decides, so a few may end at the other one.
    const off = wanted.filter((value, k) => Math.abs(run.frames.at(-1)[k] - value) > 5e-3).length / wanted.length;
    assert.ok(off < 0.01, `${JSON.stringify(settings)}: ${off} of the coordinates lie elsewhere`);
    const [here, there] = [run.figures.at(-1), figure].map((text) => Number(text.split(" ")[1]));
    assert.ok(Math.abs(here - there) < 0.0021, `${run.figures.at(-1)}, not ${figure}`);
    assert.equal(run.labels.length, settings.steps + 1);
  }
});

test("a replay ends at its shape, and begins in the static of its seed", () => {
  const clean = shapes.sample("cat", 1200, 8);
  const run = replayed(clean, shapes.target("cat"), { seed: 7, steps: 5 });
  assert.deepEqual(run.frames.at(-1), clean);
  assert.ok(averageDistance(clean, shapes.target("cat")) < 0.03);
  const [first] = run.frames;
  assert.ok(Math.abs(first[0] - start(7)[0]) < 0.2 && run.badge === "replay");
});

test("what no denoiser knows is told in a sentence", async () => {
  const points = start(1);
  await assert.rejects(denoisers.learned.predict(points, 5, "zebra"), { name: "CourseError" });
  assert.throws(() => shapes.target("zebra"), { name: "CourseError" });
  await assert.rejects(paint(denoisers.learned, points, { prompt: "cat", sampler: "best" }), { name: "CourseError" });
});
