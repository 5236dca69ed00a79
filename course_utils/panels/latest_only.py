"""Only the newest request counts: painting in a thread of its own while sliders move on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from course_utils.panels import pacing
from course_utils.runtime import CourseError


class Cancelled(Exception):
    """Raised inside a piece of work that nobody waits for any more."""


@dataclass
class _Job:
    """What a piece of work may ask about itself."""

    cancelled: Callable[[], bool] = lambda: False
    moving: bool = False
    previewed: bool = False


_JOB: ContextVar[_Job] = ContextVar("job", default=_Job())  # noqa: B039  # the default is never written to


def check() -> None:
    """Called between the steps of any work: raises `Cancelled` where its panel has moved on."""
    if _JOB.get().cancelled():
        raise Cancelled


def preview_wanted() -> bool:
    """Whether the slider that this work is for still moves: a sketch will do, and the work proper follows."""
    job = _JOB.get()
    if job.moving:
        job.previewed = True
    return job.moving


class LatestOnlyWorker:
    """Runs `work(request)` for the newest request and hands its result to `show`.

    Work that takes long may hand over what it has so far, one part after the other, as an iterator. Work that
    calls `check` between its steps is cancelled once a newer request has come in, unless it is young. Work
    that asks whether a preview is wanted (`preview_wanted`) may make a sketch while requests follow each
    other; the last request is then worked off once more, in full. Requests that come faster than any hand
    are let through first. All of these times are decided by `pacing`. `say` receives one sentence for a
    `CourseError` and "" on success; `busy` is called with True when work begins and False when it ends. The
    first request is worked off at once, by the caller, so that a panel is complete when its cell has run. A
    `CourseError` in the place of a request is said, and ends what is under way.
    """

    def __init__(
        self,
        work: Callable[[Any], Any],
        show: Callable[[Any], str | None],
        say: Callable[[str], None],
        busy: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._work, self._show, self._say, self._busy = work, show, say, busy
        self._waiting: Any = None
        self._number = 0
        self._pacing = pacing.Pacing()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def now(self, request: Any) -> None:
        """Work off a request before returning; a mistake in it is raised."""
        self._answer(request)

    def ask(self, request: Any) -> None:
        """Take a request and return soon; one that is under way is cancelled."""
        with self._lock:
            self._number += 1
            self._pacing.asked()
            self._waiting = request
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def wait(self, seconds: float = 60) -> None:
        """Return when nothing is under way (for tests and scripts)."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        self._busy(True)
        sketched = 0  # the number of the last request that there is a sketch for
        while True:
            while self._pacing.backlog():
                time.sleep(4 * pacing.BACKLOG)
            with self._lock:
                request, number = self._waiting, self._number
                moving = self._pacing.moving and number != sketched
            previewed = self._attempt(request, number, moving, number == sketched)
            if previewed:
                sketched = number
                continue
            with self._lock:
                if number == self._number:
                    self._thread = None
                    self._busy(False)
                    return

    def _attempt(self, request: Any, number: int, moving: bool, sketched: bool) -> bool:
        """Work a request off, whatever becomes of it; whether that was a sketch."""
        self._pacing.began()
        job = _Job(lambda: number != self._number and self._pacing.outstayed(sketched), moving)
        _JOB.set(job)  # this thread is the only one of its context
        try:
            if isinstance(request, CourseError):
                raise request
            self._answer(request)
            self._pacing.finished()
        except Cancelled:
            self._pacing.cancelled()
        except CourseError as error:
            self._say(str(error))
        except Exception as error:  # the next request may fare better
            self._say(f"Painting failed: {error}")
            logging.getLogger(__name__).exception("A panel's work failed.")
        return job.previewed

    def _answer(self, request: Any) -> None:
        result = self._work(request)
        for part in result if isinstance(result, Iterator) else (result,):
            self._say(self._show(part) or "")
