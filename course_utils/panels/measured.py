"""Curves too dear to compute in a notebook: committed with their command, shown, and checked by live points.

Each point stands on hundreds of paintings (`course_utils.training.measure`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from course_utils import judge, metrics, plots
from course_utils.metrics.pages import adherence
from course_utils.painters import SAMPLERS
from course_utils.panels import pages
from course_utils.panels.base import Panel, views
from course_utils.runtime import MODELS, CourseError
from course_utils.training.exam import prompts
from course_utils.training.measure import SEED
from course_utils.widgets import CurveView

Point = Mapping[str, Any]
# What guidance might overdo, by its name in a point, and the role of its curve in the palette.
SUSPECTS = {
    "clipped": ("clipped colours", "noise"),
    "colourfulness": ("colourfulness", "signal"),
    "contrast": ("contrast", "learned"),
    "spread": ("spread over seeds and prompts", "exact"),
}
REPAIRS = {"rescaled": "learned", "interval": "signal"}


@lru_cache(maxsize=4)
def curves(painter: str = "picturebook") -> dict[str, Any]:
    """The committed curves of a painter. Raises `CourseError` where they are missing or damaged."""
    try:
        return json.loads((MODELS / painter / "curves.json").read_text())
    except (OSError, ValueError):
        raise CourseError(
            f"The measured curves of {painter!r} are missing or damaged; make them with `make measure`."
        ) from None


def painted_now(count: int = 24, **settings: Any) -> metrics.Share:
    """Recompute one point of a curve: the first judge's reading of the exam's first `count` questions."""
    texts = prompts("fresh")[:count]
    wanted = [pages.settings(text, seed=SEED + k, **settings) for k, text in enumerate(texts)]
    painted = np.stack([painting.pixels for painting in pages.sheet(wanted)])
    return adherence(judge.load(), painted, texts)


def agrees(live: metrics.Share, committed: Mapping[str, float]) -> bool:
    """Whether a live share and a committed one may be the same: their intervals meet."""
    low, high = live.interval
    return low <= committed["high"] and committed["low"] <= high


def panel(series: Sequence[Mapping[str, Any]], x_label: str, title: str, **more: Any) -> Panel:
    """Measured curves with error bars; `more` goes to `CurveView`."""
    view = CurveView(title=title, x_label=x_label, series=list(series), alt=title, **more)

    def still() -> bytes:
        figure, axes = plots.panes(1, width=7)
        plots.curves(axes[0], list(series), x_label, title=title, x_log=more.get("x_log", False))
        return plots.png(figure)

    return Panel([views(view)], alt=title, still=still)


def adherence_series(
    points: Sequence[Point], x: str, name: str = "prompts met", role: str = "learned"
) -> dict[str, Any]:
    """Shares of prompts met, by the second judge, over `x` ("steps", "guidance", "evaluations")."""
    shares = [point["second"] for point in points]
    return _series(
        name,
        role,
        [point[x] for point in points],
        [share["mean"] for share in shares],
        [(share["high"] - share["low"]) / 2 for share in shares],
    )


def samplers_series(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Adherence of every sampler over evaluations."""
    return [
        adherence_series(found["samplers"][name], "evaluations", name, f"series{k}")
        for k, name in enumerate(SAMPLERS)
    ]


def ranking(found: Mapping[str, Any], evaluations: int) -> list[tuple[str, float]]:
    """Samplers from best to worst at about so many evaluations, with the share of prompts met."""
    shares = {
        name: min(points, key=lambda point: abs(point["evaluations"] - evaluations))["second"]["mean"]
        for name, points in found["samplers"].items()
    }
    return sorted(shares.items(), key=lambda item: -item[1])


def frechet_series(points: Sequence[Point], x: str) -> dict[str, Any]:
    """Frechet distance of the paintings to as many real pages."""
    return _series(
        "paintings", "learned", [point[x] for point in points], [point["frechet"] for point in points]
    )


def overcooking_series(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Every suspect as a multiple of its value at w = 1."""
    plain = next(point for point in points if point["guidance"] == 1)
    dials = [point["guidance"] for point in points]
    return [
        _series(name, role, dials, [_value(point, key) / _value(plain, key) for point in points])
        for key, (name, role) in SUSPECTS.items()
    ]


def overcooking(points: Sequence[Point]) -> dict[str, tuple[float, float]]:
    """Every suspect at w = 1 and at the far end of the dial, by its name."""
    plain, last = next(point for point in points if point["guidance"] == 1), points[-1]
    return {name: (_value(plain, key), _value(last, key)) for key, (name, _role) in SUSPECTS.items()}


def repair_series(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Adherence against w as it is, rescaled, and guided in an interval only."""
    dials = [point["guidance"] for point in found["repairs"]["rescaled"]]
    bare = [point for point in found["guidance"] if point["guidance"] in dials]
    lines = {
        "as it is": bare,
        "rescaled": found["repairs"]["rescaled"],
        "interval": found["repairs"]["interval"],
    }
    roles = ("noise", "learned", "signal")
    return [
        adherence_series(points, "guidance", name, role)
        for (name, points), role in zip(lines.items(), roles, strict=True)
    ]


def _value(point: Point, key: str) -> float:
    return point[key] if isinstance(point[key], float) else point[key]["mean"]


def _series(
    name: str, role: str, x: Sequence[float], y: Sequence[float], err: Sequence[float] | None = None
) -> dict[str, Any]:
    found = {"name": name, "role": role, "x": list(x), "y": list(y), "points": True}
    return found | ({"err": list(err)} if err else {})
