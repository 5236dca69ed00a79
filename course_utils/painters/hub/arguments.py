"""What can be asked of a large model, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from numbers import Integral, Real
from typing import Any

import numpy as np

from course_utils.painters.hub.table import Row
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError

SIDE_STEP = 16  # every model here paints whole patches: 8 pixels a latent number, two by two of them
MOST_SIDE = 2048

_SETTINGS = {field.name for field in fields(Settings)}


def check_names(names: Iterable[str]) -> None:
    """Raise `CourseError` for a setting that no painter has."""
    for name in names:
        if name not in _SETTINGS:
            hint = ": `start=Start(picture)` begins from a picture" if name == "canvas" else ""
            raise CourseError(f"A large model has no setting {name!r}{hint}.")


def check_side(side: Any) -> None:
    """Raise `CourseError` for a side, in pixels, that no model paints."""
    whole = isinstance(side, Integral) and not isinstance(side, bool)
    if not whole or not SIDE_STEP <= side <= MOST_SIDE or side % SIDE_STEP:
        raise CourseError(
            f"The side of a picture is a multiple of {SIDE_STEP} pixels, from {SIDE_STEP} to {MOST_SIDE}, "
            f"not {_short(side)}."
        )


def check_picture(picture: Any) -> None:
    """Raise `CourseError` unless `picture` is (side, side, 3) uint8 of a side that models paint."""
    if isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3:
        high, wide, channels = picture.shape
        if high == wide and channels == 3:
            return check_side(high)
    raise CourseError(
        f"A picture for a large model is a square of uint8 numbers (side, side, 3), not {_kind(picture)}: "
        "`pictures.load` and `pictures.decode_upload` return one."
    )


def check_share(name: str, value: Any, low: float) -> None:
    """Raise `CourseError` unless `value` is a number from `low` to 1."""
    if not isinstance(value, Real) or isinstance(value, bool) or not low <= float(value) <= 1:
        raise CourseError(f"{name} is a number from {low:g} to 1, not {_short(value)}.")


def check_hole(hole: Any) -> None:
    """Raise `CourseError` unless `hole` is (height, width) bool, and True somewhere."""
    if not isinstance(hole, np.ndarray) or hole.dtype != bool or hole.ndim != 2:
        raise CourseError(
            f"A hole is a two-dimensional array of bool, True where new paint goes, not {_kind(hole)}."
        )
    if not hole.any():
        raise CourseError("Nothing is marked yet: brush over the part of the picture to repaint.")


def refuse(row: Row, settings: Settings, original_steps: int | None) -> None:
    """Raise `CourseError` for settings that the pipeline of a row cannot follow.

    `original_steps` is what a consistency model was distilled from, None for all others.
    """
    title, rule = row.title, row.guidance
    if rule.argument is None and settings.guidance not in (0, 1):
        raise CourseError(
            f"{title} was distilled for a single guidance and has no dial for it: leave w at 1, or choose 0 "
            "to paint without the prompt."
        )
    if settings.guidance < 1 and settings.guidance != 0 and rule.off_until > float("-inf"):
        raise CourseError(
            f"{title} paints w = 0 and w = 1 exactly and guides only above: choose one of these, or more."
        )
    own = row.sampler, "trailing"
    if settings.bias or (not row.samplers and (settings.sampler, settings.spacing) != own):
        raise CourseError(
            f"{title} only takes the steps it was made for: leave sampler, spacing and bias as they are."
        )
    if original_steps is not None and settings.steps > original_steps:
        raise CourseError(f"{title} was distilled from {original_steps} steps: choose no more than that.")
    if settings.negative and not rule.negative and settings.guidance != 0:
        raise CourseError(f"{title} takes no negative prompt: leave it empty.")
    if settings.blend or settings.rescale or settings.interval != (0.0, 1.0):
        raise CourseError(f"{title} cannot blend, rescale or guide in an interval: the built-in painter can.")


def _kind(value: Any) -> str:
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
