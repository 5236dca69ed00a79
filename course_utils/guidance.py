"""Classifier-free guidance: its formula, in this one place, and the conventions of others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from course_utils.runtime import CourseError

if TYPE_CHECKING:  # it needs torch, and this formula does not
    from course_utils.sampling import Predict


def guide(unconditional: Any, conditional: Any, w: float) -> Any:
    """Combine two predictions: eps = eps_uncond + w (eps_cond - eps_uncond).

    Ho & Salimans 2022, eq. 6, counted as diffusers does: w = 0 is unconditional, w = 1 plain
    conditional, beyond 1 the difference is exaggerated. With a negative prompt its prediction
    takes the place of `unconditional`. Arrays of any one shape; w finite.
    """
    if not math.isfinite(w):
        raise CourseError(f"Guidance is a finite number, for example 4, not {w}.")
    return unconditional + w * (conditional - unconditional)


def classifier_free_guidance(
    model: Callable[[Any, float, Any], Any], conditioning: Any, w: float = 1.0, negative: Any = ""
) -> Predict:
    """A conditional model, `model(x, t, conditioning)`, as the `predict(x, t)` that samplers ask for.

    `negative` takes the place of no conditioning at all. A step costs two evaluations; at w = 1 the negative
    side has no say and is not evaluated, at w = 0 only it has.
    """

    def predict(x: Any, t: float) -> Any:
        if w == 1:
            return model(x, t, conditioning)
        if w == 0:
            return model(x, t, negative)
        return guide(model(x, t, negative), model(x, t, conditioning), w)

    return predict


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
