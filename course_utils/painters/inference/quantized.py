"""Graphs in eight bits, for sketches while a dial moves: the same weights, rounded, in about half the time.

Weights, and what flows between layers, become whole numbers of eight bits; their ranges are read off what a
painter feeds its networks while it rehearses a few pages (Jacob 2018, arXiv 1712.05877). That is enough to
see where a picture is going, and not enough for a page: a sketch is 20 to 30 dB from what the float graphs
paint in as many steps.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from course_utils.painters.inference import builder, graphs
from course_utils.painters.inference.engine import Engine, Inputs, Warming
from course_utils.painters.inference.onnx_engine import OnnxEngine
from course_utils.painters.inference.sessions import Conditioned, Feed, as_feed, session
from course_utils.painters.networks import DECODER, NETWORK, TEXT_ENCODER
from course_utils.painters.parts import Parts
from course_utils.runtime import CourseError

MODULE = "course_utils.painters.inference.quantized"
RECIPE = 1  # one more whenever this module makes other graphs of the same weights
PAGES, STEPS = 10, (4, 10)  # rehearsed for the ranges, every other page in more steps
MOST_INPUTS = 48  # inputs that the ranges are read off at most
WORTH = 1.2  # times quicker than the float graph, or it is not used: a processor may lack the instructions
ROUNDED = ("Conv", "MatMul", "Gemm")


With = Callable[[Engine], Any]  # what paints, by another engine


def quickest(parts: Parts, pages: Engine, painter: With) -> Engine:
    """An engine for sketches: `pages`, the painter's own, until the graphs in eight bits are there."""
    return Warming(pages, lambda: fast(parts, pages, painter))


def fast(parts: Parts, pages: Engine, painter: With) -> OnnxEngine:
    """The engine in eight bits; its graphs are built once, after those for pages, and kept in their cache.

    Raises `CourseError` with the reason where they cannot be had.
    """
    import onnxruntime  # noqa: F401  # where it is missing, nothing is built in vain

    pages.wait()
    whole, rounded = graphs.paths(parts), paths(parts)
    if not graphs.cached(whole):
        raise CourseError("The graphs for pages are missing, of which those for sketches are made.")
    files = {**whole, **rounded}
    if graphs.cached(rounded):
        try:
            return OnnxEngine(files)
        except Exception:  # a torn graph, or another runtime's: once more from the start
            graphs.forget(rounded)
    built(parts, pages, painter)
    return OnnxEngine(files)


def paths(parts: Parts) -> dict[str, Path]:
    """Where the graphs of network and decoder in eight bits are kept: beside those they are made of."""
    whole = graphs.paths(parts)
    return {
        network: whole[network].with_stem(f"{whole[network].stem}-8bit-{RECIPE}")
        for network in (NETWORK, DECODER)
    }


def built(parts: Parts, pages: Engine, painter: With) -> None:
    """Build both graphs in a process of its own, of what the painter feeds its networks in a rehearsal."""
    with TemporaryDirectory() as folder:
        rehearsed = Path(folder) / "inputs.npz"
        np.savez(rehearsed, allow_pickle=False, **rehearse(pages, painter))
        builder.built_apart(MODULE, lambda: graphs.cached(paths(parts)), [rehearsed, *parts.folders])


def build(material: Sequence[Path]) -> None:
    """Build both graphs of a rehearsal's file and a checkpoint's folders, each moved to its place once done.

    Where eight bits gain nothing on this processor, a copy of the float graph takes their place.
    """
    rehearsed, *folders = material
    parts = Parts(*folders)
    sources, inputs = graphs.paths(parts), _inputs(rehearsed, graphs.paths(parts))
    for network, path in paths(parts).items():
        with builder.scratch() as folder:
            fresh, source, feeds = folder / "graph.onnx", sources[network], inputs[network]
            _quantize(source, feeds, fresh)
            if _seconds(source, feeds[0]) < WORTH * _seconds(fresh, feeds[0]):
                shutil.copyfile(source, fresh)
            fresh.replace(path)


class Listening(Engine):
    """An engine that notes what its networks are fed."""

    name = "listening"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.heard: dict[str, list[Feed]] = {TEXT_ENCODER: [], NETWORK: [], DECODER: []}

    def run(self, network: str, inputs: Inputs) -> torch.Tensor:
        """See `Engine`."""
        self.heard[network].append(as_feed(inputs))
        return self._engine.run(network, inputs)


def rehearse(pages: Engine, painter: With) -> Feed:
    """What network and decoder are fed while a few pages of the picture book are painted, at all guidances.

    Arrays are named after network, pass and input: "network 3 noisy".
    """
    from course_utils.picturebook.dataset import Pages  # a kernel that draws no page need not read it

    book, engine = Pages("train"), Listening(pages)
    actor = painter(engine)
    weakest, strongest = actor.dial
    for number, guidance in enumerate(np.linspace(weakest, strongest, PAGES)):
        steps = STEPS[number % len(STEPS)]
        painted = actor.paint(book.caption(number), seed=number, steps=steps, guidance=float(guidance))
        _ = painted.pixels
    return {
        f"{network} {number} {name}": array
        for network in (NETWORK, DECODER)
        for number, feed in enumerate(engine.heard[network])
        for name, array in feed.items()
    }


def _inputs(rehearsed: Path, sources: graphs.Files) -> dict[str, list[Feed]]:
    """What the graphs of network and decoder are fed for the ranges, out of a rehearsal's file."""
    found: dict[str, dict[str, Feed]] = {NETWORK: {}, DECODER: {}}
    with np.load(rehearsed) as arrays:
        for key, array in arrays.items():
            network, number, name = key.split()
            found[network].setdefault(number, {})[name] = array
    whole = Conditioned(session(sources[graphs.CONDITIONING], 1), session(sources[NETWORK], 1))
    passes = list(found[NETWORK].values())
    every = -(-len(passes) // MOST_INPUTS)
    return {
        NETWORK: [whole.inputs(feed) for feed in passes[::every]],
        DECODER: list(found[DECODER].values()),
    }


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
