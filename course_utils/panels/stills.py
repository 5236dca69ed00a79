"""What a visible cell ends in: arrays in, one still picture out, side by side."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils import pictures, plots
from course_utils.languages import tr

EXTENT = 2.2  # of the axes that points are shown in, at the least; static reaches beyond


class StillPicture:
    """A picture that a cell shows, the same in a notebook and wherever it is read; `alt` says it in words."""

    def __init__(self, image: bytes, alt: str) -> None:
        self.image, self.alt = image, alt

    def __repr__(self) -> str:
        return f"StillPicture({self.alt!r})"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        kind = "image/png" if self.image.startswith(b"\x89PNG") else "image/jpeg"
        data = {"text/plain": repr(self), kind: base64.b64encode(self.image).decode("ascii")}
        return data, {kind: {"alt": self.alt}}


def show_pictures(named: Mapping[str, Any], size: float = plots.PANE) -> StillPicture:
    """Show pictures side by side under their names, each `size` inches large.

    Each is (h, w, 3): uint8, or numbers (array or tensor) of which -1..1 is shown and the rest cut off.
    """
    figure, axes = plots.panes(len(named), size, size)
    for axis, (name, values) in zip(axes, named.items(), strict=True):
        picture = np.asarray(values)
        plots.picture(axis, picture if picture.dtype == np.uint8 else pictures.to_uint8(picture), name)
    return StillPicture(plots.jpeg(figure), tr("Side by side: {names}.", names=", ".join(named)))


def show_points(
    named: Mapping[str, Any], target: Any = None, extent: float = EXTENT, size: float = plots.PANE
) -> StillPicture:
    """Show clouds of points (n, 2) side by side under their names, each over the faint `target` (m, 2).

    `extent` is how far the plane is seen from its middle, `size` how large each is drawn, in inches.
    """
    figure, axes = plots.panes(len(named), size, size)
    for axis, (name, points) in zip(axes, named.items(), strict=True):
        plots.cloud(axis, points, target, name, "ink", extent)
    return StillPicture(plots.png(figure), tr("Side by side: {names}.", names=", ".join(named)))
