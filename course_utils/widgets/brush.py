"""A picture to brush over: which part is to be painted anew?"""

from __future__ import annotations

from typing import Any

import numpy as np
from traitlets import Bytes, Int, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets.base import check_exact, check_range
from course_utils.widgets.sheet import QUALITY, SheetView


class Brush(SheetView):
    """A picture over which a hole is brushed, by pointer, touch or keys; `mask` arrives after each stroke.

    Arrow keys move a cursor, space brushes there, Delete takes everything back; with the shift key or the
    right button the brush mends instead.
    """

    _front = ("busy", "sheet", "brush")

    title = Unicode("").tag(sync=True)
    # From the browser it comes as a memoryview, which traitlets does not take for bytes.
    mask = Bytes(b"", help="uint8 (mask_side, mask_side): 255 where the hole is.").tag(
        sync=True, from_json=lambda value, _widget: bytes(value)
    )
    mask_side = Int(16, help="Cells along a side of the mask.").tag(sync=True)
    radius = Int(2, help="Radius of the brush in cells, 1..8.").tag(sync=True)

    def set_picture(self, picture: Any, quality: int = QUALITY) -> None:
        """Replace the picture, uint8 (height, width, 3); the hole stays."""
        with self.one_message():
            self._encode(np.asarray(picture)[None], quality)

    def set_hole(self, hole: Any) -> None:
        """Mark this part, bool (mask_side, mask_side)."""
        cells = np.asarray(hole, dtype=bool)
        if cells.shape != (self.mask_side, self.mask_side):
            raise CourseError(f"A hole has {self.mask_side} x {self.mask_side} cells, not {cells.shape}.")
        self.mask = (255 * cells.astype(np.uint8)).tobytes()

    @property
    def hole(self) -> np.ndarray:
        """The marked part, bool (mask_side, mask_side)."""
        side = self.mask_side
        if not self.mask:
            return np.zeros((side, side), bool)
        return np.frombuffer(self.mask, np.uint8).reshape(side, side) > 0

    @validate("mask")
    def _valid_mask(self, proposal: Any) -> bytes:
        return check_exact(proposal["value"], self.mask_side**2, "mask")

    @validate("radius")
    def _valid_radius(self, proposal: Any) -> int:
        return check_range(proposal["value"], 1, 8, "radius of the brush")
