"""A bar for what a cell waits for: what is being painted, and how far it is. It leaves nothing behind."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from IPython.display import DisplayHandle, display
from tqdm import auto
from tqdm.notebook import tqdm_notebook

from course_utils.runtime import side_by_side

Item = TypeVar("Item")
Result = TypeVar("Result")

DELAY = 0.5  # seconds: what is done sooner needs no bar
# No elapsed time and no rate: nobody who waits can use them.
BAR = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}, {remaining} left"


class _InNotebook(tqdm_notebook):
    """tqdm's bar as an output without words, taken away at the end.

    A saved notebook, an export and nbval, which compares the words of outputs, find no trace of it.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(display=False, **options)
        view = {"version_major": 2, "version_minor": 0, "model_id": self.container.model_id}
        shown = {"application/vnd.jupyter.widget-view+json": view}
        self._handle: DisplayHandle = display(shown, raw=True, display_id=True)

    def close(self) -> None:
        if self.disable:  # closed already: tqdm closes once more whatever is thrown away
            return
        widgets = [*self.container.children, self.container]
        parts = [part for one in widgets for part in (one.layout, getattr(one, "style", None), one) if part]
        super().close()
        self._handle.update({}, raw=True)
        for part in parts:
            part.close()


_Bar = _InNotebook if issubclass(auto.tqdm, tqdm_notebook) else auto.tqdm


class _Waiting:
    """A bar that appears once somebody has waited for DELAY, also while the first piece is not done."""

    def __init__(self, what: str, total: int) -> None:
        self._options = {"desc": what, "total": total, "leave": False, "bar_format": BAR}
        self._count, self._over = 0, False
        self._bar: Any = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(DELAY, self._show)
        self._timer.daemon = True
        self._timer.start()

    def done(self) -> None:
        """One piece more."""
        with self._lock:
            self._count += 1
            if self._bar is not None:
                self._bar.update()

    def end(self) -> None:
        """Take the bar away."""
        self._timer.cancel()
        with self._lock:
            self._over = True
            if self._bar is not None:
                self._bar.close()

    def _show(self) -> None:
        with self._lock:
            if not self._over:
                self._bar = _Bar(initial=self._count, **self._options)


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a bar while the block runs; gives the function that moves it on by one of `total`.

    Only for cells: what a panel paints in a thread of its own marks its views instead. Interrupting the
    block takes the bar away, too. tqdm's own TQDM_DISABLE keeps bars away.
    """
    if threading.current_thread() is not threading.main_thread() or os.environ.get("TQDM_DISABLE"):
        yield lambda: None
        return
    waiting = _Waiting(what, total)
    try:
        yield waiting.done
    finally:
        waiting.end()


def watched(what: str, items: Iterable[Item], total: int) -> Iterator[Item]:
    """Go through `items`, `total` of them, with a bar."""
    with progress(what, total) as done:
        for item in items:
            yield item
            done()


def side_by_side_watched(what: str, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """`runtime.side_by_side` with a bar: independent pieces of work, each on a core of its own."""
    pieces = list(items)
    return side_by_side(work, pieces, partial(watched, what, total=len(pieces)))
