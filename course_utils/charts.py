"""Curves and bars as figures: one drawing for the page (`plots.svg`) and for its still (`plots.png`).

They look like `widgets.CurveView`, which draws the charts that move with a control: the same colours, marks,
dashes and sizes of letters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from course_utils.widgets import chart_series, marks
from course_utils.widgets.palette import TYPE, colours

DPI = 96  # of a screen: a size in pixels is the one that a browser shows
WIDTH, HEIGHT = 560, 280  # pixels of a chart without what stands above it
LINE = 24  # pixels from one line of letters to the next
LETTER = 0.58 * TYPE["base"]  # pixels of an average letter, rather more than less
CELL = 72  # letters of a line in a table
KEY = 60  # pixels of a legend's sample and the gaps beside it


def points(pixels: float) -> float:
    """Pixels in matplotlib's unit."""
    return pixels * 72 / DPI


LETTERS = points(TYPE["base"])


def chart(
    series: Sequence[Mapping[str, Any]],
    x_label: str = "",
    y_label: str = "",
    title: str = "",
    reference: Sequence[Mapping[str, Any]] = (),
    x_log: bool = False,
    y_log: bool = False,
    x_range: Sequence[float] | None = None,
    y_range: Sequence[float] | None = None,
    marker: float | None = None,
) -> Figure:
    """Draw curves with error bars, reference lines, and their values at a marker.

    A curve is what `chart_series.complete` takes, a range [low, high]. Raises `CourseError` for curves that
    cannot be drawn.
    """
    curves = chart_series.complete(series)
    looks = {curve["name"]: _look(curve) for curve in curves}
    lines = {line["name"]: _reference_look(k) for k, line in enumerate(reference)}
    legend = [Line2D([], [], label=name, **look) for name, look in (looks | lines).items()]
    figure, axes = _figure(title, legend, HEIGHT)
    for curve in curves:
        axes.plot(curve["x"], curve["y"], **looks[curve["name"]])
        if curve["err"]:
            _error_bars(axes, curve)
    for line in reference:
        axes.axhline(line["y"], **lines[line["name"]])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set(xscale="log" if x_log else "linear", yscale="log" if y_log else "linear")
    axes.set(xlim=x_range, ylim=y_range)
    for axis, log in ((axes.xaxis, x_log), (axes.yaxis, y_log)):
        if log:
            _log_ticks(axis)
    if marker is not None:
        _mark(axes, curves, marker)
    return figure


def bars(shares: Mapping[str, Mapping[str, float]], title: str = "") -> Figure:
    """Draw shares 0..1: for each label one bar a series, with the series' name and its share beside it."""
    names = list(dict.fromkeys(name for found in shares.values() for name in found))
    rows: list[tuple[float, str, float]] = []
    middles, top = [], 0.0
    for found in shares.values():
        middles.append(top + (len(found) - 1) / 2)
        rows += [(top + k, name, share) for k, (name, share) in enumerate(found.items())]
        top += len(found) + 0.6
    figure, axes = _figure(title, (), 26 * top + 20)
    paint = colours()
    for at, name, share in rows:
        k = names.index(name) % len(marks.HATCHES)
        axes.barh(
            at,
            share,
            0.72,
            color=paint[f"series{k}"],
            hatch=marks.HATCHES[k],
            edgecolor=paint["paper"],
            linewidth=0,
        )
        axes.annotate(
            f"{name} {share:.2f}",
            (share, at),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=LETTERS,
            color=paint["ink"],
        )
    axes.set_yticks(middles, list(shares), fontweight=600, color=paint["ink"])
    axes.set(xlim=(0, max(share for _, _, share in rows) * 1.6), ylim=(top - 1, -0.6), xticks=[])
    axes.spines[["bottom"]].set_visible(False)
    axes.grid(False)
    return figure


