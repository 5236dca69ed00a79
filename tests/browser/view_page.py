"""A page of views without a notebook and without a kernel: each as its Python side would send it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from course_utils.widgets.base import View

# What anywidget gives a view: traits with their listeners. `sent` is what would have gone to the kernel.
_MODEL = """
class Model {
  constructor(state) { this.state = state; this.listeners = {}; this.sent = []; }
  get(name) { return this.state[name]; }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    (this.listeners[`change:${name}`] ?? []).forEach((listener) => listener());
  }
  save_changes() { this.sent.push("changes"); }
  send(content) { this.sent.push(content); }
  on(name, listener) { (this.listeners[name] ??= []).push(listener); }
  off(name, gone) { this.listeners[name] = (this.listeners[name] ?? []).filter((one) => one !== gone); }
}
const revive = (value) => {
  if (Array.isArray(value)) return value.map(revive);
  if (value === null || typeof value !== "object") return value;
  if ("bytes64" in value)
    return new DataView(Uint8Array.from(atob(value.bytes64), (letter) => letter.charCodeAt(0)).buffer);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, revive(part)]));
};
window.models = {};
window.add = async (name, script, style, state) => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const view = (await import(address)).default;
  document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
  const el = document.createElement("div");
  el.dataset.view = name;
  document.body.append(el);
  models[name] = new Model(revive(state));
  view.render({ model: models[name], el });
};
"""


def _sent(value: Any) -> Any:
    """A trait's value as JSON, bytes marked."""
    if isinstance(value, bytes | memoryview):
        return {"bytes64": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, Mapping):
        return {name: _sent(part) for name, part in value.items()}
    return [_sent(part) for part in value] if isinstance(value, list | tuple) else value


@contextmanager
def shown(browser: Browser, views: Mapping[str, View], before: str = "", **context: Any) -> Iterator[Page]:
    """A page with these views, each in a `[data-view=name]`, and `models` by name; no error may arise.

    `before` is a script that runs first. The rest is for the browser's context.
    """
    with browser.new_context(viewport={"width": 1024, "height": 768}, **context) as opened:
        page, problems = opened.new_page(), []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.set_content("<!doctype html><html lang='en'><title>views</title><body></body></html>")
        page.evaluate(f"{_MODEL}{before};undefined")
        for name, view in views.items():
            state = {key: _sent(getattr(view, key)) for key in view.keys if key[0] != "_" and key != "layout"}
            page.evaluate(
                "(given) => add(...given)", [name, view._esm, view._css, json.loads(json.dumps(state))]
            )
        page.wait_for_timeout(300)
        yield page
        assert problems == []
