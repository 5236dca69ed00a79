"""Classifier-free guidance: the one place that holds its formula, and the ways others count it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course_utils.runtime import CourseError


def guide(unconditional: Any, conditional: Any, w: float) -> Any:
    """Combine two predictions: eps = eps_uncond + w (eps_cond - eps_uncond).

    Ho & Salimans 2022, eq. 6, counted as diffusers does: w = 0 is unconditional, w = 1 plain
    conditional, beyond 1 the difference is exaggerated. With a negative prompt its prediction
    takes the place of `unconditional`. Arrays of any one shape; w finite.
    """
    if not math.isfinite(w):
        raise CourseError(f"Guidance is a finite number, for example 4, not {w}.")
    return unconditional + w * (conditional - unconditional)


@dataclass(frozen=True)
class Convention:
    """How one family of texts or programs counts guidance, as functions from and to ours."""

    name: str
    formula: str
    from_w: Callable[[float], float]
    to_w: Callable[[float], float]
    remark: str


CONVENTIONS: dict[str, Convention] = {
    "diffusers": Convention(
        "diffusers (this course)",
        "eps_u + w (eps_c - eps_u)",
        lambda w: w,
        lambda s: s,
        "The pipelines of SD, SD 3 and FLUX.2-klein switch guidance off at w <= 1: there 0 paints as 1 does, "
        "and the negative prompt is ignored.",
    ),
    "paper": Convention(
        "Ho & Salimans 2022",
        "(1 + s) eps_c - s eps_u",
        lambda w: w - 1,
        lambda s: s + 1,
        "0 is plain conditional, -1 unconditional.",
    ),
    "z-image": Convention(
        "Z-Image pipeline",
        "eps_c + s (eps_c - eps_u)",
        lambda w: w - 1,
        lambda s: s + 1,
        "Guides from s > 0 on; the turbo model is meant for s = 0.",
    ),
}


def convert(value: float, source: str, target: str) -> float:
    """Convert a guidance value between two conventions (keys of `CONVENTIONS`)."""
    for name in (source, target):
        if name not in CONVENTIONS:
            raise CourseError(f"There is no convention {name!r}; choose one of {', '.join(CONVENTIONS)}.")
    return CONVENTIONS[target].from_w(CONVENTIONS[source].to_w(value))
