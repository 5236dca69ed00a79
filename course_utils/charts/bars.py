"""Shares as bars."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from course_utils.charts.frame import LETTERS, framed
from course_utils.widgets import marks
from course_utils.widgets.palette import colours


def bars(shares: Mapping[str, Mapping[str, float]], title: str = "") -> Figure:
    """Draw shares 0..1: for each label one bar a series, with the series' name and its share beside it."""
    names = list(dict.fromkeys(name for found in shares.values() for name in found))
    rows: list[tuple[float, str, float]] = []
    middles, top = [], 0.0
    for found in shares.values():
        middles.append(top + (len(found) - 1) / 2)
        rows += [(top + k, name, share) for k, (name, share) in enumerate(found.items())]
        top += len(found) + 0.6
    figure, axes = framed(title, (), 26 * top + 20)
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
    axes.set_yticks(middles, list(shares), fontweight="semibold", color=paint["ink"])
    axes.set(xlim=(0, max(share for _, _, share in rows) * 1.6), ylim=(top - 1, -0.6), xticks=[])
    axes.spines[["bottom"]].set_visible(False)
    axes.grid(False)
    return figure
