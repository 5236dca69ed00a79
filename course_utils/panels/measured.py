"""Curves too dear to compute in a notebook: committed with their command, shown, and checked by live points.

Each point stands on hundreds of paintings (`course_utils.training.measure`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from course_utils import charts, judge
from course_utils.metrics import first_reaching
from course_utils.metrics.page_metrics import met
from course_utils.painters import SAMPLERS
from course_utils.panels import page_painting
from course_utils.panels.base import Shown, drawn
from course_utils.runcards.settings import GUIDANCE
from course_utils.runtime import MODELS, CourseError
from course_utils.training.exam import prompts
from course_utils.training.examination import SEED
from course_utils.widgets import Guess

Point = Mapping[str, Any]
# What guidance might overdo, by its name in a point.
SUSPECTS = {
    "clipped": "clipped colours",
    "colourfulness": "colourfulness",
    "contrast": "contrast",
    "edges": "edges",
}
AGAIN = 16  # of the exam's first questions, whose answers are kept one by one, are painted again
DRIFT = 2  # of these answers may turn out otherwise on another machine, by rounding alone


@lru_cache(maxsize=4)
def curves(painter: str = "picturebook") -> dict[str, Any]:
    """The committed curves of a painter. Raises `CourseError` where they are missing or damaged."""
    return _read(painter, "curves")


@lru_cache(maxsize=4)
def figures(painter: str = "picturebook") -> dict[str, Any]:
    """The committed figures of a painter's card. Raises `CourseError` where they are missing or damaged."""
    return _read(painter, "figures")


def _read(painter: str, what: str) -> dict[str, Any]:
    try:
        return json.loads((MODELS / painter / f"{what}.json").read_text())
    except (OSError, ValueError):
        raise CourseError(
            f"The measured {what} of {painter!r} are missing or damaged; make them with `make measure`."
        ) from None


@dataclass(frozen=True)
class Again:
    """The exam's first questions painted again: for each, whether the first judge finds its prompt met."""

    answers: tuple[bool, ...]

    def __str__(self) -> str:
        return f"{sum(self.answers)} of {len(self.answers)}"

    def agrees(self, point: Point) -> bool:
        """Whether a committed point has the same answers to the same questions, but for DRIFT of them."""
        known = point["answers"][: len(self.answers)]
        return sum(now != bool(then) for now, then in zip(self.answers, known, strict=True)) <= DRIFT


def painted_now(painter: str = "picturebook", **settings: Any) -> Again:
    """Recompute a part of one point: the first judge's answers to the exam's first questions."""
    texts = prompts("fresh")[:AGAIN]
    wanted = [page_painting.settings(text, seed=SEED + k, **settings) for k, text in enumerate(texts)]
    painted = page_painting.developed(page_painting.sheet(wanted, painter))
    return Again(tuple(met(judge.load(), painted, texts)))


def then(point: Point) -> str:
    """What a committed point found on the questions that `painted_now` paints."""
    known = point["answers"][:AGAIN]
    return f"{sum(known)} of {len(known)}"


def panel(
    series: Sequence[Mapping[str, Any]],
    x_label: str,
    title: str,
    after: Guess | None = None,
    **more: Any,
) -> Shown:
    """Measured curves with error bars, closed until a guess that they come `after`.

    `more` goes to `charts.chart`.
    """
    return drawn(title, {title: charts.chart(series, x_label, title=title, **more)}, after)


def adherence_series(
    points: Sequence[Point], x: str, name: str = "prompts met", role: str = ""
) -> dict[str, Any]:
    """Shares of prompts met, by the second judge, over `x` ("steps", "guidance", "evaluations")."""
    shares = [point["second"] for point in points]
    return _series(
        name,
        [point[x] for point in points],
        [share["mean"] for share in shares],
        [(share["high"] - share["low"]) / 2 for share in shares],
    ) | {"role": role}


def samplers_series(found: Mapping[str, Any], w: float = GUIDANCE) -> list[dict[str, Any]]:
    """Adherence of every sampler over evaluations, at one w."""
    return [
        adherence_series(_at(found["samplers"][name], w), "evaluations", name, sampler_role(name))
        for name in SAMPLERS
    ]


