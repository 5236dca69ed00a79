"""Sessions of ONNX Runtime, and a network that caches what prompt and timestep alone decide."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import torch

LATE = "noisy"  # the one input of the network that words and time do not decide
# What follows from words and time is kept for so many parts of a batch, of so many rows at most: both
# predictions of 40 guided steps. It takes a quarter of a megabyte a row.
KEPT, KEPT_ROWS = 80, 2

Feed = dict[str, np.ndarray]


_open: WeakValueDictionary[tuple[Path, int, int], Any] = WeakValueDictionary()  # path, its age, threads


def session(graph: Path, count: int) -> Any:
    """A graph ready to run on so many threads; asked for once more while it is in use, the same one.

    Pages and sketches have the text encoder and the conditioning in common.
    """
    key = (graph, graph.stat().st_mtime_ns, count)
    found = _open.get(key)
    if found is None:
        found = _open[key] = _opened(graph, count)
    return found


def _opened(graph: Path, count: int) -> Any:
    import onnxruntime

    _share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = count, 1
    # Waiting threads sleep: spinning ones would fight a video call for the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


@cache
def _share_memory() -> None:
    """Let all sessions compute in one arena, which grows by what is asked of it.

    Left to itself each session has an arena of its own, which doubles each time and gives nothing back: three
    painters with their sketches took 150 MB more.
    """
    import onnxruntime

    growth = onnxruntime.OrtArenaCfg(
        {
            "max_mem": 0,
            "arena_extend_strategy": 1,
            "initial_chunk_size_bytes": -1,
            "max_dead_bytes_per_chunk": -1,
        }
    )
    kind, use = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, use), growth)


def as_feed(inputs: Mapping[str, torch.Tensor]) -> Feed:
    """Tensors of any shape as a graph takes them: numpy arrays without gaps."""
    return {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in inputs.items()}


class Conditioned:
    """A network in two graphs: what follows from words and time alone, and the rest.

    A dial that is turned, and every other seed, ask with the same words at the same times again.
    """

    def __init__(self, conditioning: Any, network: Any) -> None:
        self._conditioning, self._network = conditioning, network
        self._names = [output.name for output in conditioning.get_outputs()]
        self._known = lru_cache(KEPT)(self._from_bytes)

    def run(self, _outputs: None, feed: Feed) -> list[np.ndarray]:
        """The prediction for inputs (batch, ...), in a list of one, as a session's method of this name."""
        return self._network.run(None, self.inputs(feed))

    def inputs(self, feed: Feed) -> Feed:
        """The inputs of the second graph."""
        early = {name: array for name, array in feed.items() if name != LATE}
        if len(feed[LATE]) > KEPT_ROWS:
            return {LATE: feed[LATE], **self._following(early)}
        known = self._known(*((name, array.tobytes(), array.shape) for name, array in early.items()))
        return {LATE: feed[LATE], **known}

    def _from_bytes(self, *early: tuple[str, bytes, tuple[int, ...]]) -> Feed:
        """As `_following`, for what can be looked up."""
        return self._following(
            {name: np.frombuffer(data, np.float32).reshape(shape) for name, data, shape in early}
        )

    def _following(self, early: Feed) -> Feed:
        return dict(zip(self._names, self._conditioning.run(None, early), strict=True))
