"""What a page needs of a notebook's saved widgets: models without scripts, links, and which controls wait.

Saved models name a kind, traits, bytes and a layout; scripts and styles are the page's own, once for all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from course_utils import widgets
from course_utils.runtime import CourseError
from course_utils.site.lesson_text import adapted

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"

VIEWS = frozenset(widgets.__all__)
BOXES = frozenset({"Box", "GridBox", "HBox", "VBox"})
# What a learner sets, in the names of ipywidgets' models; `web/lesson/controls.js` shows each of them.
CONTROLS = frozenset(
    {
        *("BoundedIntText", "Checkbox", "Combobox", "Dropdown", "FloatSlider", "FloatText", "IntSlider"),
        *("Play", "SelectionSlider", "Text", "ToggleButton", "ToggleButtons"),
    }
)
SHOWN = VIEWS | BOXES | CONTROLS | {"Button", "HTML", "Label"}
ASKING = frozenset({"Upload", "Brush", "DrawingPad"})  # views that are controls, too
# Traits of ipywidgets' styles and what they are in CSS.
STYLES = {"button_color": "background", "text_color": "color", "font_size": "font-size"}
RESET = "reset"  # the button that the page itself answers
_NAME = re.compile(r"IPY_MODEL_([\w-]+)")
_LEFT_OUT = ("_esm", "_css", "layout", "style", "tabbable", "description_allow_html")


@dataclass
class SavedWidgets:
    """The widgets that a notebook was saved with; `kept` are those that its page shows."""

    models: Mapping[str, Any]
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, notebook: Any) -> SavedWidgets:
        """Those of a notebook; none where it was saved without."""
        saved = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
        return cls(saved)

    def keep(self, root: str) -> list[str]:
        """Take a model and all that is in it into the page; return their names in the order of the page.

        Raises `CourseError` for one that is missing, or that no page can show.
        """
        if root not in self.models:
            raise CourseError("was saved without its widgets: run `make notebooks` first.")
        saved = self.models[root]
        kind = _kind(saved)
        if kind not in SHOWN:
            raise CourseError(f"holds a {kind}, which no page can show yet: teach web/lesson/controls.js.")
        self.kept[root] = self._lean(saved, kind)
        children = _names(saved["state"].get("children", ()))
        return [root, *(name for child in children for name in self.keep(child))]

    def links(self) -> list[list[Any]]:
        """The links among what is kept: source, its trait, target, its trait, whether both ways."""
        found = []
        for saved in self.models.values():
            if not saved["model_name"].endswith("LinkModel"):
                continue
            (one, (source,)), (other, (target,)) = (
                (end[1], _names(end[0])) for end in (saved["state"]["source"], saved["state"]["target"])
            )
            if source in self.kept and target in self.kept:
                found.append([source, one, target, other, saved["model_name"] == "LinkModel"])
        return found

    def waiting(self, names: Iterable[str]) -> list[str]:
        """Which of these kept models did nothing without a kernel: no link leads from them."""
        led = {end for source, _, target, _, _ in self.links() for end in (source, target)}
        return [name for name in names if self._asks(name) and name not in led]

    def _asks(self, name: str) -> bool:
        one = self.kept[name]
        if one["kind"] == "Button":
            return one["traits"].get("description") != RESET
        return one["kind"] in CONTROLS | ASKING

    def _lean(self, saved: Any, kind: str) -> dict[str, Any]:
        state = saved["state"]
        traits = {
            trait: value
            for trait, value in state.items()
            if trait not in _LEFT_OUT
            and (trait[0] != "_" or trait == "_options_labels")
            and value is not None
        }
        if "children" in traits:
            traits["children"] = _names(traits["children"])
        if kind == "HTML":
            traits["value"] = adapted(traits["value"])
        lean: dict[str, Any] = {"kind": kind, "traits": traits}
        lean["buffers"] = [[one["path"], one["data"]] for one in saved.get("buffers", ()) if one["data"]]
        lean["layout"] = dict(self._layout(state.get("layout", ""))) | self._style(state.get("style", ""))
        lean["classes"] = state.get("_dom_classes", [])
        return {part: value for part, value in lean.items() if value}

    def _layout(self, reference: str) -> Iterator[tuple[str, str]]:
        for name in _names(reference):
            for trait, value in self.models[name]["state"].items():
                if value is not None and not trait.startswith("_"):
                    yield trait.replace("_", "-"), value

    def _style(self, reference: str) -> dict[str, str]:
        """The colours and the size of letters that a button was given."""
        saved: dict[str, Any] = {}
        for name in _names(reference):
            saved |= self.models[name]["state"]
        return {css: saved[trait] for trait, css in STYLES.items() if saved.get(trait)}


def _names(reference: Any) -> list[str]:
    """The names of the models that something saved speaks of."""
    return _NAME.findall(json.dumps(reference))


def _kind(saved: Any) -> str:
    """`Film`, `IntSlider`: what a saved model is a model of."""
    view = saved["state"].get("_anywidget_id")
    return str(view).rpartition(".")[2] if view else str(saved["model_name"]).removesuffix("Model")
