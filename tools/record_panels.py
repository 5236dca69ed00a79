"""Record panels that no page can run, at every value of a slider: pages leaf through what was recorded.

    python tools/record_panels.py

It runs each panel of `SLIDERS` as its notebook does and writes `web/recorded/<module>.<panel>.json`: which
model of the panel the slider is, what the panel was asked besides, and what changed at each value.
"""

import argparse
import base64
import importlib
import json
from pathlib import Path
from typing import Any

from course_utils.panels.base import Panel
from course_utils.panels.progress import watched
from course_utils.site.lesson_recordings import RECORDED, Recording, settings_of

# A panel as its notebook calls it, and the slider whose values are recorded.
SLIDERS = {"course_utils.panels.steering.clip_guidance.pushed_panel": "push"}
LEFT_OUT = ("layout", "style", "busy", "tabbable", "tooltip", "children")


def inside(widget: Any) -> list[Any]:
    """A widget and all that is in it, in the order of the page."""
    return [widget, *(one for child in getattr(widget, "children", ()) for one in inside(child))]


def states(panel: Panel) -> list[dict[str, Any]]:
    """What each widget of a panel shows, without what only says how."""
    return [
        {
            name: value
            for name, value in widget.get_state().items()
            if not name.startswith("_") and name not in LEFT_OUT
        }
        for widget in inside(panel.root)
    ]


def record(panel: Panel, description: str) -> Recording:
    """Set a slider to each of its values, and keep what the panel shows then."""
    models = inside(panel.root)
    (slider,) = (one for one in models if getattr(one, "description", "") == description)
    count = round((slider.max - slider.min) / slider.step) + 1
    values = [round(slider.min + k * slider.step, 6) for k in range(count)]
    asked = settings_of([{"kind": "", "traits": state} for state in states(panel)], models.index(slider))
    seen = []
    for value in watched(f"recording {description}", values, count):
        slider.value = value
        assert panel.work is not None
        panel.work.wait(600)
        seen.append(states(panel))
    changing = [
        {name for name in first if any(one[k][name] != first[name] for one in seen)}
        for k, first in enumerate(seen[0])
    ]
    changing[models.index(slider)].clear()
    frames = [
        {str(k): _saved(state[k], names) for k, names in enumerate(changing) if names} for state in seen
    ]
    return Recording(models.index(slider), len(models), asked, frames)


def _saved(state: dict[str, Any], names: set[str]) -> dict[str, Any]:
    kept = {name: state[name] for name in sorted(names)}
    bytes_of = {name: value for name, value in kept.items() if isinstance(value, bytes | memoryview)}
    return {
        "traits": {name: value for name, value in kept.items() if name not in bytes_of},
        "buffers": [[[name], base64.b64encode(value).decode()] for name, value in bytes_of.items()],
    }


def main() -> None:
    """Record all panels."""
    argparse.ArgumentParser(description=main.__doc__).parse_args()
    RECORDED.mkdir(exist_ok=True)
    for name, slider in SLIDERS.items():
        module, _, function = name.rpartition(".")
        recording = record(getattr(importlib.import_module(module), function)(), slider)
        path = Path(RECORDED) / f"{module.rpartition('.')[2]}.{function}.json"
        path.write_text(json.dumps(recording.__dict__, separators=(",", ":")) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(recording.frames)} frames, {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
