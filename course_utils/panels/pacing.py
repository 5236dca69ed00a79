"""How a worker keeps pace with a dragged slider: when to cancel, when a sketch will do.

What sketches gain, `tests/browser/live_rate.py` measures; CONTRIBUTING has the figures.
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


class Pacing:
    """The times of requests and work, and what follows from them. It holds no lock and starts no thread."""

    def __init__(self) -> None:
        self._asked = -MOVING
        self._gap = MOVING  # seconds between the last two requests
        self._began = 0.0  # when the last work began
        self._patience = PATIENCE

    def asked(self) -> None:
        """A request has come in."""
        now = time.monotonic()
        self._gap, self._asked = now - self._asked, now

    @property
    def moving(self) -> bool:
        """Whether a slider is being dragged."""
        return self._gap < MOVING

    def backlog(self) -> bool:
        """Whether requests come in faster than any hand, right now."""
        return self._gap < BACKLOG and time.monotonic() - self._asked < BACKLOG

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

    def cancelled(self) -> None:
        """The work was cancelled."""
        self._patience *= 2
