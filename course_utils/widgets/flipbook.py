"""Pictures leafed through in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import Bool, Bytes, Int, List, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets.base import View, check_exact
from course_utils.widgets.encode import picture_bytes


class Flipbook(View):
    """One of several pictures of the same size; an `index` outside the book shows the nearest one.

    The canvas carries `data-index`, set in the animation frame that painted it.
    """

    _front = ("keys", "pixels", "flipbook")

    frames = Bytes(b"", help="uint8 RGB, (n_frames, height, width, 3).").tag(sync=True)
    width = Int(0).tag(sync=True)
    height = Int(0).tag(sync=True)
    n_frames = Int(0).tag(sync=True)
    index = Int(0, help="Which picture is shown.").tag(sync=True)
    labels = List(Unicode(), help="One line a picture, or empty.").tag(sync=True)
    title = Unicode("").tag(sync=True)
    pixelated = Bool(False, help="Show every pixel as a square when enlarged.").tag(sync=True)

    def set_frames(self, frames: Any, labels: Sequence[str] = ()) -> None:
        """Replace the pictures, uint8 (n, height, width, 3), and their labels (n or none)."""
        data, (n_frames, height, width, _) = picture_bytes(frames, (None, None, None, 3), "frames")
        if labels and len(labels) != n_frames:
            raise CourseError(f"A book of {n_frames} pictures needs {n_frames} labels, not {len(labels)}.")
        with self.one_message():
            self.n_frames, self.height, self.width = n_frames, height, width
            self.frames, self.labels = data, list(labels)
            self.index = max(0, min(self.index, n_frames - 1))

    @validate("frames")
    def _valid_frames(self, proposal: Any) -> bytes:
        return check_exact(proposal["value"], self.n_frames * self.height * self.width * 3, "frames")
