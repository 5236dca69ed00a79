"""A run of particles, played and scrubbed in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from traitlets import Bool, Bytes, Float, Int, List, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets import palette
from course_utils.widgets.base import View, check_choice, check_length
from course_utils.widgets.encode import POINT_SCALE, float_array, int16_bytes, optional_point_bytes

POINT_BYTES = 4


class ParticlePlayer(View):
    """Points on their way from static to a shape, one frame a step; the y axis points up.

    The canvas carries `data-step`, set in the animation frame that painted it. A `step` outside the run
    shows the nearest frame.
    """

    _front = ("keys", "cloud", "particle_player")

    frames = Bytes(b"", help="int16, coordinate * 8192, (n_frames, count, 2).").tag(sync=True)
    count = Int(0, help="Points in a frame.").tag(sync=True)
    n_frames = Int(0, help="Frames in the run.").tag(sync=True)
    aims = Bytes(b"", help="int16, (n_frames, count, 2): the predicted clean points; or empty.").tag(
        sync=True
    )
    target = Bytes(b"", help="int16, (m, 2): the faint cloud behind; or empty.").tag(sync=True)
    step = Int(0, help="Index of the frame shown.").tag(sync=True)
    labels = List(Unicode(), help="One line a frame, or empty.").tag(sync=True)
    figures = List(Unicode(), help="One figure a frame, shown large, or empty.").tag(sync=True)
    trails = Bool(False, help="Show where each point came from.").tag(sync=True)
    arrows = Bool(False, help="Show where points are heading.").tag(sync=True)
    badge = Unicode("", help="'learned', 'exact', 'replay' or ''.").tag(sync=True)
    title = Unicode("").tag(sync=True)
    extent = Float(2.2, help="Half the width of the square shown.").tag(sync=True)
    marked = Int(-1, help="Index of one point to follow, or -1.").tag(sync=True)

    def set_run(
        self,
        frames: Any,
        aims: Any | None = None,
        target: Any | None = None,
        labels: Sequence[str] = (),
        figures: Sequence[str] = (),
    ) -> None:
        """Replace the whole run: `frames` and `aims` (F, N, 2), `target` (m, 2), a text for each frame.

        What is left out becomes empty. The step shown stays, unless the new run is shorter.
        """
        array = float_array(frames, (None, None, 2), "frames")
        n_frames, count = array.shape[:2]
        aim_bytes = b"" if aims is None else int16_bytes(float_array(aims, array.shape, "aims"), POINT_SCALE)
        target_bytes = optional_point_bytes(target, "target")
        for texts, what in ((labels, "labels"), (figures, "figures")):
            if texts and len(texts) != n_frames:
                raise CourseError(f"A run of {n_frames} frames needs {n_frames} {what}, not {len(texts)}.")
        with self.one_message():
            self.count, self.n_frames = count, n_frames
            self.frames, self.aims, self.target = int16_bytes(array, POINT_SCALE), aim_bytes, target_bytes
            self.labels, self.figures = list(labels), list(figures)
            self.step = max(0, min(self.step, n_frames - 1))

    @validate("frames", "aims")
    def _valid_run(self, proposal: Any) -> bytes:
        value = check_length(proposal["value"], POINT_BYTES, proposal["trait"].name)
        if value and len(value) != self.n_frames * self.count * POINT_BYTES:
            raise CourseError(
                f"The {proposal['trait'].name} must hold {self.n_frames} frames of {self.count} points; "
                "use set_run, which counts them."
            )
        return value

    @validate("target")
    def _valid_target(self, proposal: Any) -> bytes:
        return check_length(proposal["value"], POINT_BYTES, "target")

    @validate("badge")
    def _valid_badge(self, proposal: Any) -> str:
        return check_choice(proposal["value"], ("", *palette.BADGES), "badge")

    @validate("extent")
    def _valid_extent(self, proposal: Any) -> float:
        if not 0 < proposal["value"] <= 4:
            raise CourseError(f"The extent lies above 0 and reaches at most 4; {proposal['value']} does not.")
        return proposal["value"]
