"""Means with their error bars, shares with their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.runtime import CourseError

Interval = tuple[float, float]


@dataclass(frozen=True)
class Estimate:
    """A mean over repetitions with its standard error; `count` repetitions."""

    mean: float
    error: float
    count: int

    @property
    def interval(self) -> Interval:
        """The mean, less and plus twice its standard error."""
        return self.mean - 2 * self.error, self.mean + 2 * self.error

    def meets(self, other: Estimate) -> bool:
        """Whether the two intervals overlap, so that the two cannot be told apart."""
        return self.interval[0] <= other.interval[1] and other.interval[0] <= self.interval[1]

    def __str__(self) -> str:
        digits = 3 if self.error >= 0.0005 else 4
        return f"{self.mean:.{digits}f} ± {self.error:.{digits}f}"


def estimate(values: Iterable[float]) -> Estimate:
    """Mean and standard error of the mean of at least two repetitions."""
    numbers = np.fromiter(values, dtype=float)
    if len(numbers) < 2:
        raise CourseError("An error bar needs at least two repetitions: give more seeds.")
    return Estimate(float(numbers.mean()), float(numbers.std(ddof=1) / math.sqrt(len(numbers))), len(numbers))


def over_seeds(measure: Callable[[int], float], seeds: Iterable[int]) -> Estimate:
    """Measure once for every seed and return the mean with its error bar."""
    return estimate(measure(seed) for seed in seeds)


@dataclass(frozen=True)
class Share:
    """`hits` out of `count`, with the 95 % interval of Wilson (1927)."""

    hits: int
    count: int

    @property
    def mean(self) -> float:
        """The share itself, 0..1."""
        return self.hits / self.count

    @property
    def interval(self) -> Interval:
        """Where the true share lies, 95 times in a hundred."""
        from scipy.stats import binomtest  # takes half a second: not before somebody asks

        found = binomtest(self.hits, self.count).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{100 * self.mean:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def share(answers: Iterable[bool]) -> Share:
    """How many of at least one yes-or-no answers are yes."""
    marks = list(answers)
    if not marks:
        raise CourseError("A share needs at least one answer: give more pictures.")
    return Share(sum(map(bool, marks)), len(marks))


def first_reaching(levels: Sequence[Interval], goal: Interval) -> tuple[int, int]:
    """The first of rising levels that may reach a goal, and the first that must, by their intervals.

    Both are indices of `levels`; the last one stands in where none may, or must.
    """
    may = (k for k, (_low, high) in enumerate(levels) if high >= goal[0])
    must = (k for k, (low, _high) in enumerate(levels) if low >= goal[1])
    return next(may, len(levels) - 1), next(must, len(levels) - 1)
