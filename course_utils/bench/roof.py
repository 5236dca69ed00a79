"""How near the fast engine comes to what the processor could do: floating-point work at its measured peak.

The peak is the better of two: a large product of matrices, and the convolution that the network is made of.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from course_utils.bench.figures import Figure, busy, figure_of, milliseconds

if TYPE_CHECKING:
    import torch

    from course_utils.painters.inference import Engine

SIDE = 1024  # of the square matrices
CHANNELS, PLACES = 128, 64  # of the convolution, 3 x 3
BATCHES = (1, 2, 4, 8, 12, 24)
NEIGHBOURS = (1, 2)
SHEET, SHEET_STEPS = 64, 8


def against_the_roof(repeats: int) -> list[Figure]:
    """A guided pass and a sheet of pages, as multiples of their FLOP at the peak of as many threads."""
    import torch

    from course_utils import painters, runtime
    from course_utils.painters.inference import fast

    painter: Any = painters.load("picturebook")
    painter.engine.wait()
    every = runtime.cores()
    peak = {count: peak_gflops(count, repeats) for count in sorted({1, every})}
    figures = [figure_of(f"peak, {n} thread{'s' * (n > 1)}", "GFLOP/s", peak[n]) for n in peak]
    best = {count: max(values) for count, values in peak.items()}

    def vectors(count: int) -> torch.Tensor:
        return painter.encode_text("an orange cat in space").expand(count, -1, -1)

    one = painter.initial_noise(7)[None]
    a_pass = gflop(lambda: painter.network(one, 500, vectors(1)))
    a_page = gflop(lambda: painter.parts.vae.decode(one))
    figures.append(Figure("a guided pass", 2 * a_pass, 2 * a_pass, 2 * a_pass, "GFLOP"))

    def guided(engine: Engine, count: int) -> list[float]:
        noisy = one.expand(2 * count, -1, -1, -1)
        return milliseconds(
            partial(engine.predict, noisy, torch.tensor(500), vectors(2 * count)), 3 * repeats
        )

    try:
        engines: dict[int, Engine] = {count: fast(painter.parts, count) for count in best}
    except ImportError:  # no fast runtime here
        engines = {every: painter.engine}
    where = {count: "" if count == every else " on one core" for count in best}
    for cores, engine in engines.items():
        for count in BATCHES if cores == every else BATCHES[:1]:
            work = 2 * count * a_pass
            over = [value * best[cores] / (1000 * work) for value in guided(engine, count)]
            figures.append(figure_of(f"a guided pass of {count}{where[cores]}, against the roof", "x", over))
    idle = {cores: statistics.median(guided(engine, 1)) for cores, engine in engines.items()}
    for others in NEIGHBOURS:
        with busy(others):
            for cores, engine in engines.items():
                slower = [value / idle[cores] for value in guided(engine, 1)]
                name = f"a guided pass{where[cores]} beside {others} busy, against idle"
                figures.append(figure_of(name, "x", slower))

    def sheet() -> None:
        painted = painter.paint(
            ["an orange cat in space"] * SHEET, seed=list(range(SHEET)), steps=SHEET_STEPS
        )
        painter.decode(torch.stack([painting.latent for painting in painted]))

    work = SHEET * (SHEET_STEPS * 2 * a_pass + a_page)
    over = [value * best[every] / (1000 * work) for value in milliseconds(sheet, max(1, repeats // 3))]
    figures.append(figure_of(f"a sheet of {SHEET}, {SHEET_STEPS} steps, against the roof", "x", over))
    return figures


def peak_gflops(threads: int, repeats: int) -> list[float]:
    """What this many threads reach, in the better of the two kinds of work."""
    import torch
    from torch.nn.functional import conv2d

    from course_utils import runtime

    left, right = torch.randn(SIDE, SIDE), torch.randn(SIDE, SIDE)
    places, kernel = torch.randn(1, CHANNELS, PLACES, PLACES), torch.randn(CHANNELS, CHANNELS, 3, 3)
    kinds = {
        2 * SIDE**3: partial(torch.mm, left, right),
        2 * 9 * CHANNELS**2 * PLACES**2: partial(conv2d, places, kernel, padding=1),
    }
    with runtime.threads(threads), torch.inference_mode():
        reached = [
            [work / 1e6 / value for value in milliseconds(run, 3 * repeats)] for work, run in kinds.items()
        ]
    return max(reached, key=max)


def gflop(work: Callable[[], object]) -> float:
    """Floating-point operations of a piece of torch work, in billions, counted by torch."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        work()
    return counter.get_total_flops() / 1e9
