"""Arrays in, Axes out: the still pictures a panel leaves where no kernel and no browser script runs."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from itertools import cycle
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import ConnectionPatch
from PIL import Image

from course_utils.widgets.palette import TYPE, colours, on_shade

# Matplotlib remembers fonts for a whole home folder; what it misses there of other environments is no
# learner's business.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

DPI = 72
COLOURS = 128  # of a PNG
PANE = 3.0  # inches a side of one pane
# Colour never tells lines or bars apart alone; views in the browser have the same marks in the same order.
MARKS, DASHES, HATCHES = "osD^vP", ("-", ":", "-."), ("", "//", "..", "xx", "--", "++")


def panes(count: int, width: float = PANE, height: float = PANE) -> tuple[Figure, list[Axes]]:
    """Return a figure with `count` axes side by side, each `width` x `height` inches."""
    figure = Figure(figsize=(count * width, height), dpi=DPI, layout="constrained")
    axes = figure.subplots(1, count, squeeze=False)[0]
    return figure, list(axes)


def mosaic(
    plan: Sequence[Sequence[str]], width: float = PANE, height: float = PANE
) -> tuple[Figure, dict[str, Axes]]:
    """Return a figure laid out as `plan`, rows of names, and its axes by name; sizes in inches a place."""
    room = ConstrainedLayoutEngine(w_pad=0.25, h_pad=0.25)  # for arrows
    figure = Figure(figsize=(len(plan[0]) * width, len(plan) * height), dpi=DPI, layout=room)
    return figure, figure.subplot_mosaic([list(line) for line in plan])


def link(start: Axes, end: Axes) -> None:
    """Draw an arrow between two axes of one figure that stand beside or above each other."""
    first, second = (axes.get_subplotspec().rowspan.start for axes in (start, end))  # type: ignore[union-attr]
    beside, below = ((1.02, 0.5), (-0.02, 0.5)), ((0.5, -0.02), (0.5, 1.3))
    out, into = beside if first == second else below if first < second else below[::-1]
    start.figure.add_artist(
        ConnectionPatch(
            out,
            into,
            "axes fraction",
            "axes fraction",
            axesA=start,
            axesB=end,
            arrowstyle="-|>",
            mutation_scale=16,
            color=colours()["muted"],
            linewidth=1.5,
        )
    )


def words(axes: Axes, boxes: Sequence[str], title: str = "", letters: int = 18) -> Axes:
    """Write words in small boxes, in lines of about `letters` letters."""
    lines: list[list[str]] = [[]]
    for word in boxes:
        if lines[-1] and sum(len(other) + 2 for other in lines[-1]) + len(word) > letters:
            lines.append([])
        lines[-1].append(word)
    box = {"boxstyle": "round,pad=0.2", "facecolor": colours()["raised"], "edgecolor": colours()["muted"]}
    for row, line in enumerate(lines):
        left = -sum(len(word) + 2 for word in line) / 2
        for word in line:
            at = 0.5 + (left + (len(word) + 2) / 2) / (letters + 2), 0.5 + 0.19 * ((len(lines) - 1) / 2 - row)
            axes.text(*at, fill(word, letters), ha="center", va="center", fontsize=9, bbox=box)
            left += len(word) + 2
    axes.set_axis_off()
    _title(axes, title)
    return axes


def png(figure: Figure) -> bytes:
    """Return the figure as PNG bytes: for lines and points.

    They have few colours, and a palette packs them to a third.
    """
    drawn, packed = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png")
    with Image.open(drawn) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def jpeg(figure: Figure) -> bytes:
    """Return the figure as JPEG bytes: for photographs and static, which PNG cannot pack."""
    target = io.BytesIO()
    figure.savefig(target, format="jpeg", pil_kwargs={"quality": 80})
    return target.getvalue()


def picture(axes: Axes, image: Any, title: str = "") -> Axes:
    """Show a uint8 picture (h, w, 3) without axes."""
    axes.imshow(image, interpolation="antialiased")
    axes.set_axis_off()
    _title(axes, title)
    return axes


def cloud(
    axes: Axes,
    points: Any,
    target: Any | None = None,
    title: str = "",
    role: str = "learned",
    extent: float = 2.2,
) -> Axes:
    """Show points (n, 2) in the colour of `role` over a faint target cloud (m, 2)."""
    paint = colours()
    if target is not None:
        xs, ys = np.asarray(target).T
        axes.scatter(xs, ys, s=3, color=paint["target"], linewidths=0)
    xs, ys = np.asarray(points).T
    axes.scatter(xs, ys, s=4, color=paint[role], linewidths=0)
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_color(paint["line"])
    _title(axes, title)
    return axes


def arrows(
    axes: Axes, starts: Any, ends: Any, target: Any | None = None, title: str = "", extent: float = 3.0
) -> Axes:
    """Draw an arrow from each start (n, 2) to its end (n, 2)."""
    begin, move = np.asarray(starts), np.asarray(ends) - np.asarray(starts)
    cloud(axes, begin, target, title, extent=extent)
    axes.quiver(
        *begin.T, *move.T, angles="xy", scale_units="xy", scale=1, color=colours()["ink"], width=0.005
    )
    return axes


def table(axes: Axes, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Axes:
    """Write a small table."""
    axes.set_axis_off()
    axes.table(cellText=[list(line) for line in rows], colLabels=list(head), loc="center", cellLoc="left")
    return axes


def curves(
    axes: Axes,
    series: Sequence[Mapping[str, Any]],
    x_label: str = "",
    y_label: str = "",
    title: str = "",
    reference: Sequence[Mapping[str, Any]] = (),
    x_log: bool = False,
    y_log: bool = False,
) -> Axes:
    """Draw what `widgets.CurveView` draws: lines with error bars and dashed reference lines."""
    paint = colours()
    marks, dashes = cycle(MARKS), cycle(DASHES)
    for index, entry in enumerate(series):
        points = entry.get("points")
        axes.errorbar(
            entry["x"],
            entry["y"],
            yerr=entry.get("err") or None,
            label=entry["name"],
            color=paint[entry.get("role") or f"series{index}"],
            linestyle="--" if entry.get("dash") else "-" if points else next(dashes),
            marker=next(marks) if points else None,
            linewidth=2,
            capsize=3,
        )
    for line, dots in zip(reference, cycle((":", "-.")), strict=False):
        axes.axhline(line["y"], color=paint["muted"], linestyle=dots, label=line["name"])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_xscale("log" if x_log else "linear")
    axes.set_yscale("log" if y_log else "linear")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    _title(axes, title)
    return axes


def bars(
    axes: Axes, shares: Mapping[str, Mapping[str, float]], roles: Mapping[str, str], title: str = ""
) -> Axes:
    """Draw for each label one bar a series, side by side, in the colour of the series' role."""
    paint = colours()
    width = 0.8 / len(roles)
    for k, (name, role) in enumerate(roles.items()):
        places = [place + (k - (len(roles) - 1) / 2) * width for place in range(len(shares))]
        values = [found[name] for found in shares.values()]
        axes.bar(
            places,
            values,
            width,
            color=paint[role],
            label=name,
            hatch=HATCHES[k % len(HATCHES)],
            edgecolor=paint["paper"],
        )
    axes.set_xticks(range(len(shares)), list(shares))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    _title(axes, title)
    return axes


def heat_map(
    axes: Axes,
    shares: Any,
    columns: Sequence[Any],
    lines: Sequence[Any],
    x_label: str,
    y_label: str,
) -> Axes:
    """Show shares 0..1, (lines, columns), as squares with their percentage; light is more."""
    table = np.asarray(shares)
    axes.imshow(table, cmap="cividis", vmin=0, vmax=1, origin="lower", aspect="auto")
    for (line, column), share in np.ndenumerate(table):
        axes.text(
            column, line, f"{100 * share:.0f}", ha="center", va="center", color=on_shade(share), fontsize=9
        )
    axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
    axes.set_yticks(range(len(lines)), [f"{value:g}" for value in lines])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    return axes


def _title(axes: Axes, title: str) -> None:
    if title:
        axes.set_title(title, fontsize=TYPE["base"] * DPI / 96, color=colours()["ink"])
