"""A learner's function beside the right one: the same, a known mistake, or where and how far it is off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils import pictures, plots
from course_utils.challenges.engine import Mistake, Outcome, call, check_callable
from course_utils.charts.curves import chart
from course_utils.languages import tr
from course_utils.panels.stills import StillPicture, show_pictures, show_points

Function = Callable[..., Any]
Cases = Mapping[str, tuple[Any, ...]]
Results = dict[str, np.ndarray]

TOLERANCE = 1e-4  # of the largest right number, or of 1
MINUS = 1e-2  # how near a factor must be to -1 to be a wrong sign


@dataclass(frozen=True)
class Suspect:
    """A mistake that people make: the wrong function, and the sentence for whoever wrote it."""

    kind: str
    function: Function
    sentence: str


def compare(
    mine: Function,
    truth: Function,
    cases: Cases,
    what: str,
    arguments: str,
    suspects: Sequence[Suspect] = (),
    right: str = "",
) -> Outcome:
    """Call both with the arguments of every case; the sentence `right` is for one that agrees in all of them.

    Raises `Mistake` otherwise: first for what cannot be compared, then for a suspect that explains every
    case, then for a wrong sign or factor, and last with a picture of the worst case.
    """
    check_callable(mine, what, arguments)
    found = {
        name: _numbers(call(mine, args, tr("For {name}", name=name)), name) for name, args in cases.items()
    }
    goal = {name: np.asarray(truth(*args), dtype=float) for name, args in cases.items()}
    if agree(found, goal):
        return Outcome(True, right or tr("Right for {cases}.", cases="; ".join(cases)))
    for suspect in suspects:
        if agree(found, _results(suspect.function, cases)):
            raise Mistake(suspect.kind, tr(suspect.sentence))
    single = tr("() of a single number")
    for name, values in found.items():
        if values.shape != goal[name].shape:
            raise Mistake(
                "shape",
                tr(
                    "For {name} your result has the shape {yours}; it should have {wanted}. Look for what "
                    "changes the shape.",
                    name=name,
                    yours=values.shape or single,
                    wanted=goal[name].shape or single,
                ),
            )
    broken = [name for name, values in found.items() if not np.isfinite(values).all()]
    if broken:
        raise Mistake(
            "not finite",
            tr(
                "For {name} your result holds nan or inf: look for a division by 0 or the like.",
                name=broken[0],
            ),
        )
    again = {
        name: _numbers(call(mine, args, tr("For {name}", name=name)), name) for name, args in cases.items()
    }
    if not agree(found, again):
        raise Mistake(
            "random",
            tr("The same arguments give different numbers each time: draw nothing at random in here."),
        )
    factor = _factor(found, goal)
    if factor is not None and abs(factor + 1) < MINUS:
        raise Mistake("sign", tr("Every number has the wrong sign: look for a minus too many or too few."))
    if factor is not None:
        raise Mistake(
            "factor",
            tr(
                "Every number is {factor:.3g} times what it should be: look for a factor too many or too "
                "few.",
                factor=factor,
            ),
        )
    raise Mistake("unknown", *_how_far(found, goal))


def agree(found: Results, goal: Results) -> bool:
    """Whether the results of all cases are the same, up to rounding."""
    return all(_close(found[name], goal[name]) for name in goal)


def _close(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    scale = max(1.0, float(np.abs(other).max(initial=0)))
    return bool(np.abs(one - other).max(initial=0) <= TOLERANCE * scale)  # which nan is not


def _results(function: Function, cases: Cases) -> Results:
    return {name: np.asarray(function(*args), dtype=float) for name, args in cases.items()}


def _numbers(value: Any, name: str) -> np.ndarray:
    """What a function returned, as an array of numbers of any shape."""
    detached = value.detach().cpu() if hasattr(value, "detach") else value
    try:
        return np.asarray(detached, dtype=float)
    except (TypeError, ValueError, RuntimeError):
        kind = type(value).__name__
        raise Mistake(
            "no numbers",
            tr(
                "For {name} your function returns something of type {kind}; it has to return numbers.",
                name=name,
                kind=kind,
            ),
        ) from None


def _factor(found: Results, goal: Results) -> float | None:
    """The one number by which all results are too large, if there is one that explains every case."""
    mine, right = (np.concatenate([part[name].ravel() for name in goal]) for part in (found, goal))
    if np.count_nonzero(right) < 2:  # a single number is any other one times something
        return None
    factor = float((mine @ right) / (right @ right))
    return factor if abs(factor) > TOLERANCE and _close(mine, factor * right) else None


def _how_far(found: Results, goal: Results) -> tuple[str, StillPicture]:
    """How many cases are right, where the worst one is and how far off, and that one as a picture."""
    off = {name: float(np.abs(found[name] - goal[name]).max()) for name in goal}
    worst = max(off, key=lambda name: off[name])
    fine = [name for name in goal if _close(found[name], goal[name])]
    said = tr("Right for {cases}.", cases="; ".join(fine)) + " " if fine else ""
    if goal[worst].size == 1:
        yours, wanted = (float(part[worst].ravel()[0]) for part in (found, goal))
        said += tr(
            "For {name} your result is {yours:.3f}; it should be {wanted:.3f}.",
            name=worst,
            yours=yours,
            wanted=wanted,
        )
    else:
        said += tr(
            "For {name} your numbers are off by up to {off:.2f}; the right ones lie between {low:.2f} and "
            "{high:.2f}. The picture shows both.",
            name=worst,
            off=off[worst],
            low=goal[worst].min(),
            high=goal[worst].max(),
        )
    return said, _picture(found, goal, worst)


def _picture(found: Results, goal: Results, worst: str) -> StillPicture:
    mine, right = found[worst], goal[worst]
    yours, wanted = tr("yours, {name}", name=worst), tr("wanted")
    if right.ndim == 3 and right.shape[-1] == 3:
        return show_pictures(
            {yours: _light(mine), wanted: _light(right), tr("difference"): _light(mine - right)}
        )
    if right.ndim == 2 and right.shape[-1] == 2:
        return show_points({yours: mine, wanted: right}, extent=max(2.2, np.abs(right).max()))
    if right.size == 1:
        mine, right = (np.array([float(part[name].ravel()[0]) for name in goal]) for part in (found, goal))
        return line_plot(
            {tr("yours"): (range(len(mine)), mine), wanted: (range(len(right)), right)}, tr("case")
        )
    mine, right = mine.ravel()[:40], right.ravel()[:40]
    return line_plot(
        {tr("yours"): (range(len(mine)), mine), wanted: (range(len(right)), right)},
        tr("place, {name}", name=worst),
    )


def _light(values: np.ndarray) -> np.ndarray:
    return pictures.to_uint8(np.clip(values, -1, 1))


def line_plot(
    lines: Mapping[str, tuple[Sequence[float], Any]],
    x_label: str,
    marked: float | None = None,
    reference: Sequence[Mapping[str, Any]] = (),
) -> StillPicture:
    """Lines by name, each (n,) places and (n,) values, with their values at the place `marked`."""
    series = [
        {"name": name, "x": list(x), "y": list(y), "points": len(x) < 50} for name, (x, y) in lines.items()
    ]
    drawn = chart(series, x_label, reference=reference, marker=marked)
    return StillPicture(plots.png(drawn), tr("A plot of {names}.", names=", ".join(lines)))