def sampler_role(name: str) -> str:
    """The role of a sampler's curve: its colour and mark are the same on points and on pages."""
    return f"series{list(SAMPLERS).index(name)}"


def _at(points: Sequence[Point], w: float) -> list[Point]:
    return [point for point in points if point["guidance"] == w]


def best(points: Sequence[Point]) -> Point:
    """The point that meets most prompts."""
    return max(points, key=lambda point: point["second"]["mean"])


def as_good_as_any(points: Sequence[Point]) -> list[Point]:
    """The points that cannot be distinguished from the best: their intervals overlap."""
    return [point for point in points if point["second"]["high"] >= best(points)["second"]["low"]]


def fewest_meeting(points: Sequence[Point], part: float) -> tuple[int, int]:
    """The fewest steps that meet `part` of what the best meets, from and to as intervals allow."""
    shares, top = [point["second"] for point in points], best(points)["second"]
    may, must = first_reaching(
        [(share["low"], share["high"]) for share in shares], (part * top["low"], part * top["high"])
    )
    return points[may]["steps"], points[must]["steps"]


def ranking(found: Mapping[str, Any], evaluations: int, w: float = GUIDANCE) -> list[tuple[str, Point]]:
    """Samplers from best to worst at about the given evaluations and one w, each with its point of the curve.

    Those that were not measured at this w are left out.
    """
    nearest = {
        name: min(_at(points, w), key=lambda point: abs(point["evaluations"] - evaluations))
        for name, points in found["samplers"].items()
        if _at(points, w)
    }
    return sorted(nearest.items(), key=lambda item: -item[1]["second"]["mean"])


def variety_series(found: Mapping[str, Any]) -> dict[str, Any]:
    """How different the paintings of one vague prompt are over its seeds, against guidance."""
    values = [point["variety"] for point in found["variety"]]
    return _series(
        "paintings of one prompt",
        [point["guidance"] for point in found["variety"]],
        [value["mean"] for value in values],
        [value["error"] for value in values],
    )


def overcooking_series(points: Sequence[Point]) -> list[dict[str, Any]]:
    """Every suspect as a multiple of its value at w = 1."""
    plain = next(point for point in points if point["guidance"] == 1)
    return [look_series(points, key, name, unit=plain[key]["mean"]) for key, name in SUSPECTS.items()]


def look_series(points: Sequence[Point], key: str, name: str, unit: float = 1.0) -> dict[str, Any]:
    """How pages look ("clipped", "contrast", ...) against guidance, in multiples of `unit`."""
    dials = [point["guidance"] for point in points]
    values = [point[key] for point in points]
    return _series(
        name,
        dials,
        [value["mean"] / unit for value in values],
        [value["error"] / unit for value in values],
    )


def overcooking(points: Sequence[Point]) -> dict[str, tuple[float, float, bool]]:
    """Every suspect at w = 1 and at the far end of the dial, and whether that is more than chance.

    More than chance is a change of more than twice its standard error.
    """
    plain, last = next(point for point in points if point["guidance"] == 1), points[-1]
    found = {}
    for key, name in SUSPECTS.items():
        before, after = plain[key], last[key]
        error = (before["error"] ** 2 + after["error"] ** 2) ** 0.5
        changed = abs(after["mean"] - before["mean"]) > 2 * error
        found[name] = before["mean"], after["mean"], changed
    return found


def repairs(found: Mapping[str, Any]) -> dict[str, list[Point]]:
    """The points painted as they are, rescaled, and guided in an interval only, at the same strong w."""
    dials = [point["guidance"] for point in found["repairs"]["rescaled"]]
    bare = [point for point in found["guidance"] if point["guidance"] in dials]
    return {"as it is": bare, **found["repairs"]}


def repair_series(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """How the pages of `repairs` look, against guidance."""
    return [look_series(points, key, name) for name, points in repairs(found).items()]


def _series(
    name: str, x: Sequence[float], y: Sequence[float], err: Sequence[float] | None = None
) -> dict[str, Any]:
    found = {"name": name, "x": list(x), "y": list(y), "points": True}
    return found | ({"err": list(err)} if err else {})
