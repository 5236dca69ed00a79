"""What a painted page costs, against stock diffusers in the same run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from course_utils.bench.figures import Figure, busy, figure_of, milliseconds

PROMPT, STEPS, GUIDANCE = "an orange cat in space", 20, 4.0
Stock = tuple[Any, dict[str, Any]]
OTHERS = {"picturebook-flow": 10, "picturebook-fast": 4}  # painter -> steps


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


def other_painters(repeats: int) -> list[Figure]:
    """The same for the other painters, at the steps they are meant for."""
    figures = []
    for name, steps in OTHERS.items():
        spent = {way: milliseconds(run, repeats) for way, run in _ways(name, steps).items()}
        figures += [figure_of(f"{name}, {steps} steps, {way}", "ms", times) for way, times in spent.items()]
    return figures


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


def _ways(name: str = "picturebook", steps: int = STEPS) -> dict[str, Callable[[], Any]]:
    """Ways to paint the same page, stock diffusers first."""
    from course_utils import painters, runtime
    from course_utils.painters.engine import Warming
    from course_utils.painters.painter import Painter

    pipeline, call = STOCK[name]()
    pipeline.set_progress_bar_config(disable=True)
    ours: Painter = painters.load(name)
    if isinstance(ours.engine, Warming):
        ours.engine.wait()
    plain = replace(ours)  # with the engine it would have without a fast one

    def stock() -> Any:
        return pipeline(
            prompt=PROMPT,
            num_inference_steps=steps,
            guidance_scale=GUIDANCE,
            generator=runtime.generator(7),
            **call,
        )

    def paint(painter: Painter) -> Any:
        return painter.paint(PROMPT, steps=steps, guidance=GUIDANCE).pixels

    return {
        "stock diffusers": stock,
        "torch": partial(paint, plain),
        f"{ours.engine.name}": partial(paint, ours),
    }


def _curved() -> Stock:
    from diffusers import DDIMScheduler, StableDiffusionPipeline

    from course_utils.runtime import MODELS

    pipeline = StableDiffusionPipeline.from_pretrained(MODELS / "picturebook")
    pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    return pipeline, {}


def _straight() -> Stock:
    from diffusers import Flux2KleinPipeline

    from course_utils.painters.flow_painter import LAYERS, LENGTH
    from course_utils.runtime import MODELS

    pipeline = Flux2KleinPipeline.from_pretrained(MODELS / "picturebook-flow")
    return pipeline, {
        "height": 128,
        "width": 128,
        "max_sequence_length": LENGTH,
        "text_encoder_out_layers": LAYERS,
    }


def _distilled() -> Stock:
    from diffusers import LatentConsistencyModelPipeline

    from course_utils.runtime import MODELS

    lent = _curved()[0].components
    parts = {name: lent[name] for name in ("vae", "text_encoder", "tokenizer")}
    return LatentConsistencyModelPipeline.from_pretrained(MODELS / "picturebook-fast", **parts), {}


# Painter -> stock diffusers' pipeline for its weights, and what its call takes besides the settings.
STOCK: dict[str, Callable[[], Stock]] = {
    "picturebook": _curved,
    "picturebook-flow": _straight,
    "picturebook-fast": _distilled,
}
