"""What every chart stands on: its size, title, legend, axes and grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from course_utils.widgets.palette import TYPE, colours

DPI = 96  # of a screen: a size in pixels is the one that a browser shows
WIDTH, HEIGHT = 560, 280  # pixels of a chart without what stands above it
LINE = 24  # pixels from one line of letters to the next
LETTER = 0.58 * TYPE["base"]  # pixels of an average letter, rather more than less
KEY = 60  # pixels of a legend's sample and the gaps beside it


def points(pixels: float) -> float:
    """Return pixels in matplotlib's unit."""
    return pixels * 72 / DPI


LETTERS = points(TYPE["base"])


def framed(title: str, handles: Sequence[Line2D], height: float) -> tuple[Figure, Axes]:
    """Return a figure of one chart `height` pixels high, its title and the legend of `handles` above it."""
    paint = colours()
    heads = wrap(title, int(WIDTH / LETTER * 16 / TYPE["large"]))
    columns = _columns([str(handle.get_label()) for handle in handles])
    above = len(heads) * LINE * 1.25 + (math.ceil(len(handles) / columns) * LINE if handles else 0)
    size = WIDTH / DPI, (height + above) / DPI
    air = ConstrainedLayoutEngine(w_pad=8 / DPI, h_pad=6 / DPI)
    figure = Figure(figsize=size, dpi=DPI, layout=air, facecolor=paint["paper"])
    axes = figure.add_subplot(facecolor=paint["paper"])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(paint["line"])
    axes.tick_params(colors=paint["muted"], labelsize=LETTERS, length=0, pad=6)
    axes.grid(axis="y", color=paint["line"], linewidth=points(1))
    axes.set_axisbelow(True)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(fontsize=LETTERS, color=paint["muted"])
    if not handles and not heads:
        return figure, axes
    figure.legend(
        handles=handles,
        title="\n".join(heads),
        loc="outside upper left",
        ncols=columns,
        alignment="left",
        frameon=False,
        fontsize=LETTERS,
        title_fontproperties={"size": points(TYPE["large"]), "weight": "semibold"},
        labelcolor=paint["ink"],
        handlelength=2.4,
        columnspacing=1.2,
        labelspacing=0.35,
        borderaxespad=0,
        borderpad=0.2,
    ).get_title().set_color(paint["ink"])
    return figure, axes


def _columns(names: Sequence[str]) -> int:
    """How many columns of a legend fit beside each other."""
    widest = max((len(name) for name in names), default=0) * LETTER + KEY
    return max(1, min(len(names), int(WIDTH // widest)))
