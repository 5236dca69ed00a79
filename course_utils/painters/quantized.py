"""Graphs in eight bits, for sketches while a dial moves: the same weights, rounded, in about half the time.

python -m course_utils.painters.quantized data/models/picturebook

Weights, and what flows between layers, become whole numbers of eight bits; their ranges are read off while
the float graphs paint a few pages (Jacob 2018, arXiv 1712.05877). That is enough to see where a picture is
going, and not enough for a page: a sketch is 20 to 30 dB from what the float graphs paint in as many steps.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course_utils.painters import builder, graphs
from course_utils.painters.engine import Engine, OnnxEngine, Warming, input_feed
from course_utils.painters.parts import Parts
from course_utils.painters.sessions import Feed, Network, session
from course_utils.runtime import CourseError

if TYPE_CHECKING:
    from course_utils.painters.painter import Painter

MODULE = "course_utils.painters.quantized"
RECIPE = 1  # one more whenever this module makes other graphs of the same weights
PAGES, STEPS = 10, (4, 10)  # painted for the ranges, every other page in more steps
MOST_INPUTS = 48  # inputs that the ranges are read off at most
WORTH = 1.2  # times quicker than the float graph, or it is not used: a processor may lack the instructions
ROUNDED = ("Conv", "MatMul", "Gemm")


def quickest(parts: Parts, pages: Engine) -> Engine:
    """An engine for sketches: `pages`, the painter's own, until the graphs in eight bits are there."""
    return Warming(pages, lambda: fast(parts, pages))


def fast(parts: Parts, pages: Engine) -> OnnxEngine:
    """The engine in eight bits; its graphs are built once, after those for pages, and kept in their cache.

    Raises `CourseError` with the reason where they cannot be had.
    """
    import onnxruntime  # noqa: F401  # where it is missing, nothing is built in vain

    if isinstance(pages, Warming):
        pages.wait(None)
    if not graphs.cached(parts):
        raise CourseError("The graphs for pages are missing, of which those for sketches are made.")
    files = *graphs.paths(parts)[:2], *paths(parts)
    if cached(parts):
        try:
            return OnnxEngine(*files)
        except Exception:  # a torn graph, or another runtime's: once more from the start
            forget(parts)
    built(parts)
    return OnnxEngine(*files)


def built(parts: Parts) -> None:
    """Build both graphs of a checkpoint in a process of its own, unless they are there."""
    builder.built_apart(MODULE, parts, lambda: cached(parts))


def cached(parts: Parts) -> bool:
    """Whether both graphs of a checkpoint have been built."""
    return all(path.exists() for path in paths(parts))


def forget(parts: Parts) -> None:
    """Remove both graphs of a checkpoint from the cache."""
    for path in paths(parts):
        path.unlink(missing_ok=True)


def paths(parts: Parts) -> list[Path]:
    """Where the graphs of network and decoder in eight bits are kept: beside those they are made of."""
    return [path.with_stem(f"{path.stem}-8bit-{RECIPE}") for path in graphs.paths(parts)[2:]]


def build(parts: Parts) -> None:
    """Build both graphs, each beside its place and then moved there.

    Where eight bits gain nothing on this processor, a copy of the float graph takes their place.
    """
    from course_utils.painters.builtin import assembled

    painter = assembled(*parts.folders)
    calibration = _calibration_inputs(painter)
    for source, inputs, path in zip(graphs.paths(parts)[2:], calibration, paths(parts), strict=True):
        with builder.scratch() as folder:
            fresh = folder / "graph.onnx"
            _quantize(source, inputs, fresh)
            if _seconds(source, inputs[0]) < WORTH * _seconds(fresh, inputs[0]):
                shutil.copyfile(source, fresh)
            fresh.replace(path)


class _Watched:
    """An engine that notes what its network and its decoder are fed."""

    name = "watched"

    def __init__(self, engine: OnnxEngine) -> None:
        self._engine = engine
        self.network_inputs: list[Feed] = []
        self.pages: list[Feed] = []

    def prepare(self) -> None:
        """See `Engine`."""

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        return self._engine.encode_text(tokens)

    def predict(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """See `Engine`."""
        self.network_inputs.append(input_feed(noisy, timestep, vectors, timestep_cond))
        return self._engine.predict(noisy, timestep, vectors, timestep_cond)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        self.pages.append({"latents": latents.numpy()})
        return self._engine.decode(latents)


def _calibration_inputs(painter: Painter) -> tuple[list[Feed], list[Feed]]:
    """What network and decoder are fed while pages of the picture book are painted, at all guidances."""
    from course_utils.picturebook.dataset import Pages

    book = Pages("train")
    watched = painter.engine = _Watched(OnnxEngine(*graphs.paths(painter.parts)))
    for number, guidance in enumerate(np.linspace(*painter.dial, PAGES)):
        steps = STEPS[number % len(STEPS)]
        painted = painter.paint(book.caption(number), seed=number, steps=steps, guidance=float(guidance))
        _ = painted.pixels
    every = -(-len(watched.network_inputs) // MOST_INPUTS)
    network = Network(*(session(path, 1) for path in graphs.paths(painter.parts)[1:3]))
    return [network.prepare_inputs(feed) for feed in watched.network_inputs[::every]], watched.pages


def _quantize(source: Path, inputs: list[Feed], target: Path) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        """Hands the inputs to the library, one after the other."""

        def __init__(self) -> None:
            self._rest: Iterator[Feed] = iter(inputs)

        def get_next(self) -> Feed | None:
            """See the library."""
            return next(self._rest, None)

    ready = target.with_name("ready.onnx")
    quant_pre_process(source, ready, skip_symbolic_shape=True)  # one dimension, the batch, has no number
    quantize_static(
        ready,
        target,
        Reader(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=list(ROUNDED),
        extra_options={"MatMulConstBOnly": True},  # products of two activations stay as they are
    )


def _seconds(graph: Path, feed: Feed, times: int = 8) -> float:
    """The quickest of several runs on one core."""
    run: Callable[[], Any] = partial(session(graph, 1).run, None, feed)

    def spent() -> Iterator[float]:
        while True:
            start = time.perf_counter()
            run()
            yield time.perf_counter() - start

    return min(islice(spent(), times))


if __name__ == "__main__":
    built(Parts(*map(Path, sys.argv[1:])))
