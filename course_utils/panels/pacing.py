"""How a worker keeps pace with a dragged slider: when to cancel, when a sketch will do, how long to wait.

What each rule gains, `tests/browser/live_rate.py` and `latency.py` measure; CONTRIBUTING has the figures.
"""

from __future__ import annotations

import time

# Work this young, in seconds, is finished although a newer request has come: else a moving slider would see
# no picture until it rests. Every time work is cancelled the next may take twice as long, for slow machines.
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


class Pacing:
    """The times of requests and work, and what follows from them. It holds no lock and starts no thread."""

    def __init__(self) -> None:
        self._asked = -MOVING
        self._gap = MOVING  # seconds between the last two requests
        self._began = self._spent = 0.0  # when the last work began, and how long it took until it was shown
        self._patience = PATIENCE

    def asked(self) -> None:
        """A request has come in."""
        now = time.monotonic()
        self._gap, self._asked = now - self._asked, now

    def answered(self) -> None:
        """The last request was held until it had its answer: the next one's gap counts from here."""
        self._asked = time.monotonic()

    @property
    def moving(self) -> bool:
        """Whether a slider is being dragged."""
        return self._gap < MOVING

    def backlog(self) -> bool:
        """Whether requests come in faster than any hand, right now."""
        return self._gap < BACKLOG and time.monotonic() - self._asked < BACKLOG

    def hold(self) -> float:
        """How many seconds asking waits for its answer at most: the next request comes while it is shown.

        That one will be as long in coming as this one was, and its work as long as the last.
        """
        if not BACKLOG <= self._gap < MOVING:
            return 0.0
        start = max(self._asked, self._began + self._spent)
        return max(0.0, min(HOLD, start + self._spent - self._gap - self._asked))

    def grace(self) -> float:
        """How many seconds the next request has to come, after a sketch, before the work proper begins."""
        return min(GRACE, 2 * self._gap)

    def began(self) -> None:
        """A piece of work begins."""
        self._began = time.monotonic()

    def outstayed(self, sketched: bool) -> bool:
        """Whether work that a newer request has overtaken should be cancelled.

        Where there is a sketch of it already (`sketched`), it is cancelled at once.
        """
        patience = 0.0 if sketched else self._patience
        return self.backlog() or time.monotonic() - self._began > patience

    def finished(self) -> None:
        """The work has been shown."""
        self._patience = PATIENCE
        self._spent = time.monotonic() - self._began

    def cancelled(self) -> None:
        """The work was cancelled."""
        self._patience *= 2
