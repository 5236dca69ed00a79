"""Graphs in eight bits, for the sketches shown while a slider moves: rounded weights, twice as fast.

Weights and activations become whole numbers of eight bits; their ranges come from what a painter feeds its
networks while it rehearses a few pages (Jacob 2018, arXiv 1712.05877). That is enough to see where a picture
is going, and not enough for a page: a sketch reaches a PSNR of 20 to 30 dB against what the float graphs
paint in as many steps.
"""

from __future__ import annotations

import shutil
import timeit
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from course_utils.painters.inference import builder, graphs
from course_utils.painters.inference.engine import Engine, Inputs
from course_utils.painters.inference.onnx_engine import OnnxEngine
from course_utils.painters.inference.sessions import Conditioned, Feed, as_feed, session
from course_utils.painters.networks import DECODER, NETWORK
from course_utils.painters.parts import Parts
from course_utils.runtime import CourseError

RECIPE = 1  # one more whenever this module makes other graphs of the same weights
PAGES, STEPS = 10, (4, 10)  # rehearsed for the ranges, every other page in more steps
MOST_INPUTS = 48  # inputs that the ranges are read off at most
WORTH = 1.2  # times as fast as the float graph, or it is not used: a processor may lack the instructions
ROUNDED = ("Conv", "MatMul", "Gemm")


With = Callable[[Engine], Any]  # a painter that runs on another engine


def fast(parts: Parts, pages: Engine, painter: With) -> OnnxEngine:
    """The engine in eight bits; its graphs are built once, after those for pages, and kept in their cache.

    Raises `CourseError` with the reason where they cannot be had.
    """
    import onnxruntime  # noqa: F401  # where it is missing, nothing is built in vain

    pages.wait()
    whole, rounded = graphs.paths(parts), paths(parts)
    if not graphs.cached(whole):
        raise CourseError("Sketches need the graphs for pages, and these have not been built.")
    if graphs.cached(rounded):
        try:
            return OnnxEngine({**whole, **rounded})
        except Exception:  # a torn graph, or another runtime's: once more from the start
            graphs.forget(rounded)
    built(parts, pages, painter)
    return OnnxEngine({**whole, **rounded})


def paths(parts: Parts) -> dict[str, Path]:
    """Where the graphs of network and decoder in eight bits are kept: beside those they are made of."""
    whole = graphs.paths(parts)
    return {
        network: whole[network].with_stem(f"{whole[network].stem}-8bit-{RECIPE}")
        for network in (NETWORK, DECODER)
    }


def built(parts: Parts, pages: Engine, painter: With) -> None:
    """Build both graphs in a process of their own, from what a rehearsal feeds the networks."""
    with TemporaryDirectory() as folder:
        rehearse(painter(Listening(pages, Path(folder))))
        builder.built_apart(__name__, lambda: graphs.cached(paths(parts)), [Path(folder), *parts.folders])


def build(material: Sequence[Path]) -> None:
    """Build both graphs from a rehearsal's folder and a checkpoint's, each moved to its place once done.

    Where eight bits gain nothing on this processor, a copy of the float graph takes their place.
    """
    rehearsed, *folders = material
    parts = Parts(*folders)
    sources = graphs.paths(parts)
    whole = Conditioned(session(sources[graphs.CONDITIONING], 1), session(sources[NETWORK], 1))
    for network, path in paths(parts).items():
        passes = sorted(rehearsed.glob(f"{network}-*.npz"))
        feeds = [dict(np.load(file)) for file in passes[:: -(-len(passes) // MOST_INPUTS)]]
        if network == NETWORK:
            feeds = [whole.inputs(feed) for feed in feeds]
        with builder.scratch() as folder:
            fresh, source = folder / "graph.onnx", sources[network]
            _quantize(source, feeds, fresh)
            if _seconds(source, feeds[0]) < WORTH * _seconds(fresh, feeds[0]):
                shutil.copyfile(source, fresh)
            fresh.replace(path)


class Listening(Engine):
    """An engine that writes down what its networks are fed, a file for each pass: network-000.npz."""

    name = "listening"

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self._folder, self._numbers = engine, folder, count()

    def run(self, network: str, inputs: Inputs) -> torch.Tensor:
        """See `Engine`: (batch, ...) to (batch, ...)."""
        file = self._folder / f"{network}-{next(self._numbers):03}.npz"
        # (Some versions of numpy take allow_pickle here, others save it as one array more.)
        np.savez(file, **as_feed(inputs))  # type: ignore[arg-type]
        return self._engine.run(network, inputs)


def rehearse(painter: Any) -> None:
    """Paint a few pages of the picture book, at all the guidances that the painter takes."""
    from course_utils.picturebook.dataset import Pages  # a kernel that draws no page need not read it

    book, (weakest, strongest) = Pages("train"), painter.dial
    for number, guidance in enumerate(np.linspace(weakest, strongest, PAGES)):
        steps = STEPS[number % len(STEPS)]
        painted = painter.paint(book.caption(number), seed=number, steps=steps, guidance=float(guidance))
        _ = painted.pixels  # decoded, so that the decoder is fed, too


def _quantize(source: Path, inputs: list[Feed], target: Path) -> None:
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    ready = target.with_name("ready.onnx")
    quant_pre_process(source, ready, skip_symbolic_shape=True)  # one dimension, the batch, has no number
    quantize_static(
        ready,
        target,
        SimpleNamespace(get_next=partial(next, iter(inputs), None)),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=list(ROUNDED),
        extra_options={"MatMulConstBOnly": True},  # products of two activations stay as they are
    )


def _seconds(graph: Path, feed: Feed, times: int = 8) -> float:
    """The quickest of several runs on one core."""
    return min(timeit.repeat(partial(session(graph, 1).run, None, feed), number=1, repeat=times))
