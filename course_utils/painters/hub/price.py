"""How long a run of a pipeline took, without what it had to load."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median


def price(moments: Sequence[float], cold: bool) -> float:
    """Seconds of a run between its start, the ends of its steps, and its end: `moments`, in order.

    In a cold run, the first of its pipeline, the first step counts as the median of the others: libraries
    import what they need then, and a GPU compiles. A run of a single step has nothing to compare with.
    """
    spans = [end - start for start, end in pairwise(moments)]
    steps = spans[1:-1]
    return sum(spans[1:], start=median(steps) if cold and steps else spans[0])
