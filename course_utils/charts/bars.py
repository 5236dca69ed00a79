"""Shares as bars."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap

from matplotlib.figure import Figure

from course_utils.charts.frame import LETTERS, framed
from course_utils.widgets import marks
from course_utils.widgets.palette import colours

GAP = 6  # points from a bar to its name
OTHER_LETTERS = 1.1  # a browser's letters are up to so much wider than those that are measured here
LABEL = 22  # letters of a label in one line
SHORTEST = 0.1  # of the axis: room for a bar of 1 beside the longest name


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
    said = []
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
        note = axes.annotate(
            f"{name} {share:.2f}",
            (share, at),
            (GAP, 0),
            textcoords="offset points",
            va="center",
            fontsize=LETTERS,
            color=paint["ink"],
        )
        note.set_in_layout(False)  # its place follows from the axis, and not the other way round
        said.append(note)
    labels = ["\n".join(wrap(label, LABEL)) for label in shares]
    axes.set_yticks(middles, labels, fontweight="semibold", color=paint["ink"])
    axes.set(ylim=(top - 1, -0.6), xticks=[])
    axes.spines[["bottom"]].set_visible(False)
    axes.grid(False)
    figure.draw_without_rendering()
    width = axes.get_window_extent().width
    # What stands beside a bar has to end before the axis ends, in the letters of any browser.
    beside = [OTHER_LETTERS * note.get_window_extent().width + GAP * figure.dpi / 72 for note in said]
    ends = [share / max(SHORTEST, 1 - more / width) for (_, _, share), more in zip(rows, beside, strict=True)]
    axes.set(xlim=(0, max(ends) or 1))
    return figure
