"""Figures with their spread, a stopwatch, and busy neighbours."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from course_utils.runtime import CourseError

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


def kept(path: Path) -> list[Figure]:
    """The figures of an earlier run, as `bench --json` writes them. Raises `CourseError` for another file."""
    try:
        found = [Figure(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        found = []
    if not found:
        raise CourseError(f"{str(path)!r} holds no figures: `bench --json > FILE` writes them.")
    return found


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
