"""The guesses of a room: bars for choices, dots on a number line for numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from textwrap import wrap
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_utils.charts.frame import LETTER, LETTERS, LINE, WIDTH, framed, points
from course_utils.languages import tr
from course_utils.widgets.palette import colours

DOT = 15  # pixels of a dot, and of a step of the pile that equal guesses make
MOST_ROWS = 16  # that a chart is high; dots of taller piles are smaller
PLACES = 30  # piles on a number line: guesses nearer than that share one


def tally(votes: Mapping[str, int], right: Collection[str] = (), title: str = "") -> Figure:
    """Draw how many chose what, a bar a choice; those that are `right` are ticked and have another colour."""
    paint = colours()
    names = ["\n".join(wrap(f"{'✓ ' if name in right else ''}{name}", 26)) for name in votes]
    lines = [name.count("\n") + 1 for name in names]
    figure, axes = framed(title, (), sum(max(lines) * LINE + 12 for _ in names) + 20)
    for place, (name, count) in enumerate(votes.items()):
        axes.barh(place, count, 0.62, color=paint["good" if name in right else "muted"], linewidth=0)
        axes.annotate(
            str(count),
            (count, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=LETTERS,
            fontweight="semibold",
            color=paint["ink"],
        )
    axes.set_yticks(range(len(names)), names, color=paint["ink"])
    axes.set(xlim=(0, 1.15 * max(1, *votes.values())), ylim=(len(names) - 0.5, -0.5), xticks=[])
    axes.grid(False)
    return figure


def number_line(
    votes: Sequence[float],
    low: float,
    high: float,
    unit: str = "",
    answer: float | None = None,
    title: str = "",
) -> Figure:
    """Draw guesses low..high as dots that pile up, and once it is open the `answer` as an upright line."""
    paint, width = colours(), (high - low) / PLACES
    piles = Counter(round((vote - low) / width) for vote in votes)
    tallest = max(piles.values(), default=1)
    handles = [_sample("ink", tr("one guess"), marker="o", linestyle="none")]
    if answer is not None:
        handles.append(
            _sample(
                "good", tr("the answer: {answer}", answer=f"{answer:.4g} {unit}".strip()), linewidth=points(4)
            )
        )
    rows = max(5, tallest + 1)
    figure, axes = framed(title, handles, min(rows, MOST_ROWS) * DOT + 60)
    for place, count in piles.items():
        axes.plot(
            [low + place * width] * count,
            [k + 0.5 for k in range(count)],
            "o",
            color=paint["ink"],
            markersize=points(0.72 * DOT * min(1, MOST_ROWS / rows)),
            markeredgewidth=0,
            clip_on=False,
        )
    if answer is not None:
        axes.axvline(answer, color=paint["good"], linewidth=points(4), zorder=0)
    axes.set(xlim=(low, high), ylim=(0, rows), yticks=[], xlabel=unit)
    axes.locator_params(
        axis="x", nbins=int(WIDTH / (6 * LETTER))
    )  # round numbers, as many as there is room for
    axes.grid(False)
    return figure


def _sample(role: str, label: str, **look: Any) -> Line2D:
    """An entry of the legend."""
    return Line2D([], [], color=colours()[role], label=label, **look)
