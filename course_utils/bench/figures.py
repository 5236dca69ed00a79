"""Figures with their spread, a stopwatch, and busy neighbours."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Ends by itself when the benchmark is killed and cannot end it.
_SPIN = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


@dataclass(frozen=True)
class Figure:
    """One measured figure: the median of its repetitions, their lowest and highest, and its unit."""

    name: str
    median: float
    low: float
    high: float
    unit: str


def figure_of(name: str, unit: str, values: list[float]) -> Figure:
    """The median of at least one value, with the lowest and the highest."""
    return Figure(name, statistics.median(values), min(values), max(values), unit)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep `count` processes spinning beside the block, as a video call does, and end them afterwards."""
    others = [subprocess.Popen([sys.executable, "-c", _SPIN]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def milliseconds(work: Callable[[], object], repeats: int) -> list[float]:
    """How long each of `repeats` calls takes, in milliseconds, after one that does not count."""
    work()  # the first call warms up caches
    spent = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        spent.append(1000 * (time.perf_counter() - start))
    return spent
