"""Tables of words."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from matplotlib.figure import Figure

from course_utils.charts.frame import DPI, LETTER, LETTERS, LINE, points
from course_utils.widgets.palette import colours

CELL = 72  # letters of a line in a table


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
                fontweight="normal" if place or not top else "semibold",
            )
            left += width
        top += height
        axes.axhline(top, color=paint["line"], linewidth=points(1))
    return figure
