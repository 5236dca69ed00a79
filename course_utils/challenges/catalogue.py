"""All challenges, by notebook and by name."""

from __future__ import annotations

from course_utils.challenges import forward, guiding, repainting, reverse, steering, steps, training_data
from course_utils.challenges.engine import Challenge
from course_utils.runtime import CourseError, shown

BY_NOTEBOOK: dict[str, tuple[Challenge, ...]] = {
    "01_forward_process": (*forward.CHALLENGES, *training_data.CHALLENGES),
    "02_reverse_process": reverse.CHALLENGES,
    "03_prompt_steering": (*steering.CHALLENGES, *repainting.CHALLENGES),
    "04_steps_vs_quality": steps.CHALLENGES,
    "05_guidance": guiding.CHALLENGES,
}
CHALLENGES: dict[str, Challenge] = {one.name: one for found in BY_NOTEBOOK.values() for one in found}


def challenge(name: str) -> Challenge:
    """The challenge of a name. Raises `CourseError` where there is none."""
    if name not in CHALLENGES:
        raise CourseError(f"There is no challenge {shown(name)}; there are {', '.join(CHALLENGES)}.")
    return CHALLENGES[name]
