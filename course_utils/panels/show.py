"""One call that shows arrays side by side: clouds of points, or pages, each under its title."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from course_utils import metrics, plots


class Stills:
    """A row of still pictures, the same in a notebook, an export and on GitHub."""

    def __init__(self, picture: bytes, alt: str) -> None:
        self.picture, self.alt = picture, alt

    def __repr__(self) -> str:
        return f"Stills({self.alt!r})"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        kind = "image/png" if self.picture.startswith(b"\x89PNG") else "image/jpeg"
        shown = {kind: base64.b64encode(self.picture).decode("ascii"), "text/plain": repr(self)}
        return shown, {kind: {"alt": self.alt}}


def side_by_side(
    arrays: Mapping[str, Any], shape: str = "", extent: float = 2.2, size: float = plots.PANE
) -> Stills:
    """Show points (n, 2), or pages (h, w, 3) uint8, each under its title.

    Points stand over a fresh draw of `shape`, if one is named; `extent` is how far the plane is seen from
    its middle, `size` how large each is drawn, in inches.
    """
    figure, axes = plots.panes(len(arrays), size, size)
    target = metrics.target(shape) if shape else None
    pages = True
    for axis, (title, array) in zip(axes, arrays.items(), strict=True):
        pages = np.ndim(array) == 3
        if pages:
            plots.picture(axis, array, title)
        else:
            plots.cloud(axis, array, target, title, extent=extent)
    draw = plots.jpeg if pages else plots.png
    return Stills(draw(figure), f"Side by side: {', '.join(arrays)}.")
