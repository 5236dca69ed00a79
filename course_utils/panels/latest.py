"""Only the newest request counts: painting in a thread of its own while sliders move on."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from course_utils.runtime import CourseError

# Work this young, in seconds, is finished although it is stale: else a moving slider would see no picture
# until it rests. Every time work is given up the next may take twice as long, for slow and busy machines.
PATIENCE = 0.25
MOVING = 0.25  # seconds at most between two requests of a slider that is being dragged
# Requests that follow each other faster than any hand, in seconds: a kernel that was busy works off what has
# gathered meanwhile. Painting for those would only keep it from the end of them.
BACKLOG = 0.005
# How long, in seconds at most, asking waits for its answer while a slider is dragged. A front end sends the
# next position when the last one has been taken: so it sends those that can be painted, and leaves both the
# kernel and itself the time that the others would cost.
HOLD = 0.2
GRACE = 0.03  # seconds at most from a sketch to the work proper, if no further request comes


class Stale(Exception):
    """Raised inside a piece of work that nobody waits for any more."""


_CHECK: ContextVar[Callable[[], None]] = ContextVar("check", default=lambda: None)


@dataclass
class _Pace:
    """Whether the slider moves, and whether its work made a sketch for that reason."""

    moving: bool = False
    sketched: bool = False


_PACE: ContextVar[_Pace] = ContextVar("pace", default=_Pace())  # noqa: B039  # the default is never written to


def check() -> None:
    """Called between the steps of any work: raises `Stale` where it runs for a panel that has moved on."""
    _CHECK.get()()


def hurried() -> bool:
    """Whether the slider that this work is for still moves: a sketch will do, and the work proper follows."""
    pace = _PACE.get()
    if pace.moving:
        pace.sketched = True
    return pace.moving


class Latest:
    """Runs `work(request)` for the newest request and hands its result to `show`.

    Work that takes long may hand over what it has so far, one part after the other, as an iterator. Work that
    calls `check` between its steps is given up once a newer request has come in, unless it is young
    (`PATIENCE`). Work that asks whether it is `hurried` may make a sketch while requests follow each other;
    the last request is then worked off once more, without hurry. Requests that come faster than any hand are
    let through first, and what is under way is given up for them, however young. While a slider is dragged,
    `ask` returns when the work is done and only has to be shown (`HOLD`). `say` receives one sentence
    for a `CourseError` and "" on success; `busy` is told when work begins and ends. The first request is
    worked off at once, by the caller, so that a panel is complete when its cell has run. A `CourseError` in
    the place of a request is said, and ends what is under way.
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
        self._worked = 0  # the number of the last request whose work is done, or given up
        self._asked = -MOVING
        self._gap = MOVING
        self._began = self._spent = 0.0  # when the last work began, and how long it took until it was shown
        self._patience = PATIENCE
        self._lock = threading.Condition()
        self._thread: threading.Thread | None = None

    def now(self, request: Any) -> None:
        """Work off a request before returning; a mistake in it is raised."""
        self._answer(request)

    def ask(self, request: Any) -> None:
        """Take a request and return soon; one that is under way is given up."""
        with self._lock:
            self._number += 1
            number, now = self._number, time.monotonic()
            self._gap, self._asked = now - self._asked, now
            self._waiting = request
            self._lock.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            if BACKLOG <= self._gap < MOVING:
                self._lock.wait_for(lambda: self._worked >= number, self._hold(now))
                self._asked = time.monotonic()

    def _hold(self, now: float) -> float:
        """How many seconds asking waits at most: the next request takes its way while this one is shown.

        It will be as long in coming as this one was, and the work as long as the last.
        """
        start = max(now, self._began + self._spent)
        return max(0.0, min(HOLD, start + self._spent - self._gap - now))

    def wait(self, seconds: float = 60) -> None:
        """Return when nothing is under way (for tests and scripts)."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)

    def _run(self) -> None:
        self._busy(True)
        sketched = 0  # the number of the last request that there is a sketch for
        while True:
            self._let_through()
            with self._lock:
                request, number = self._waiting, self._number
                pace = _Pace(moving=self._gap < MOVING and number != sketched)
            # A sketch was seen already: what follows it is given up as soon as the slider moves on.
            self._attempt(request, number, pace, patience=0 if number == sketched else self._patience)
            self._done(number)
            if pace.sketched:
                sketched = number
                self._expect_another(number)
                continue
            with self._lock:
                if number == self._number:
                    self._thread = None
                    self._busy(False)
                    return

    def _expect_another(self, number: int) -> None:
        """Give the next request a moment to come before the work proper begins for this one."""
        with self._lock:
            self._lock.wait_for(lambda: self._number != number, min(GRACE, 2 * self._gap))

    def _done(self, number: int) -> None:
        with self._lock:
            self._worked = max(self._worked, number)
            self._lock.notify_all()

    def _let_through(self) -> None:
        """Return when no backlog of requests comes in."""
        while self._floods():
            time.sleep(4 * BACKLOG)

    def _floods(self) -> bool:
        return self._gap < BACKLOG and time.monotonic() - self._asked < BACKLOG

    def _attempt(self, request: Any, number: int, pace: _Pace, patience: float) -> None:
        self._began = time.monotonic()

        def given_up() -> None:
            late = self._floods() or time.monotonic() - self._began > patience
            if number != self._number and late:
                raise Stale

        _CHECK.set(given_up)  # this thread is the only one of its context
        _PACE.set(pace)
        try:
            if isinstance(request, CourseError):
                raise request
            self._answer(request, number)
            self._patience = PATIENCE
            self._spent = time.monotonic() - self._began
        except Stale:
            self._patience *= 2
        except CourseError as error:
            self._say(str(error))
        except Exception as error:  # the next request may fare better
            self._say(f"Painting failed: {error}")
            logging.getLogger(__name__).exception("A panel's work failed.")

    def _answer(self, request: Any, number: int = 0) -> None:
        result = self._work(request)
        self._done(number)
        for part in result if isinstance(result, Iterator) else (result,):
            self._say(self._show(part) or "")
