"""What a request does not do, in clauses of a painting's remark."""

from __future__ import annotations

from course_utils.painters.settings import Settings


def idle(settings: Settings) -> list[str]:
    """What guidance makes of a negative prompt, where it is not what people expect."""
    if not settings.negative.strip() or settings.guidance > 1:
        return []
    if settings.guidance == 1:
        return ["the negative prompt has no say at w = 1, only above"]
    return ["below w = 1 the page is steered towards the negative prompt, above it away"]


def unmoved(evaluations: int) -> list[str]:
    """That nothing was painted, where no step was taken."""
    if evaluations:
        return []
    return ["0 evaluations: at so low a strength there is no step to paint, and the page stays as it was"]
