"""Graphs at work: sessions of ONNX Runtime, a network that keeps what stays the same, shared cores."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

# A part that takes so many times as long as the quickest shares its core with another program. Then the work
# is done sooner by one core fewer, for a few batches, after which all are tried again: soon at first, for the
# other program may have stopped, and each time in vain after twice as many batches, up to so many.
UNEVEN, MOST_FEWER = 1.6, 32
# What follows from words and time is kept for so many parts of a batch, of so many rows at most: both
# predictions of 40 guided steps. It takes a quarter of a megabyte a row.
KEPT, KEPT_ROWS = 80, 2

Feed = dict[str, np.ndarray]


def session(graph: Path, count: int) -> Any:
    """A graph ready to run on so many threads."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = count, 1
    # Waiting threads sleep: spinning ones would fight a video call for the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


class Network:
    """A network in two graphs; what follows from words and time alone is kept for a while.

    A dial that is turned, and every other seed, ask with the same words at the same times again.
    """

    def __init__(self, conditioning: Any, network: Any) -> None:
        self._conditioning, self._network = conditioning, network
        self._names = [output.name for output in conditioning.get_outputs()]
        self._kept: OrderedDict[tuple[bytes, ...], Feed] = OrderedDict()
        self._lock = threading.Lock()

    def run(self, _outputs: None, feed: Feed) -> list[np.ndarray]:
        """What the whole network makes of its inputs, as a session's method of this name."""
        return self._network.run(None, self.prepare_inputs(feed))

    def prepare_inputs(self, feed: Feed) -> Feed:
        """The inputs of the second graph."""
        rest = dict(feed)
        noisy = rest.pop("noisy")
        return {"noisy": noisy, **(self._known(rest) if len(noisy) <= KEPT_ROWS else self._find(rest))}

    def _known(self, rest: Feed) -> Feed:
        key = tuple(value.tobytes() for value in rest.values())
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = self._find(rest)
        with self._lock:
            self._kept[key] = found
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def _find(self, rest: Feed) -> Feed:
        return dict(zip(self._names, self._conditioning.run(None, rest), strict=True))


class Share:
    """How many cores to deal a batch out over: all of them, or one fewer while another program holds one."""

    def __init__(self, cores: int) -> None:
        self._all, self._uneven, self._fewer = cores, 0, 0

    def cores(self) -> int:
        """So many for the next batch."""
        if not self._fewer:
            return self._all
        self._fewer -= 1
        return max(1, self._all - 1)

    def record_timings(self, seconds: Sequence[float]) -> None:
        """Learn from how long each core took for parts of one size."""
        if max(seconds) < UNEVEN * min(seconds):
            self._uneven = 0
            return
        self._uneven += 1
        if self._uneven > 1:  # once may be chance
            self._fewer = min(MOST_FEWER, 2**self._uneven)
