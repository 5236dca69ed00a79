"""What a painted page costs, against stock diffusers in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

from course_utils.bench.figures import Figure, busy, figure_of
from course_utils.bench.stock import Stock

PROMPT, STEPS, GUIDANCE = "an orange cat in space", 20, 4.0
OTHERS = {"picturebook-flow": 10, "picturebook-fast": 4}  # painter -> steps
STOCK = "stock diffusers"
NEIGHBOURS = (0, 1, 2)

Ways = Mapping[str, Callable[[], float]]  # name -> paint a page, the milliseconds it took


def one_picture(repeats: int) -> list[Figure]:
    """A page of 20 guided steps with its decoding: stock pipeline, our torch engine, our fast engine.

    Idle, and beside one and two busy processes. The ways take turns, so that whatever else the machine does
    meets all of them.
    """
    figures: list[Figure] = []
    with Stock("picturebook") as stock:
        ways = _ways(stock, "picturebook", STEPS)
        idle: dict[str, float] = {}
        for count in NEIGHBOURS:
            with busy(count) if count else nullcontext():
                spent = in_turns(ways, repeats)
            beside = _beside(count)
            figures += [
                figure_of(f"a page of {STEPS} steps, {way}{beside}", "ms", spent[way]) for way in ways
            ]
            medians = {way: figure.median for way, figure in zip(ways, figures[-len(ways) :], strict=True)}
            figures += [
                figure_of(
                    f"times faster than stock{beside}, {way}",
                    "x",
                    [medians[STOCK] / value for value in spent[way]],
                )
                for way in ways
                if way != STOCK
            ]
            idle = idle or medians
            if count:
                figures += [
                    figure_of(
                        f"times slower than idle{beside}, {way}", "x", [v / idle[way] for v in spent[way]]
                    )
                    for way in ways
                ]
    return figures


def other_painters(repeats: int) -> list[Figure]:
    """The same for the other painters, at the steps they are meant for, idle."""
    figures = []
    for name, steps in OTHERS.items():
        with Stock(name) as stock:
            spent = in_turns(_ways(stock, name, steps), repeats)
        figures += [figure_of(f"{name}, {steps} steps, {way}", "ms", times) for way, times in spent.items()]
    return figures


def in_turns(ways: Ways, repeats: int) -> dict[str, list[float]]:
    """Milliseconds of every way, `repeats` times each, one after the other; the first turn warms up."""
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(repeats + 1):
        for way, paint in ways.items():
            taken = paint()
            if turn:
                spent[way].append(taken)
    return spent


def _beside(count: int) -> str:
    return f" beside {count} busy process{'es' * (count > 1)}" if count else ""


def _ways(stock: Stock, name: str, steps: int) -> Ways:
    """Ways to paint the same page, stock diffusers first."""
    from course_utils import painters
    from course_utils.painters.painter import Painter

    ours: Painter = painters.load(name)
    ours.engine.wait()
    plain = replace(ours)  # with the engine it would have without a fast one

    def paint(painter: Painter) -> float:
        start = time.perf_counter()
        _: Any = painter.paint(PROMPT, steps=steps, guidance=GUIDANCE).pixels
        return 1000 * (time.perf_counter() - start)

    return {
        STOCK: partial(stock.paint, PROMPT, steps, GUIDANCE),
        "torch": partial(paint, plain),
        ours.engine.name: partial(paint, ours),
    }
