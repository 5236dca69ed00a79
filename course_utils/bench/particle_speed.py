"""What the miniatures cost: importing, points, training in the notebook."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from course_utils.bench.figures import Figure, busy, figure_of, milliseconds

NEIGHBOURS = (1, 2)  # busy processes beside a training

# Trains in a process of its own, since the wait policy is settled when torch is first imported; for a time
# and not for a number of steps, since with spinning threads a single step may take a second.
_TRAIN = """
import sys, time
from course_utils.training.particles import train
seconds, cores = float(sys.argv[1]), int(sys.argv[2])
run = train(steps=100_000, cores=cores)
for _ in range(5):
    next(run)
start, steps = time.perf_counter(), 0
while time.perf_counter() - start < seconds:
    next(run)
    steps += 1
print(steps / (time.perf_counter() - start))
"""


def import_time(repeats: int) -> list[Figure]:
    """`import course_utils` in a fresh interpreter, beside an interpreter that imports nothing."""

    def run(code: str) -> Callable[[], object]:
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    empty = statistics.median(milliseconds(run("pass"), repeats))
    spent = milliseconds(run("import course_utils"), repeats)
    return [figure_of("import course_utils", "ms", [max(value - empty, 0.1) for value in spent])]


def train_here(repeats: int) -> list[Figure]:
    """Training steps a second of notebook 2's recipe, idle and beside busy processes.

    Below it the contrast: two threads that spin while they wait, torch's habit.
    """

    def steps_a_second(neighbours: int, threads: int, policy: str) -> list[float]:
        environment = os.environ | {
            "OMP_WAIT_POLICY": policy,
            "KMP_BLOCKTIME": "0" if policy == "PASSIVE" else "200",
        }
        command = [sys.executable, "-c", _TRAIN, str(0.4 * repeats), str(threads)]
        with busy(neighbours):
            runs = [
                subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
                for _ in range(min(repeats, 3))
            ]
        return [float(run.stdout) for run in runs]

    idle = steps_a_second(0, 1, "PASSIVE")
    figures = [figure_of("train it here, idle", "steps/s", idle)]
    for label, threads, policy in (("", 1, "PASSIVE"), (", two spinning threads", 2, "ACTIVE")):
        for neighbours in NEIGHBOURS:
            slower = [
                statistics.median(idle) / value for value in steps_a_second(neighbours, threads, policy)
            ]
            name = f"times slower beside {neighbours} busy process{'es' * (neighbours > 1)}{label}"
            figures.append(figure_of(name, "x", slower))
    return figures


def evaluations(repeats: int) -> list[Figure]:
    """One evaluation for 1,200 points: the network with one and two threads, and the exact denoiser."""
    from course_utils import particles, runtime, sampling
    from course_utils.schedules import schedule

    points = sampling.draw_noise((particles.COUNT, 2), runtime.generator(0))
    learned, exact = particles.load(), particles.ExactDenoiser(schedule())
    settings: tuple[tuple[str, particles.Denoiser, int], ...] = (
        ("learned", learned, 1),
        ("learned", learned, 2),
        ("exact", exact, 1),
    )
    figures = []
    for name, denoiser, threads in settings:
        with runtime.threads(threads):
            spent = milliseconds(partial(denoiser.predict, points, 500, "cat"), 10 * repeats)
        figures.append(
            figure_of(f"one evaluation, {name}, {threads} thread{'s' * (threads > 1)}", "ms", spent)
        )
    return figures


def painting(repeats: int) -> list[Figure]:
    """Whole runs: notebook 2's 60 steps of DDIM, then the samplers' cost as evaluations grow."""
    from course_utils import particles, runtime, sampling
    from course_utils.guidance import classifier_free_guidance
    from course_utils.schedules import schedule, trailing

    predict = classifier_free_guidance(particles.load().predict, "cat")
    points = sampling.draw_noise((particles.COUNT, 2), runtime.generator(0))

    def walk(sampler: str, steps: int) -> list[sampling.State]:
        walked = sampling.SAMPLERS[sampler].walk(
            predict, points, trailing(steps), schedule(), runtime.generator(0)
        )
        return list(walked)

    figures = []
    for sampler, steps in (("ddim", 60), ("ddim", 20), ("ddpm", 20), ("euler", 20), ("heun", 20)):
        with runtime.threads(1):
            paid = walk(sampler, steps)[-1].evaluations
            spent = milliseconds(partial(walk, sampler, steps), repeats)
        figures.append(figure_of(f"{sampler}, {steps} steps, {paid} evaluations", "ms", spent))
    return figures
