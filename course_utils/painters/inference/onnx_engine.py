"""The fast engine: a painter's networks as graphs of ONNX Runtime, within one grey level of torch."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from course_utils.painters.inference import graphs
from course_utils.painters.inference.engine import Engine, Inputs, Warming
from course_utils.painters.inference.graphs import CONDITIONING, Files
from course_utils.painters.inference.sessions import Conditioned, Feed, as_feed, session
from course_utils.painters.networks import DECODER, NETWORK, TEXT_ENCODER
from course_utils.painters.parts import Parts
from course_utils.runtime import cores

# Rows of a batch that one core computes at once. More would leave its cache, and fill the memory.
MOST_ROWS = {TEXT_ENCODER: 8, NETWORK: 8, DECODER: 2}
TOGETHER = 4  # cores at most that share the layers of one page; more would only wait for each other


class OnnxEngine(Engine):
    """The three networks as graphs.

    A batch is dealt out in parts, each to a core of its own: the two predictions of a guided pass are parts,
    too. Cores that meet once a pass lose less than cores that share every layer, and what a busy neighbour
    slows down is one part, not each layer. However a batch is dealt, the same numbers come out. A single page
    to decode has no parts; there the cores share the layers.
    """

    name = "ONNX Runtime"

    def __init__(self, files: Files, most: int | None = None) -> None:
        """Graphs as `graphs.paths` names them, run on `most` cores, by default all there are."""
        self._cores = most or cores()
        ready = {name: session(path, 1) for name, path in files.items()}
        self._graphs = {**ready, NETWORK: Conditioned(ready.pop(CONDITIONING), ready[NETWORK])}
        self._one_page = session(files[DECODER], min(self._cores, TOGETHER))
        self._workers = ThreadPoolExecutor(self._cores, "painter")

    def run(self, network: str, inputs: Inputs) -> torch.Tensor:
        """See `Engine`; a (batch, ...) is cut into parts, and its results joined again."""
        feed = as_feed(inputs)
        rows = len(next(iter(feed.values())))
        graph = self._one_page if network == DECODER and rows == 1 else self._graphs[network]
        cuts = shares(rows, self._cores, MOST_ROWS[network])
        if len(cuts) == 2:
            return torch.from_numpy(_answer(graph, feed))
        parts = [{name: whole[a:b] for name, whole in feed.items()} for a, b in pairwise(cuts)]
        return torch.from_numpy(
            np.concatenate(list(self._workers.map(lambda part: _answer(graph, part), parts)))
        )


def shares(rows: int, cores: int, most: int) -> list[int]:
    """Where to cut a batch so that all cores get the same, and none more than `most` rows at once."""
    count = min(rows, -(-rows // (most * cores)) * cores)
    return [rows * k // count for k in range(count + 1)]


def _answer(graph: Any, feed: Feed) -> np.ndarray:
    return graph.run(None, feed)[0]


def fast(parts: Parts, most: int | None = None) -> OnnxEngine:
    """The fast engine for a checkpoint, on `most` cores; its graphs are built once and kept in a cache."""
    import onnxruntime  # noqa: F401  # where it is missing, nothing is built in vain

    return OnnxEngine(graphs.ready(parts), most)


def quickest(parts: Parts, slow: Engine, build: bool = True) -> Engine:
    """The fast engine where its graphs lie in the cache; else `slow`, and `build` replaces it later."""
    try:
        if graphs.cached(graphs.paths(parts)):
            return fast(parts)
    except ImportError:  # no fast runtime: the way below finds words for it
        pass
    except Exception:  # a torn graph, another runtime's, a cache that nobody may read: built once more
        with suppress(Exception):
            graphs.forget(graphs.paths(parts))
    return Warming(slow, lambda: fast(parts)) if build else slow
