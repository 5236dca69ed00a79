"""Get everything ready ahead of a lesson: `python -m course_utils warm`.

Loads each painter that ships, builds the graphs that it paints and sketches with, and paints by them; reads
the judges and the points' network. Graphs are built once a machine; without them the first lesson waits.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial

from course_utils import judge, painters, particles
from course_utils.doctor import LIMITED, MISSING, Row, table
from course_utils.runtime import CourseError, counted

PROMPT, STEPS = "an orange cat in space", 4
SLOW = "torch"  # the engine that needs no graphs


def main(arguments: Sequence[str] = ()) -> int:
    """Say of each part that it is ready, as it gets so; 0 when the course can be taught, else 1."""
    argparse.ArgumentParser(prog="python -m course_utils warm", description=__doc__).parse_args(arguments)
    print("Getting ready; graphs that are missing take a minute a painter.", flush=True)
    rows: list[Row] = []
    for what, get_ready in PARTS.items():
        start = time.perf_counter()
        try:
            rows.append(get_ready(what))
        except CourseError as error:
            rows.append(Row(what, "not ready", MISSING, str(error)))
        print(f"  {what} ({time.perf_counter() - start:.0f} s)", flush=True)
    print(table(rows))
    return int(any(row.verdict == MISSING for row in rows))


def _read(load: Callable[[], object], what: str) -> Row:
    load()
    return Row(what, "weights read")


def _painter(name: str, what: str) -> Row:
    """A painter with its graphs, for pages and for sketches."""
    painter = painters.load(name)
    engines = painter.engine, painter.sketcher.engine
    for engine in engines:
        engine.wait()
    for one in (painter, painter.sketcher):
        one.paint(PROMPT, steps=STEPS)  # the first page of a process takes longer
    seconds = painter.paint(PROMPT, steps=STEPS).seconds
    found = f"{painter.engine.name}, {counted(STEPS, 'step')} in {seconds:.2f} s"
    slow = [getattr(engine, "reason", "no graphs") for engine in engines if engine.name == SLOW]
    return Row(what, found, LIMITED, f"paints or sketches slowly: {slow[0]}") if slow else Row(what, found)


# What is made ready, by name, and how.
PARTS: dict[str, Callable[[str], Row]] = {
    "points": partial(_read, particles.load),
    **{f"painter {name}": partial(_painter, name) for name in painters.BUILTIN},
    **{f"{which} judge": partial(_read, partial(judge.load, which)) for which in ("first", "second")},
}
