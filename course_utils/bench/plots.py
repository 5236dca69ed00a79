"""The figures of one run as a picture for the README."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from course_utils.bench.figures import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WAYS = ("stock diffusers", "torch", "ONNX Runtime")
# What ends a figure's name, what a learner reads, the colour.
MOODS = (("", "idle", "series0"), (" beside 1 busy process", "one busy neighbour", "series1"))


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Three charts side by side: ways to paint a page, cost by steps, distance from the roof by batch."""
    from course_utils import plots

    figure, (ways, steps, roof) = plots.panes(3, width=4.6, height=3.6)
    paint = plots.colours()
    for shift, (beside, words, colour) in zip((-0.2, 0.2), MOODS, strict=True):
        bars = [one for name in WAYS for one in named(figures, rf"a page of 20 steps, {name}{beside}")]
        ways.barh(
            [place + shift for place in range(len(bars))],
            [one.median for one in bars],
            height=0.36,
            color=paint[colour],
        )
        for place, one in enumerate(bars):
            ways.text(one.median, place + shift, f" {one.median:.0f} ms, {words}", va="center", fontsize=9)
    ways.set_yticks(range(len(WAYS)), WAYS)
    ways.invert_yaxis()
    ways.set(title="a page of 20 guided steps", xlabel="milliseconds", xlim=(0, 1.7 * ways.get_xlim()[1]))

    _line(steps, figures, r"a page of (\d+) steps", paint["series0"])
    steps.set(title="by steps", xlabel="steps", ylabel="milliseconds", ylim=(0, None))

    _line(roof, figures, r"a guided pass of (\d+), against the roof", paint["series0"])
    roof.axhline(1, color=paint["muted"], linestyle=":")
    roof.set(title="a guided pass, over its FLOP at peak", xlabel="pictures at once", ylabel="times")
    roof.set_ylim(0, None)
    for axis in (ways, steps, roof):
        axis.spines[["top", "right"]].set_visible(False)
    path.write_bytes(plots.png(figure))


def named(figures: Sequence[Figure], pattern: str) -> list[Figure]:
    """The figures whose whole name fits a regular expression."""
    return [one for one in figures if re.fullmatch(pattern, one.name)]


def _line(axes: Axes, figures: Sequence[Figure], pattern: str, colour: str) -> None:
    """Draw what fits a pattern against the number in its name."""
    found = {int(re.findall(pattern, one.name)[0]): one for one in named(figures, pattern)}
    low = [one.median - one.low for one in found.values()]
    high = [one.high - one.median for one in found.values()]
    medians = [one.median for one in found.values()]
    axes.errorbar(list(found), medians, (low, high), marker="o", color=colour, capsize=3)
