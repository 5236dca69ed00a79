"""What a painted page costs, against stock diffusers in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from course_utils.bench.figures import Figure, busy, figure_of, milliseconds

PROMPT, STEPS = "an orange cat in space", 20


def one_picture(repeats: int) -> list[Figure]:
    """A page of 20 guided steps with its decoding: stock pipeline, our torch engine, our fast engine.

    Stock is used as its manual says: inference mode (its own), no progress bar, warmed up, DDIM.
    """
    ways = _ways()
    spent = {name: milliseconds(way, repeats) for name, way in ways.items()}
    figures = [figure_of(f"a page of {STEPS} steps, {name}", "ms", times) for name, times in spent.items()]
    stock = figures[0].median
    return figures + [
        figure_of(f"times faster than stock, {name}", "x", [stock / value for value in spent[name]])
        for name in list(ways)[1:]
    ]


def beside_neighbours(repeats: int) -> list[Figure]:
    """The same beside one and two busy processes, as times slower than idle."""
    ways = _ways()
    idle = {name: min(milliseconds(way, repeats)) for name, way in ways.items()}
    figures = []
    for count in (1, 2):
        with busy(count):
            for name, way in ways.items():
                slower = [value / idle[name] for value in milliseconds(way, repeats)]
                neighbours = f"{count} busy process{'es' * (count > 1)}"
                figures.append(figure_of(f"a page beside {neighbours}, {name}: times slower", "x", slower))
    return figures


def _ways() -> dict[str, Callable[[], Any]]:
    """Ways to paint the same page, stock diffusers first."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    from course_utils import painters, runtime
    from course_utils.painters.engine import Warming
    from course_utils.painters.painter import Painter

    folder = runtime.MODELS / "picturebook"
    pipeline = StableDiffusionPipeline.from_pretrained(folder)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    ours: Painter = painters.load("picturebook")
    if isinstance(ours.engine, Warming):
        ours.engine.wait()
    plain = replace(ours)  # with the engine it would have without a fast one

    def stock() -> Any:
        return pipeline(PROMPT, num_inference_steps=STEPS, guidance_scale=4.0, generator=runtime.generator(7))

    def paint(painter: Painter) -> Any:
        return painter.paint(PROMPT, steps=STEPS, guidance=4.0).pixels

    return {
        "stock diffusers": stock,
        "torch": partial(paint, plain),
        f"{ours.engine.name}": partial(paint, ours),
    }
