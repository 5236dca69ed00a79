"""`python -m course_utils bench`: what the course costs on this machine, as ratios within one run."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from course_utils.bench import (
    cost,
    frames,
    lesson,
    page_speed,
    particle_speed,
    plots,
    quality,
    roof,
    runtimes,
    start,
    tricks,
)
from course_utils.bench.figures import Figure, kept

BENCHMARKS: tuple[Callable[[int], list[Figure]], ...] = (
    particle_speed.import_time,
    particle_speed.evaluations,
    particle_speed.painting,
    particle_speed.train_here,
    page_speed.one_picture,
    page_speed.other_painters,
    cost.by_steps,
    cost.by_batch,
    cost.by_resolution,
    cost.where_the_time_goes,
    cost.memory,
    roof.against_the_roof,
    start.first_sight,
    frames.wrapping,
    lesson.storm,
    lesson.sheet,
    lesson.notebooks,
    quality.of_the_card,
)


def measure(repeats: int) -> list[Figure]:
    """Run every benchmark, repeated `repeats` times."""
    return [figure for benchmark in BENCHMARKS for figure in benchmark(repeats)]


def main(arguments: Sequence[str]) -> int:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="python -m course_utils bench", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--quick", action="store_true", help="measure each figure once, to check that it works"
    )
    parser.add_argument("--runtimes", action="store_true", help="compare only the runtimes installed here")
    parser.add_argument("--tricks", action="store_true", help="what each trick of the painters gains")
    parser.add_argument("--plot", type=Path, help="draw the figures into this picture file as well")
    parser.add_argument(
        "--kept", type=Path, help="measure nothing: take the figures that --json has written to this file"
    )
    options = parser.parse_args(arguments)
    repeats = 1 if options.quick else 7
    if options.kept:
        figures = kept(options.kept)
    elif options.runtimes:
        figures = runtimes.compared(repeats)
    else:
        figures = tricks.gained(repeats) if options.tricks else measure(repeats)
    if options.plot:
        plots.draw(figures, options.plot)
    if options.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
        return 0
    print(f"{'figure':<58}{'median':>9}{'lowest':>9}{'highest':>9}")
    for figure in figures:
        numbers = "".join(f"{value:9.2f}" for value in (figure.median, figure.low, figure.high))
        print(f"{figure.name:<58}{numbers} {figure.unit}")
    return 0
