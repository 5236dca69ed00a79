"""What was asked of a painter in one call, as the settings of every picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from course_utils.painters.settings import Settings
from course_utils.runtime import CourseError

Prompt = str | Settings


def is_several(prompt: Prompt | Sequence[Prompt]) -> bool:
    """Whether this is a list of prompts, for which a list of paintings comes back."""
    return isinstance(prompt, Sequence) and not isinstance(prompt, str)


def batch_of(prompt: Prompt | Sequence[Prompt], more: dict[str, Any]) -> list[Settings]:
    """One `Settings` a picture; `more` changes all of them, and its `seed` may be a list with one for each.

    Raises `CourseError` for what is no setting, and for pictures that cannot be painted in one batch.
    """
    wanted: Sequence[Prompt] = prompt if is_several(prompt) else [prompt]  # type: ignore[assignment,list-item]
    if not wanted:
        raise CourseError("A batch needs at least one prompt.")
    unknown = [name for name in more if name not in {field.name for field in fields(Settings)}]
    if unknown:
        raise CourseError(f"A painter knows no such setting: {', '.join(map(repr, unknown))}.")
    found = [
        item.but(**more, **own) if isinstance(item, Settings) else Settings(item, **more, **own)
        for item, own in zip(wanted, _seeds(more.pop("seed", None), len(wanted)), strict=True)
    ]
    shared = {(one.steps, one.sampler, one.spacing, one.bias) for one in found}
    if len(shared) > 1:
        raise CourseError(
            "A batch shares its steps, sampler, spacing and bias: paint the others in a second batch."
        )
    return found


def _seeds(seeds: Any, count: int) -> list[dict[str, Any]]:
    """The seed of each picture, as a setting, where any was given."""
    if seeds is None:
        return [{}] * count
    if np.ndim(seeds) == 0:
        return [{"seed": seeds}] * count
    if len(seeds) != count:
        raise CourseError(f"There are {count} prompts but {len(seeds)} seeds: give as many of both.")
    return [{"seed": seed} for seed in seeds]
