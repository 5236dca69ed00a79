"""An interrupt waits for the import that is under way, and comes when it is done.

A large library whose import is broken off stays half imported: torch then lacks parts, for as long as the
kernel lives. Such imports happen wherever something is needed for the first time, also deep inside other
libraries, so they are guarded where all of them pass.
"""

from __future__ import annotations

import signal
import sys
import threading
from importlib.abc import MetaPathFinder
from types import FrameType
from typing import Any

IMPORTING = "<frozen importlib._bootstrap>"  # the file that frames of an import are said to come from


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
    """A handler of interrupts that hands them on to the usual one: in an import, at its end.

    The end is seen by tracing the import's own frame, so that the interrupt comes before anything else does;
    where a debugger traces already, nothing waits.
    """

    def __init__(self, usual: Any) -> None:
        self._usual = usual
        self._waits = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        outermost = _outermost_import(frame)
        if self._waits:  # a second one: whoever insists means it
            self._hand_on(number, frame)
        elif outermost is None or sys.gettrace() is not None:
            self._usual(number, frame)
        else:
            self._wait_for(outermost, number)

    def _wait_for(self, importing: FrameType, number: int) -> None:
        def see(frame: FrameType, event: str, _: Any) -> Any:
            if event == "return":
                self._hand_on(number, frame)
            return see

        self._waits = True
        importing.f_trace, importing.f_trace_lines = see, False
        sys.settrace(lambda *_: None)

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        sys.settrace(None)
        self._waits = False
        self._usual(number, frame)


def _outermost_import(frame: FrameType | None) -> FrameType | None:
    found = None
    while frame is not None:
        if frame.f_code.co_filename == IMPORTING:
            found = frame
        frame = frame.f_back
    return found
