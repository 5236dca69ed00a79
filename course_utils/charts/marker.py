"""What the curves are worth where a marker stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_utils.charts.frame import HEIGHT, LETTERS, LINE, points
from course_utils.widgets.palette import colours


def draw_marker(axes: Axes, curves: Sequence[Mapping[str, Any]], at: float) -> None:
    """Draw an upright line, and beside it each curve's value there, read off the line as drawn."""
    paint = colours()
    axes.axvline(at, color=paint["ink"], linewidth=points(2))
    bend, unbend = (np.log, np.exp) if axes.get_yscale() == "log" else (np.asarray, np.asarray)
    across = np.log if axes.get_xscale() == "log" else np.asarray
    values = [
        (float(unbend(np.interp(across(at), across(curve["x"]), bend(curve["y"])))), paint[curve["role"]])
        for curve in curves
        if curve["x"] and curve["x"][0] <= at <= curve["x"][-1]
    ]
    for value, colour in values:
        axes.plot([at], [value], "o", color=colour, markersize=points(14), markeredgecolor=paint["paper"])
    low, high = axes.get_xlim()
    right = at < low + 0.8 * (high - low)
    for (value, colour), height in zip(values, _spread(axes, [value for value, _ in values]), strict=True):
        axes.annotate(
            _number(value),
            (at, height),
            (points(14 if right else -14), 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            color=colour,
            fontsize=LETTERS,
            fontweight="semibold",
            bbox={"facecolor": paint["paper"], "edgecolor": "none", "pad": 1.5, "alpha": 0.8},
        )


def _number(value: float) -> str:
    """A number with about three digits, as views write it: less than a thousandth reads as zero."""
    size = abs(value)
    return f"{value:,.{0 if size >= 100 else 1 if size >= 10 else 2 if size >= 1 else 3}f}"


def _spread(axes: Axes, values: Sequence[float]) -> list[float]:
    """Heights in the axes, 0..1, for labels at these values, a line apart from each other."""
    if not values:
        return []
    gap = 1.2 * LINE / HEIGHT
    on_screen = axes.transData.transform([(1.0, value) for value in values])
    heights = np.clip(axes.transAxes.inverted().transform(on_screen)[:, 1], 0.05, 0.95)
    order = np.argsort(heights)
    for low, high in pairwise(order):
        heights[high] = max(heights[high], heights[low] + gap)
    return list(heights - max(0.0, heights.max() - 0.95))
