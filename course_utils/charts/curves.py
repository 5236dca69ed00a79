"""Curves with error bars and reference lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from course_utils.charts.frame import HEIGHT, framed, points
from course_utils.charts.marker import draw_marker
from course_utils.widgets import chart_series, marks
from course_utils.widgets.palette import colours


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
    figure, axes = framed(title, legend, HEIGHT)
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
        draw_marker(axes, curves, marker)
    return figure


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
