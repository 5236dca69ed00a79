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


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Three charts side by side: ways to paint a page, cost by steps, distance from the roof by batch."""
    from course_utils import plots

    figure, (ways, steps, roof) = plots.panes(3, width=4.6, height=3.6)
    paint = plots.colours()
    bars = {name: found for name in WAYS for found in named(figures, rf"a page of 20 steps, {name}")}
    ways.barh(list(bars), [one.median for one in bars.values()], color=paint["signal"])
    for place, one in enumerate(bars.values()):
        ways.text(one.median, place, f" {one.median:.0f} ms", va="center")
    ways.invert_yaxis()
    ways.set(title="a page of 20 guided steps", xlabel="milliseconds", xlim=(0, 1.3 * ways.get_xlim()[1]))

    _line(steps, figures, r"a page of (\d+) steps", paint["learned"])
    steps.set(title="by steps", xlabel="steps", ylabel="milliseconds", ylim=(0, None))

    _line(roof, figures, r"a guided pass of (\d+), against the roof", paint["noise"])
    roof.axhline(1, color=paint["muted"], linestyle=":")
    roof.set(title="a guided pass, over its FLOP at peak", xlabel="pictures at once", ylim=(0, None))
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
