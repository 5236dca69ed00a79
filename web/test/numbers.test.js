/** Numbers as torch and numpy have them: tests/test_web_modules.py writes the vectors that VECTORS names. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { classifierFreeGuidance, guidanceNumbers, rescaled } from "../painter/guidance.js";
import { Generator } from "../painter/random.js";
import { LEAPS, SAMPLERS, initialState } from "../painter/sampling.js";
import * as schedules from "../painter/schedules.js";
import { floats, inflated, tensors } from "../painter/weights.js";

const vectors = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));

function near(found, wanted, most, what) {
  assert.equal(found.length, wanted.length, what);
  const off = found.reduce((worst, value, k) => Math.max(worst, Math.abs(value - wanted[k])), 0);
  assert.ok(off <= most, `${what}: ${off} apart`);
}

test("a seed gives the noise that torch draws, again and again", () => {
  assert.ok(vectors.noise.length > 5);
  for (const { seed, draws } of vectors.noise) {
    const generator = new Generator(BigInt(seed));
    for (const wanted of draws) near(generator.normal(wanted.length), wanted, 1e-6, `seed ${seed}`);
  }
});

test("what is no seed is refused in a sentence", () => {
  for (const seed of [-1, 1.5, "seven", 2n ** 63n]) assert.throws(() => new Generator(seed), { name: "CourseError" });
});

test("timesteps are the package's own", () => {
  assert.ok(vectors.timesteps.length > 30);
  for (const { name, given, wanted } of vectors.timesteps) {
    assert.deepEqual(schedules[name](...given), wanted, `${name}(${given})`);
  }
});

test("the schedule of a checkpoint is the package's own", () => {
  const path = schedules.ofCheckpoint(vectors.schedule.config);
  near(path.signal, vectors.schedule.signal, 1e-12, "signal");
  near(path.level, vectors.schedule.level, 1e-12, "noise level");
});

test("a network is told guidance by the same waves", () => {
  for (const { w, wanted } of vectors.told) near(guidanceNumbers(w, wanted.length), wanted, 1e-3, `w = ${w}`);
});

test("every sampler walks where the package's own walks", async () => {
  assert.ok(vectors.walks.length > 8);
  for (const { sampler, path: which, timesteps, noise, seed, wanted, evaluations } of vectors.walks) {
    const path = which === "straight" ? schedules.straight() : schedules.ofCheckpoint(vectors.schedule.config);
    const chosen = { ...SAMPLERS, consistency: LEAPS }[sampler];
    const predict = async (x, t) => x.map((value) => 0.3 * value + 0.1 * Math.cos(t));
    const x = initialState(chosen, Float32Array.from(noise), timesteps[0], path);
    let last;
    for await (const state of chosen.walk(predict, x, timesteps, path, new Generator(seed))) last = state;
    near(last.x, wanted, 3e-5, `${sampler}, ${which}`);
    assert.equal(last.evaluations, evaluations);
  }
});

test("guidance asks only the sides that have a say", async () => {
  const asked = [];
  const model = async (x, t, sides) => {
    asked.push(sides.join());
    return sides.map((side) => Float32Array.of(side === "prompt" ? 3 : 1));
  };
  for (const [guidance, wanted] of [[0, 1], [1, 3], [4, 9]]) {
    const settings = { guidance, interval: [0, 1], rescale: 0 };
    const predict = classifierFreeGuidance(model, "prompt", "", settings);
    assert.equal((await predict(Float32Array.of(0), 500))[0], wanted);
    assert.equal(predict.evaluations, guidance === 4 ? 2 : 1);
  }
  assert.deepEqual(asked, ["", "prompt", ",prompt"]);
  near(rescaled(Float32Array.of(2, 6), Float32Array.of(1, 3), 1), [1, 3], 1e-6, "rescaled");
});

test("half precision is read bit by bit", () => {
  const every = Uint16Array.from({ length: 1 << 16 }, (_, bits) => bits);
  const found = floats(every);
  assert.deepEqual([0x3c00, 0xc000, 1, 0x7bff, 0x0400].map((bits) => found[bits]), [1, -2, 2 ** -24, 65504, 2 ** -14]);
  assert.ok(Number.isNaN(found[0x7e00]) && found[0xfc00] === -Infinity);
});

test("packs unpack to the numbers that were packed", async () => {
  for (const { packed, wanted } of vectors.packs) {
    const found = tensors(await inflated(Buffer.from(packed, "base64")));
    assert.deepEqual([...found.keys()].sort(), Object.keys(wanted).sort());
    for (const [name, numbers] of Object.entries(wanted)) near(found.get(name), numbers, 0, name);
  }
});