def table(head: Sequence[str], rows: Sequence[Sequence[str]], roles: Sequence[str] = ()) -> Figure:
    """Write a table, its letters as large as a page's; `roles` colour the first word of each row."""
    paint = colours()
    cells = [[wrap(cell, CELL) or [""] for cell in row] for row in rows]
    widths = [
        max(len(line) for cell in column for line in cell) * LETTER + LINE
        for column in zip([[title] for title in head], *cells, strict=True)
    ]
    heights = [LINE * 1.4, *(max(len(cell) for cell in row) * LINE + LINE * 0.5 for row in cells)]
    figure = Figure(figsize=(sum(widths) / DPI, sum(heights) / DPI), dpi=DPI, facecolor=paint["paper"])
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, sum(widths)), ylim=(sum(heights), 0))
    axes.set_axis_off()
    inks = [paint["muted"], *(paint[role] for role in roles or ["ink"] * len(rows))]
    top = 0.0
    for row, height, ink in zip([[[title] for title in head], *cells], heights, inks, strict=True):
        left = LINE / 2
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            axes.text(
                left,
                top + height / 2,
                "\n".join(cell),
                va="center",
                fontsize=LETTERS,
                color=paint["ink"] if place and top else ink,
                fontweight=400 if place or not top else 600,
            )
            left += width
        top += height
        axes.axhline(top, color=paint["line"], linewidth=points(1))
    return figure


def _figure(title: str, handles: Sequence[Line2D], height: float) -> tuple[Figure, Axes]:
    """A figure of one chart, with its title and the legend of these handles above it."""
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
        title_fontproperties={"size": points(TYPE["large"]), "weight": 600},
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


def _dashes(dash: Sequence[float], width: float) -> Any:
    """Dashes in pixels as matplotlib takes them: in widths of the line."""
    return (0, [length / width for length in dash]) if dash else "-"


def _look(curve: Mapping[str, Any]) -> dict[str, Any]:
    """The look of a curve, as a line of matplotlib takes it."""
    paint, place = colours(), curve["place"]
    polygon = marks.MARKS[place]
    reach = max(abs(value) for corner in polygon for value in corner)  # matplotlib shrinks marks to a square
    dash = marks.DASHED if curve["dash"] else () if curve["points"] else marks.DASHES[place]
    return {
        "color": paint[curve["role"]],
        "linewidth": points(marks.WIDTH),
        "linestyle": _dashes(dash, marks.WIDTH),
        "marker": MarkerStyle(Path([*polygon, polygon[0]], closed=True)) if curve["points"] else None,
        "markersize": points(2 * reach * marks.MARK),
        "markeredgecolor": paint["paper"],
        "markeredgewidth": points(1.5),
    }


def _reference_look(number: int) -> dict[str, Any]:
    dash, width = marks.REFERENCES[number % len(marks.REFERENCES)], 2.5
    return {"color": colours()["muted"], "linewidth": points(width), "linestyle": _dashes(dash, width)}


def _error_bars(axes: Axes, curve: Mapping[str, Any]) -> None:
    width, colour = points(2), colours()[curve["role"]]
    _, caps, _ = axes.errorbar(
        curve["x"],
        curve["y"],
        curve["err"],
        fmt="none",
        ecolor=colour,
        elinewidth=width,
        capsize=points(5),
        capthick=width,
    )
    for cap in caps:
        cap.set_color(colour)


def _log_ticks(axis: Axis) -> None:
    """Round numbers as a reader writes them, and no more of them than fit."""
    low, high = sorted(axis.get_view_interval())
    decades = math.log10(high / low)
    factors: Iterable[int] = (1, 2, 3, 5, 7) if decades < 1 else (1, 2, 5) if decades < 2.6 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    axis.set_major_locator(FixedLocator([factor * 10.0**power for power in powers for factor in factors]))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:g}"))
    axis.set_view_interval(low, high, ignore=True)


def _mark(axes: Axes, curves: Sequence[Mapping[str, Any]], at: float) -> None:
    """An upright line, and beside it each curve's value there, read off the line as drawn."""
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
            f"{value:.3g}",
            (at, height),
            (points(14 if right else -14), 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            color=colour,
            fontsize=LETTERS,
            fontweight=600,
            bbox={"facecolor": paint["paper"], "edgecolor": "none", "pad": 1.5, "alpha": 0.8},
        )


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
