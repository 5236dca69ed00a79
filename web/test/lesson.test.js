/** The models of a lesson: traits, listeners, choices and links, as a notebook's front end has them. */
import assert from "node:assert/strict";
import test from "node:test";

import { join, modelsOf } from "../lesson/models.js";
import { inStyle } from "../lesson/paintings.js";

const saved = {
  choice: { kind: "Dropdown", traits: { _options_labels: ["cat", "page", "cat"], index: 1 } },
  slider: { kind: "IntSlider", traits: { value: 3 } },
  film: { kind: "Film", traits: { index: 0, pictures: { a: 1 } }, buffers: [[["sheet"], "AQI="], [["pictures", "b"], "Aw=="]] },
};

test("bytes come to their places in a model's traits", () => {
  const film = modelsOf(saved).get("film");
  assert.deepEqual([...film.get("sheet")], [1, 2]);
  assert.deepEqual({ a: film.get("pictures").a, b: [...film.get("pictures").b] }, { a: 1, b: [3] });
});

test("several traits are set before anybody hears of one", () => {
  const film = modelsOf(saved).get("film");
  const heard = [];
  film.on("change:index", () => heard.push(film.get("title")));
  film.set({ index: 4, title: "new" });
  film.set("index", 4);
  assert.deepEqual(heard, ["new"]);
});

test("a choice has the label of its index as value, also of labels that come twice", () => {
  const choice = modelsOf(saved).get("choice");
  assert.equal(choice.get("value"), "page");
  choice.set("value", "cat");
  assert.equal(choice.get("index"), 0);
  choice.set("index", 2);
  assert.equal(choice.get("value"), "cat");
  choice.set({ _options_labels: ["dog"], index: 0 });
  assert.equal(choice.get("value"), "dog");
});

test("a list of styles says the chosen one at the end of a prompt, and its first place nothing", () => {
  const style = modelsOf({ style: { kind: "Dropdown", traits: { _options_labels: ["as the words say", "neon"], index: 0 } } }).get("style");
  assert.equal(inStyle("a cat", style), "a cat");
  style.set("index", 1);
  assert.equal(inStyle("a cat", style), "a cat, neon");
});

test("links are followed from the start, and back only where they lead both ways", () => {
  for (const both of [true, false]) {
    const models = modelsOf(saved);
    join(models, [["slider", "value", "film", "index", both]]);
    const [slider, film] = [models.get("slider"), models.get("film")];
    assert.equal(film.get("index"), 3);
    film.set("index", 5);
    assert.equal(slider.get("value"), both ? 5 : 3);
    slider.set("value", 1);
    assert.equal(film.get("index"), 1);
  }
});

test("who no longer listens hears nothing", () => {
  const slider = modelsOf(saved).get("slider");
  const heard = [];
  const listen = () => heard.push(slider.get("value"));
  slider.on("change:value", listen);
  slider.off("change:value", listen);
  slider.set("value", 9);
  assert.deepEqual(heard, []);
});
