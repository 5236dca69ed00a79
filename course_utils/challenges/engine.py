"""What all challenges share: a learner's function against the course's or a library's, case by case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course_utils.panels.base import Verdict
from course_utils.runtime import CourseError

Function = Callable[..., Any]


def held_against(
    mine: Function, theirs: Function, cases: Mapping[str, tuple[Any, ...]], tolerance: float = 1e-4
) -> Verdict:
    """Call both with the arguments of each case; say where they part, or that they never do.

    Raises `CourseError` where `mine` returns something that is no array of numbers.
    """
    for name, arguments in cases.items():
        goal = np.asarray(theirs(*arguments), dtype=float)
        try:
            found = np.asarray(mine(*arguments), dtype=float)
        except (TypeError, ValueError) as error:
            raise CourseError(f"At {name} your function fails: {error}") from error
        if found.shape != goal.shape:
            return Verdict(f"At {name} yours has the shape {found.shape}; {goal.shape} is wanted. Not yet.")
        off = float(np.abs(found - goal).max())
        if not off <= tolerance:  # so that nan is caught as well
            return Verdict(f"At {name} yours is {off:.3f} away. Not yet.")
    return Verdict(f"The same at {', '.join(cases)}.")
