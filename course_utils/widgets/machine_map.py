"""The map of one run: a thumbnail at every station, arrows between them, a loop that can be scrubbed."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from PIL import Image
from traitlets import Bool, Bytes, Dict, Int, List, Unicode

from course_utils.runtime import CourseError
from course_utils.widgets.base import View, check_choice
from course_utils.widgets.encode import picture_bytes

# In the order of reading; the script places them and draws the arrows.
STATIONS = ("prompt", "tokens", "vectors", "seed", "initial", "noisy", "noise", "latent", "page")


@dataclass(frozen=True)
class Stop:
    """What a station of the map says.

    `shape` and `what` are shown as they are; `ranges` holds the lowest and highest number, of each step where
    the station `moves` with the steps, else once, or never for words. `words` label its parts, the last one
    all that follow. `changed` says for each part (step, token, row) whether it differs from the run before;
    it is empty where there was none. `meaning` defines the station's term.
    """

    name: str
    what: str
    shape: str
    meaning: str = ""
    ranges: Sequence[tuple[float, float]] = ()
    words: Sequence[str] = ()
    changed: Sequence[bool] = ()
    moves: bool = False


class MachineMap(View):
    """One run at a glance: text and seed enter, a loop un-noises, a page comes out.

    `step` and `opened` belong to the browser: moving through the loop or opening a station asks no kernel.
    Each station carries `data-changed` ("yes", "no" or "") and pictures carry `data-frame`.
    """

    _front = ("busy", "ways", "machine_map")

    stops = Dict(help="For each station what `Stop` holds.").tag(sync=True)
    pictures = Dict(per_key_traits={key: Bytes() for key in STATIONS}).tag(sync=True)
    sizes = Dict(help="For each picture [frames, height, width]; frames stand side by side.").tag(sync=True)
    labels = List(Unicode(), help="One line a step, one more for the end.").tag(sync=True)
    terms = Dict(help="What the machine's parts are, in a sentence each.").tag(sync=True)
    step = Int(0, help="How many steps the loop has taken in what is shown.").tag(sync=True)
    opened = Unicode("", help="The station shown large, or nothing.").tag(sync=True)
    busy = Bool(False, help="Another run is being painted.").tag(sync=True)

    def set_run(self, stops: Mapping[str, Stop], pictures: Mapping[str, Any], labels: Sequence[str]) -> None:
        """Replace the run: a stop for each station, pictures (frames, height, width, 3) uint8 of some.

        A station that moves has len(labels) frames, or one less, where the last step leaves nothing to do.
        """
        if missing := set(STATIONS) - set(stops):
            raise CourseError(f"The map has no stop for {', '.join(sorted(missing))}.")
        packed = {}
        for key, frames in pictures.items():
            check_choice(key, STATIONS, "station of the map")
            count = len(frames)
            if stops[key].moves and not len(labels) - 1 <= count <= len(labels):
                raise CourseError(f"The station {key!r} has {count} frames for {len(labels) - 1} steps.")
            packed[key] = _strip(frames)
        with self.one_message():
            self.stops = {key: asdict(stops[key]) for key in STATIONS}
            self.pictures = {key: data for key, (data, _) in packed.items()}
            self.sizes = {key: size for key, (_, size) in packed.items()}
            self.labels = list(labels)

    def in_words(self) -> str:
        """Return the alt text and every station with what lies there."""
        lines = [
            f"{stop['name']}: {stop['what']} ({stop['shape']})"
            for stop in (self.stops.get(key) for key in STATIONS)
            if stop
        ]
        return " ".join([self.alt, *lines])


def _strip(pictures: Any) -> tuple[bytes, list[int]]:
    """Pictures side by side, losslessly packed, and their number, height and width."""
    _, (count, height, width, _) = picture_bytes(pictures, (None, None, None, 3), "pictures")
    side_by_side = np.asarray(pictures).transpose(1, 0, 2, 3).reshape(height, count * width, 3)
    target = io.BytesIO()
    Image.fromarray(side_by_side).save(target, "WEBP", lossless=True)
    return target.getvalue(), [count, height, width]
