"""What panels showed at every value of a slider, recorded beforehand by `tools/record_panels.py`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.runtime import CourseError
from course_utils.site import npm

RECORDED = npm.WEB / "recorded"
MOST = 500_000  # bytes of a recording
AGAIN = "record it again with `python tools/record_panels.py`."


@dataclass(frozen=True)
class Recording:
    """Frames of a panel, one for each value of its slider, which is its model number `slider` of `models`.

    `asked` are the values of its other controls by their descriptions. A frame holds, by the number of a
    model, the traits that are other ones in other frames, bytes among its `buffers`.
    """

    slider: int
    models: int
    asked: Mapping[str, Any]
    frames: Sequence[Mapping[str, Any]]

    def named(self, names: Sequence[str], kept: Mapping[str, Any]) -> dict[str, Any]:
        """The frames for a panel whose models bear these names. Raises `CourseError` for another panel."""
        shown = [kept[name] for name in names]
        if len(names) != self.models or settings_of(shown, self.slider) != self.asked:
            raise CourseError(f"shows a panel that is not the one recorded: {AGAIN}")
        frames = [{names[int(k)]: one for k, one in frame.items()} for frame in self.frames]
        return {"slider": names[self.slider], "frames": frames}


def settings_of(models: Sequence[Mapping[str, Any]], slider: int) -> dict[str, Any]:
    """What the controls of a panel are set to, by their descriptions; but for its slider."""
    return {
        one["traits"]["description"]: one["traits"]["value"]
        for k, one in enumerate(models)
        if k != slider and one["traits"].get("description") and "value" in one["traits"]
    }


def recordings(folder: Path = RECORDED) -> dict[str, Recording]:
    """All recordings by their panel, "module.panel". Raises `CourseError` for one that is too large."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        if path.stat().st_size > MOST:
            raise CourseError(
                f"The recording {path.name} has {path.stat().st_size / 1e6:.1f} MB: record less."
            )
        found[path.stem] = Recording(**json.loads(path.read_text(encoding="utf-8")))
    return found
