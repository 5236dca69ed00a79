"""A painting on its way: frames scrubbed in the browser, with a word's attention over them where wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from traitlets import Bool, Bytes, Float, Int, List, Unicode

from course_utils.runtime import CourseError
from course_utils.widgets.sheet import QUALITY, SMALL, SOON, SheetView


class Film(SheetView):
    """One of several frames; an `index` outside the film shows the nearest one.

    The canvas carries `data-index`, set in the animation frame that painted it.
    """

    _front = ("keys", "busy", "sheet", "film")

    index = Int(0, help="Which frame is shown.").tag(sync=True)
    labels = List(Unicode(), help="One line a frame, or empty.").tag(sync=True)
    title = Unicode("").tag(sync=True)
    badge = Unicode("", help="learned, exact, replay, recorded or nothing.").tag(sync=True)
    pixelated = Bool(False, help="Show every pixel as a square when enlarged.").tag(sync=True)
    preview = Bool(False, help="What is shown is a quick sketch.").tag(sync=True)
    heat = Bytes(b"", help="uint8 (n_frames, heat_side, heat_side): how hot each place is.").tag(sync=True)
    heat_side = Int(0).tag(sync=True)
    calm = Bool(False, help="The reader asked for less motion: nothing plays by itself.").tag(sync=True)
    heat_strength = Float(0.75, help="0..1: how much the heat covers.").tag(sync=True)

    def set_pictures(
        self, pictures: Any, labels: Sequence[str] = (), quality: int = QUALITY, preview: bool = False
    ) -> None:
        """Replace the frames, uint8 (n, height, width, 3), and their labels (n or none); heat is cleared.

        `preview` marks them as a quick sketch.
        """
        if labels and len(labels) != len(pictures):
            raise CourseError(
                f"A film of {len(pictures)} frames needs {len(pictures)} labels, not {len(labels)}."
            )
        with self.one_message():
            self._encode(pictures, quality, SOON if preview else SMALL)
            self.labels, self.heat, self.heat_side, self.preview = list(labels), b"", 0, preview
            self.index = max(0, min(self.index, self.n_frames - 1))

    def set_heat(self, maps: Any) -> None:
        """Lay maps over the frames: uint8 (n_frames, side, side)."""
        array = np.asarray(maps)
        if array.dtype != np.uint8 or array.ndim != 3 or array.shape[0] != self.n_frames:
            raise CourseError(
                f"Heat for {self.n_frames} frames is uint8 of shape ({self.n_frames}, side, side), "
                f"not {array.dtype} {array.shape}."
            )
        with self.one_message():
            self.heat, self.heat_side = array.tobytes(), array.shape[1]
