"""A training run as it happens: the loss, and the cloud that the model would paint now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from traitlets import Bytes, Int, Unicode, validate

from course_utils.widgets.base import View, check_length
from course_utils.widgets.encode import float32_bytes, float_array, optional_point_bytes, point_bytes


class LossView(View):
    """On the left the loss of every step (faint) and its running mean (bold), on the right the cloud."""

    _front = ("chart", "cloud", "loss_view")

    losses = Bytes(b"", help="float32, one value a training step so far.").tag(sync=True)
    total = Int(0, help="Training steps expected in all.").tag(sync=True)
    cloud = Bytes(b"", help="int16, (m, 2): what the model would paint now.").tag(sync=True)
    target = Bytes(b"", help="int16, (m, 2): what it should paint.").tag(sync=True)
    status = Unicode("", help="For example 'training', 'done', 'stopped early'.").tag(sync=True)
    title = Unicode("").tag(sync=True)

    def push(self, losses: Iterable[float], cloud: Any | None = None, status: str | None = None) -> None:
        """Append the losses of the newest steps; `cloud` (m, 2) and `status` are replaced where given."""
        new = float32_bytes(float_array(list(losses), (None,), "losses"))
        with self.one_message():
            self.losses += new
            if cloud is not None:
                self.cloud = point_bytes(cloud, "cloud")
            if status is not None:
                self.status = status

    def restart(self, total: int, target: Any | None = None) -> None:
        """Empty the view for a run of `total` steps toward the shape `target`, (m, 2)."""
        target_bytes = optional_point_bytes(target, "target")
        with self.one_message():
            self.losses, self.cloud, self.status = b"", b"", ""
            self.total, self.target = total, target_bytes

    @validate("losses", "cloud", "target")
    def _valid_bytes(self, proposal: Any) -> bytes:
        return check_length(proposal["value"], 4, proposal["trait"].name)
