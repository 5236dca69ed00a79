"""An interrupt waits for imports that are under way, and comes when they are done.

A large library whose import is broken off stays half imported: torch then lacks parts, for as long as the
kernel lives. Such imports happen wherever something is needed for the first time, also deep inside other
libraries, so they are guarded where all of them pass.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from types import FrameType
from typing import Any

IMPORTING = "<frozen importlib._bootstrap>"  # the file that frames of an import are said to come from
PAUSE = 0.05  # seconds until an interrupt that has to wait comes again


def guard_imports() -> None:
    """From now on no import is broken off by one interrupt; a second one, by whoever insists, does."""
    if not any(isinstance(finder, _Guard) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Guard())


class _Guard(MetaPathFinder):
    """Finds no module, but is asked for every one before it is imported, and then sees to the interrupts.

    That is done every time, for a notebook's kernel sets its own handler at the start of each cell.
    """

    def find_spec(self, *_: Any) -> None:
        """See `MetaPathFinder`."""
        if threading.current_thread() is threading.main_thread():
            usual = signal.getsignal(signal.SIGINT)
            if callable(usual) and not isinstance(usual, _Waiting):
                signal.signal(signal.SIGINT, _Waiting(usual))


class _Waiting:
    """A handler of interrupts that hands them on to the usual one, except in the middle of an import."""

    def __init__(self, usual: Any) -> None:
        self._usual = usual
        self._waits = self._own = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        insists, self._own = self._waits and not self._own, False
        if insists or not _imports(frame):
            self._waits = False
            self._usual(number, frame)
            return
        self._waits = True
        timer = threading.Timer(PAUSE, self._again)
        timer.daemon = True
        timer.start()

    def _again(self) -> None:
        self._own = True
        if hasattr(signal, "pthread_kill"):  # wakes a thread that sleeps or waits
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main()


def _imports(frame: FrameType | None) -> bool:
    return any(one.f_code.co_filename == IMPORTING for one in _callers(frame))


def _callers(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back
