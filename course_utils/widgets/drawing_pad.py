"""A page to draw on: a picture of one's own, for a painter to begin from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from traitlets import Bytes, Int, List, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets.base import View, check_exact, check_range


class DrawingPad(View):
    """A page that is drawn on by pointer, touch or keys; `picture` follows the stroke.

    Arrow keys move a cursor, space puts a dab there, and with the shift key the arrows draw. Strokes can be
    taken back one by one; what was uploaded or set from Python stands below them.
    """

    _front = ("pixels", "drawing_pad")

    title = Unicode("").tag(sync=True)
    # From the browser it comes as a memoryview, which traitlets does not take for bytes.
    picture = Bytes(b"", help="uint8 (side, side, 3), or nothing for white paper.").tag(
        sync=True, from_json=lambda value, _widget: bytes(value)
    )
    side = Int(128, help="Pixels along a side of the page.").tag(sync=True)
    paints = List(List(), help="The paints to choose from: (name, colour in CSS).").tag(sync=True)
    radius = Int(5, help="Radius of the brush in pixels of the page, 1..16.").tag(sync=True)

    def set_paints(self, paints: Mapping[str, tuple[int, int, int]]) -> None:
        """Offer these paints, each a colour of (red, green, blue) in 0..255."""
        self.paints = [[name, f"rgb{colour}"] for name, colour in paints.items()]

    def set_picture(self, picture: Any) -> None:
        """Put a picture on the page, uint8 (side, side, 3)."""
        pixels = np.asarray(picture)
        if pixels.shape != (self.side, self.side, 3) or pixels.dtype != np.uint8:
            raise CourseError(
                f"A page to draw on has {self.side} x {self.side} pixels of three bytes, not {pixels.shape}."
            )
        self.picture = pixels.tobytes()

    @property
    def pixels(self) -> np.ndarray:
        """What is on the page, uint8 (side, side, 3)."""
        if not self.picture:
            return np.full((self.side, self.side, 3), 255, np.uint8)
        return np.frombuffer(self.picture, np.uint8).reshape(self.side, self.side, 3)

    @validate("picture")
    def _valid_picture(self, proposal: Any) -> bytes:
        return check_exact(proposal["value"], 3 * self.side**2, "picture")

    @validate("radius")
    def _valid_radius(self, proposal: Any) -> int:
        return check_range(proposal["value"], 1, 16, "radius of the brush")
