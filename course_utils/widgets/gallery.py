"""Pictures beside each other, each with a line of text; one may be chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import Int, List, Unicode

from course_utils.runtime import CourseError
from course_utils.widgets.base import check_choice
from course_utils.widgets.sheet import QUALITY, SheetView

MARKS = ("", "right", "wrong")


class Gallery(SheetView):
    """A wall of pictures; `selected` is the one a learner clicked, -1 for none."""

    _front = ("busy", "sheet", "gallery")

    captions = List(Unicode(), help="One line a picture, or empty.").tag(sync=True)
    marks = List(Unicode(), help="right, wrong or nothing for each picture, or empty.").tag(sync=True)
    title = Unicode("").tag(sync=True)
    badge = Unicode("", help="learned, exact, replay, recorded or nothing.").tag(sync=True)
    tile = Int(150, help="Pixels a picture has at least across; below 100 captions are left out.").tag(
        sync=True
    )
    selected = Int(-1).tag(sync=True)

    def set_pictures(
        self,
        pictures: Any,
        captions: Sequence[str] = (),
        marks: Sequence[str] = (),
        quality: int = QUALITY,
    ) -> None:
        """Replace the pictures, uint8 (n, height, width, 3), with their captions and marks (n or none)."""
        for what, lines in (("captions", captions), ("marks", marks)):
            if lines and len(lines) != len(pictures):
                raise CourseError(
                    f"A wall of {len(pictures)} pictures needs as many {what}, not {len(lines)}."
                )
        for mark in marks:
            check_choice(mark, MARKS, "mark of a picture")
        with self.one_message():
            self._encode(pictures, quality)
            self.captions, self.marks, self.selected = list(captions), list(marks), -1
