"""Marks, dashes and hatches: colour never tells lines or bars apart alone.

The k-th series of a chart has the k-th of each, and the k-th colour of `palette`. Drawings by matplotlib take
them from here, views in the browser from `script`: a series looks the same in both.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from course_utils.widgets import palette

Polygon = tuple[tuple[float, float], ...]

WIDTH = 3.5  # pixels of a curve, for which the dashes below are made
MARK = 5.5  # pixels from the middle of a mark to its rim


def _around(corners: int, *radii: float, turn: float = 0.0) -> Polygon:
    """Corners around the origin, the first one on top; several radii take turns."""
    angles = (math.radians(90 + turn + 360 * k / corners) for k in range(corners))
    return tuple(
        (round(radii[k % len(radii)] * math.cos(angle), 3), round(radii[k % len(radii)] * math.sin(angle), 3))
        for k, angle in enumerate(angles)
    )


def _cross(turn: float) -> Polygon:
    return _around(12, 1.4, 0.58, 1.4, turn=turn)


# About one unit in radius, y upwards. All are filled.
MARKS: tuple[Polygon, ...] = (
    _around(24, 1.0),  # a disc
    _around(4, 1.3, turn=45),  # a square
    _around(4, 1.4),  # a diamond
    _around(3, 1.45),  # triangles: up, and further below down, left and right
    _around(3, 1.45, turn=180),
    _cross(15),  # a plus
    _around(10, 1.6, 0.65),  # a star
    _around(3, 1.45, turn=90),
    _cross(60),  # an x
    _around(3, 1.45, turn=-90),
)
# Pixels on and off; the first line is solid.
DASHES: tuple[tuple[int, ...], ...] = (
    (),
    (2, 6),
    (16, 5, 3, 5),
    (5, 4),
    (24, 6),
    (16, 5, 3, 5, 3, 5),
    (9, 9),
    (16, 4, 6, 4),
    (3, 14),
    (30, 4, 3, 4),
)
DASHED = (10, 7)  # of a series that says so itself, beside a solid one that it belongs to
REFERENCES: tuple[tuple[int, ...], ...] = ((3, 5), (9, 4, 2, 4))  # of horizontal lines
# Of bars, as matplotlib names them; strokes only, for a dot takes a hundred times the bytes.
HATCHES: tuple[str, ...] = ("", "//", "--", "xx", "\\\\", "||", "++", "////", "----", "xxxx")


def places(series: Sequence[Mapping[str, Any]]) -> Iterator[int]:
    """For each series its place in the tables: the one its role names, else the first that is free."""
    named = [palette.series_place(entry.get("role")) for entry in series]
    free = (k for k in range(len(MARKS)) if k not in named)
    for index, place in enumerate(named):
        yield next(free, index % len(MARKS)) if place is None else place


def script(*names: str) -> str:
    """Return the lines of script that name some of the tables; polygons are paths there, y downwards."""

    def path(polygon: Polygon) -> str:
        return "M" + "L".join(f"{x:g} {-y:g}" for x, y in polygon) + "Z"

    tables = {
        "MARKS": [path(polygon) for polygon in MARKS],
        "DASHES": DASHES,
        "DASHED": DASHED,
        "REFERENCES": REFERENCES,
    }
    return "\n".join(f"const {name} = {json.dumps(tables[name])};" for name in names)
