"""The two arrows of guidance and the one they make together."""

from __future__ import annotations

from typing import Any

from traitlets import Bytes, Float, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets import palette
from course_utils.widgets.base import View, check_choice, check_length
from course_utils.widgets.encode import float_array, optional_point_bytes, point_bytes


class ArrowField(View):
    """For each point the arrow without a prompt (dashed), with it (solid), and the guided one (bold).

    The guided arrow ends at u + w (c - u), computed in the browser, so `w` may follow a slider.
    """

    _front = ("cloud", "arrow_field")

    points = Bytes(b"", help="int16, (n, 2): where each arrow starts.").tag(sync=True)
    unconditional = Bytes(b"", help="int16, (n, 2): where the arrow u ends.").tag(sync=True)
    conditional = Bytes(b"", help="int16, (n, 2): where the arrow c ends.").tag(sync=True)
    target = Bytes(b"", help="int16, (m, 2): the faint cloud behind; or empty.").tag(sync=True)
    w = Float(1.0, help="Guidance; 0 is u, 1 is c.").tag(sync=True)
    extent = Float(2.2, help="Half the width of the square shown.").tag(sync=True)
    badge = Unicode("", help="'learned', 'exact', 'replay' or ''.").tag(sync=True)
    title = Unicode("").tag(sync=True)

    def set_arrows(
        self, points: Any, unconditional: Any, conditional: Any, target: Any | None = None
    ) -> None:
        """Replace all arrows: starts and both ends (n, 2), and the cloud behind, (m, 2) or None."""
        starts = float_array(points, (None, 2), "points")
        ends = [
            float_array(array, starts.shape, what)
            for array, what in ((unconditional, "unconditional ends"), (conditional, "conditional ends"))
        ]
        target_bytes = optional_point_bytes(target, "target")
        with self.one_message():
            self.points = point_bytes(starts, "points")
            self.unconditional, self.conditional = (point_bytes(end, "ends") for end in ends)
            self.target = target_bytes

    @validate("points", "unconditional", "conditional", "target")
    def _valid_bytes(self, proposal: Any) -> bytes:
        return check_length(proposal["value"], 4, proposal["trait"].name)

    @validate("badge")
    def _valid_badge(self, proposal: Any) -> str:
        return check_choice(proposal["value"], ("", *palette.BADGES), "badge")

    @validate("extent")
    def _valid_extent(self, proposal: Any) -> float:
        if not 0 < proposal["value"] <= 4:
            raise CourseError(f"The extent lies above 0 and reaches at most 4; {proposal['value']} does not.")
        return proposal["value"]
