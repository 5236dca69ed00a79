"""Curves with error bars, reference lines and a marker that can be dragged."""

from __future__ import annotations

from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Float, List, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets import chart_series
from course_utils.widgets.base import View

# The traits that make the drawing.
CHART = (
    *("series", "reference", "marker", "x_label", "y_label", "title"),
    *("x_log", "y_log", "x_range", "y_range"),
)


class CurveView(View):
    """Lines over one axis; beside the marker stands each line's value there, interpolated.

    For charts whose marker or curves follow a control; `plots.chart(**view.chart)` draws the same one once.
    A series is what `chart_series.complete` takes. Numbers are kept to six significant digits.
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
        return chart_series.complete(proposal["value"])

    @validate("reference")
    def _valid_reference(self, proposal: Any) -> list[dict[str, Any]]:
        return chart_series.complete_references(proposal["value"])

    @validate("x_range", "y_range")
    def _valid_range(self, proposal: Any) -> list[float] | None:
        value = proposal["value"]
        if value is None:
            return None
        low, high = chart_series.numbers(value, 2, "range of an axis")
        if not low < high:
            raise CourseError(f"The range of an axis is [low, high] with low below high, not {list(value)}.")
        return [low, high]

    @property
    def chart(self) -> dict[str, Any]:
        """What is drawn at this moment, by the names of the arguments of `plots.chart`."""
        return {name: getattr(self, name) for name in CHART}
