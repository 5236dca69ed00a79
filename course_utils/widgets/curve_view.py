"""Curves with error bars, reference lines and a marker that can be dragged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Float, List, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets import palette
from course_utils.widgets.base import View, check_choice
from course_utils.widgets.encode import float_array


class CurveView(View):
    """Lines over one axis; beside the marker stands each line's value there, interpolated.

    A series is {"name", "x", "y"} and, where wanted, "role" (a palette name or "series0" ...; else by
    order), "err" (half-height of the error bars), "dash" and "points" (bool). `x` must rise.
    Numbers are kept to six significant digits.
    """

    _front = ("keys", "chart", "marks", "curve_view")

    series = List(Dict(), help="The curves; see the class.").tag(sync=True)
    reference = List(Dict(), help="Horizontal dashed lines: {'name', 'y'}.").tag(sync=True)
    marker = Float(None, allow_none=True, help="Where the marker stands on the x axis.").tag(sync=True)
    draggable = Bool(False, help="The learner may move the marker.").tag(sync=True)
    x_label = Unicode("").tag(sync=True)
    y_label = Unicode("").tag(sync=True)
    title = Unicode("").tag(sync=True)
    x_log = Bool(False).tag(sync=True)
    y_log = Bool(False).tag(sync=True)
    x_range = AnyTrait(None, help="[low, high] or None: from the data.").tag(sync=True)
    y_range = AnyTrait(None, help="[low, high] or None: from the data.").tag(sync=True)

    @validate("series")
    def _valid_series(self, proposal: Any) -> list[dict[str, Any]]:
        return [_curve(entry, index) for index, entry in enumerate(proposal["value"])]

    @validate("reference")
    def _valid_reference(self, proposal: Any) -> list[dict[str, Any]]:
        return [_reference(entry) for entry in proposal["value"]]

    @validate("x_range", "y_range")
    def _valid_range(self, proposal: Any) -> list[float] | None:
        value = proposal["value"]
        if value is None:
            return None
        low, high = _numbers(value, 2, "range of an axis")
        if not low < high:
            raise CourseError(f"The range of an axis is [low, high] with low below high, not {list(value)}.")
        return [low, high]


def _curve(entry: Mapping[str, Any], index: int) -> dict[str, Any]:
    unknown = set(entry) - {"name", "role", "x", "y", "err", "dash", "points"}
    if unknown or not {"name", "x", "y"} <= set(entry):
        raise CourseError(
            "A curve needs 'name', 'x' and 'y', and may have 'role', 'err', 'dash' and 'points'."
        )
    name = str(entry["name"])
    x = _numbers(entry["x"], None, f"x values of {name!r}")
    if any(after <= before for before, after in pairwise(x)):
        raise CourseError(
            f"The x values of {name!r} must rise from left to right; sort them and drop repeats."
        )
    err = entry.get("err")
    names = palette.colours()
    series_count = len(palette.SERIES_LIGHT)
    role = entry.get("role") or f"series{index % series_count}"
    return {
        "name": name,
        "role": check_choice(role, tuple(names), f"role of {name!r}"),
        "x": x,
        "y": _numbers(entry["y"], len(x), f"y values of {name!r}"),
        "err": [] if err is None or len(err) == 0 else _numbers(err, len(x), f"error bars of {name!r}"),
        "dash": bool(entry.get("dash", False)),
        "points": bool(entry.get("points", False)),
    }


def _reference(entry: Mapping[str, Any]) -> dict[str, Any]:
    if set(entry) != {"name", "y"}:
        raise CourseError("A reference line needs 'name' and 'y', and nothing else.")
    return {"name": str(entry["name"]), "y": _numbers([entry["y"]], 1, "reference line")[0]}


def _numbers(values: Any, length: int | None, what: str) -> list[float]:
    return [float(f"{value:.6g}") for value in float_array(values, (length,), what)]
