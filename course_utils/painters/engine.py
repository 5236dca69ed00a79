"""Two ways to run a painter's networks: torch, which is readable, and ONNX Runtime, which is fast.

The torch engine is the reference; the fast one agrees with it within one gray level, tested.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from course_utils.painters import graphs
from course_utils.painters.parts import Parts
from course_utils.painters.sessions import Feed, Network, Share, session
from course_utils.runtime import cores, threads, threads_for

# Rows of a batch that one core computes at once. More would leave its cache, and fill the memory.
MOST_PREDICTIONS, MOST_PAGES = 8, 2
TOGETHER = 4  # cores at most that share the layers of one page; more would only wait for each other


class Engine(Protocol):
    """What runs the text encoder, the network and the VAE's decoder."""

    @property
    def name(self) -> str:
        """What computes, in words."""

    def prepare(self) -> None:
        """Read now what the first pass would have to read."""

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        """The vectors (batch, 32, width) of prompts in token numbers (batch, 32)."""

    def predict(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """The network's prediction for (batch, 4, h, w) with (batch, 32, width) prompt vectors.

        `timestep_cond` (batch, any) are the numbers by which a distilled network is told the guidance.
        """

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents (batch, 4, h, w), scaling undone, as pixels (batch, 3, 8 h, 8 w) in about -1..1."""


Compute = Callable[..., torch.Tensor]


class TorchEngine:
    """The networks by torch.

    They are functions: `encode_text(tokens)`, `predict(noisy, timestep, vectors, timestep_cond)` and
    `decode(latents)`. `prepare` reads the network's weights, where that has not been done.
    """

    name = "torch"

    def __init__(
        self,
        encode_text: Compute,
        predict: Compute,
        decode: Compute,
        prepare: Callable[[], object] = lambda: None,
    ) -> None:
        self._encode_text, self._predict, self._decode, self._prepare = encode_text, predict, decode, prepare

    def prepare(self) -> None:
        """See `Engine`."""
        self._prepare()

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        with torch.inference_mode(), threads(1):
            return self._encode_text(tokens)

    def predict(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """See `Engine`."""
        with torch.inference_mode(), threads(threads_for(len(noisy) // 2)):
            return self._predict(noisy, timestep, vectors, timestep_cond)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        with torch.inference_mode(), threads(threads_for(len(latents))):
            return self._decode(latents)


class OnnxEngine:
    """The same networks as graphs of ONNX Runtime.

    A batch is dealt out in parts, each to a core of its own: the two predictions of a guided pass are parts,
    too. Cores that meet once a pass lose less than cores that share every layer, and what a busy neighbour
    slows down is one part, not each layer; where one is slowed down again and again, its core is left alone
    for a while. However a batch is dealt, the same numbers come out. A single page to decode has no parts;
    there the cores share the layers.
    """

    name = "ONNX Runtime"

    def __init__(
        self, text_encoder: Path, conditioning: Path, network: Path, decoder: Path, *, most: int | None = None
    ) -> None:
        """Graphs of the three networks, run on `most` cores, by default all there are.

        The network is in two: `conditioning` follows from words and time alone.
        """
        self._cores = most or cores()
        self._encode_text, self._predict = (
            session(text_encoder, 1),
            Network(session(conditioning, 1), session(network, 1)),
        )
        self._decode, self._decode_one = session(decoder, 1), session(decoder, min(self._cores, TOGETHER))
        self._workers, self._share = ThreadPoolExecutor(self._cores, "painter"), Share(self._cores)

    def prepare(self) -> None:
        """See `Engine`. The graphs have been read."""

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        return torch.from_numpy(self._encode_text.run(None, {"tokens": tokens.numpy()})[0])

    def predict(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """See `Engine`."""
        return self._dealt(
            self._predict, input_feed(noisy, timestep, vectors, timestep_cond), MOST_PREDICTIONS
        )

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        graph = self._decode_one if len(latents) == 1 < self._share.cores() else self._decode
        return self._dealt(graph, {"latents": _array(latents)}, MOST_PAGES)

    def _dealt(self, graph: Any, feed: Feed, most: int) -> torch.Tensor:
        """What a graph makes of a batch, dealt out over the cores in parts of `most` rows or fewer."""
        rows = len(next(iter(feed.values())))
        cores = self._share.cores() if rows > 1 else 1
        rounds = -(-rows // (most * cores))
        count = min(rows, rounds * cores)
        cuts = [rows * k // count for k in range(count + 1)]
        parts = [{name: whole[a:b] for name, whole in feed.items()} for a, b in pairwise(cuts)]
        if count == 1:
            return torch.from_numpy(graph.run(None, feed)[0])

        def timed(part: Feed) -> tuple[np.ndarray, float]:
            start = time.perf_counter()
            return graph.run(None, part)[0], time.perf_counter() - start

        found, seconds = zip(*self._workers.map(timed, parts), strict=True)
        if count == cores and rows % count == 0:
            self._share.record_timings(seconds)
        return torch.from_numpy(np.concatenate(found))


class Warming:
    """Paints with torch until the fast engine is built, in the background, and with that from then on.

    Where the fast runtime is missing, or its cache can be neither written nor read, torch stays.
    """

    def __init__(self, slow: Engine, build: Callable[[], Engine]) -> None:
        self._engine = slow
        self.reason = ""
        self._thread = threading.Thread(target=self._warm, args=(build,), daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Which engine runs now."""
        return self._engine.name

    def prepare(self) -> None:
        """See `Engine`."""
        self._engine.prepare()

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
        return self._engine.predict(noisy, timestep, vectors, timestep_cond)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        return self._engine.decode(latents)

    def wait(self, seconds: float | None = 120) -> None:
        """Return when the fast engine is there, or will not come, or after so many seconds."""
        self._thread.join(seconds)

    def _warm(self, build: Callable[[], Engine]) -> None:
        try:
            self._engine = build()
        except Exception as error:  # whatever is broken there, the painter goes on with torch
            self.reason = f"{type(error).__name__}: {error}".splitlines()[0]


def quickest(parts: Parts, slow: Engine, build: bool = True) -> Engine:
    """The fast engine where its graphs lie in the cache; else `slow`, and `build` replaces it later."""
    try:
        if graphs.cached(parts):
            return fast(parts)
    except ImportError:  # no fast runtime: the way below finds words for it
        pass
    except (
        Exception
    ):  # a torn graph, another runtime's, a cache that nobody may read: once more from the start
        with suppress(Exception):
            graphs.forget(parts)
    return Warming(slow, lambda: fast(parts)) if build else slow


def fast(parts: Parts, most: int | None = None) -> OnnxEngine:
    """The fast engine for a checkpoint, on `most` cores; its graphs are built once and kept in a cache."""
    import onnxruntime  # noqa: F401  # where it is missing, nothing is built in vain

    return OnnxEngine(*graphs.ready(parts), most=most)


def input_feed(
    noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor, timestep_cond: torch.Tensor | None
) -> Feed:
    """The inputs of the network's graph, by their names."""
    feed = {
        "noisy": _array(noisy),
        "timestep": np.full(len(noisy), float(timestep), np.float32),
        "vectors": _array(vectors),
    }
    return feed if timestep_cond is None else {**feed, "timestep_cond": _array(timestep_cond)}


def _array(tensor: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.numpy(), np.float32)
