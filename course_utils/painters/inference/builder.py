"""A process that builds graphs: one at a time on a machine, and no longer than whoever asked for it lives.

Tracing a network takes the process that does it whole, and every core it gets. So kernels that want the same
graphs wait for the first one's builder, and paint meanwhile; a builder whose kernel has ended stops.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from course_utils import cache
from course_utils.runtime import ROOT, CourseError

LOCK = "building.lock"
SCRATCH = "tmp"  # how the names of folders begin in which graphs are half done
POLL = 0.2  # seconds between two looks at whether another builder is done


def built_apart(module: str, done: Callable[[], bool], material: Iterable[Path]) -> None:
    """Let a module `build` its graphs of some files in a process of its own, unless another one has: `done`.

    Raises `CourseError` with the reason where that fails.
    """
    with _alone():
        if done():
            return
        _sweep()
        _run(module, material)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in the cache for what is half done; from there it can be moved to its place at once."""
    home = cache.folder()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=SCRATCH) as folder:
        yield Path(folder)


def _alone() -> AbstractContextManager:
    """A lock on the cache that its owner's death opens."""
    from filelock import FileLock

    cache.folder().mkdir(parents=True, exist_ok=True)
    return FileLock(cache.folder() / LOCK).acquire(poll_interval=POLL)


def _sweep() -> None:
    """Remove what builders left that were killed: while the lock is ours, nobody works there."""
    for left in cache.folder().glob(f"{SCRATCH}*/"):
        shutil.rmtree(left, ignore_errors=True)


def _run(module: str, material: Iterable[Path]) -> None:
    command = [sys.executable, "-m", __name__, module, *map(str, material)]
    # In a session of its own: who interrupts a cell does not mean this.
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "COURSE_CACHE": str(cache.folder().parent)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as builder:
        said = builder.stderr.read().strip() if builder.stderr else ""
    if builder.returncode:
        raise CourseError(said.splitlines()[-1] if said else "No graph came out.")


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, in whatever way: the pipe between closes."""

    def wait() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    _end_with_parent()
    importlib.import_module(sys.argv[1]).build([Path(name) for name in sys.argv[2:]])
