"""The curves of a chart, checked and completed, for a view in the browser and for a drawing by matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from course_utils.runtime import CourseError
from course_utils.widgets import marks, palette
from course_utils.widgets.base import check_choice
from course_utils.widgets.encode import float_array

KNOWN = {"name", "role", "x", "y", "err", "dash", "points"}


def complete(series: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return curves with everything said that may be left out, and "place", that of its marks and dashes.

    A curve is {"name", "x", "y"}, both (n,) with x rising, and where wanted "role" (one of
    `palette.CURVE_ROLES`; else by order), "err" (n,) (half-height of the error bars), "dash" and "points"
    (bool). Raises `CourseError` for what cannot be drawn.
    """
    curves = [_curve(entry) for entry in series]
    for curve, place in zip(curves, marks.places(curves), strict=True):
        curve["place"] = place
        curve["role"] = curve["role"] or f"series{place}"
    return curves


def complete_references(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return horizontal lines {"name", "y"}, or raise `CourseError`."""
    return [_reference(line) for line in lines]


def numbers(values: Any, length: int | None, what: str) -> list[float]:
    """Return values (length,), finite, to six significant digits; `what` names them in an error."""
    return [float(f"{value:.6g}") for value in float_array(values, (length,), what)]


def _curve(entry: Mapping[str, Any]) -> dict[str, Any]:
    if not {"name", "x", "y"} <= set(entry) <= KNOWN | {"place"}:
        raise CourseError(
            "A curve needs 'name', 'x' and 'y', and may have 'role', 'err', 'dash' and 'points'."
        )
    name = str(entry["name"])
    x = numbers(entry["x"], None, f"x values of {name!r}")
    if any(after <= before for before, after in pairwise(x)):
        raise CourseError(
            f"The x values of {name!r} must rise from left to right; sort them and drop repeats."
        )
    err, role = entry.get("err"), entry.get("role") or ""
    return {
        "name": name,
        "role": role and check_choice(role, palette.CURVE_ROLES, f"role of {name!r}"),
        "x": x,
        "y": numbers(entry["y"], len(x), f"y values of {name!r}"),
        "err": [] if err is None or len(err) == 0 else numbers(err, len(x), f"error bars of {name!r}"),
        "dash": bool(entry.get("dash", False)),
        "points": bool(entry.get("points", False)),
    }


def _reference(entry: Mapping[str, Any]) -> dict[str, Any]:
    if set(entry) != {"name", "y"}:
        raise CourseError("A reference line needs 'name' and 'y', and nothing else.")
    return {"name": str(entry["name"]), "y": numbers([entry["y"]], 1, "reference line")[0]}
