"""A process that builds graphs: one at a time on a machine, and only while the one that asked for it lives.

Tracing a network blocks the process that does it, and takes every core it can get. So kernels that want the
same graphs wait for the first one's builder, and paint meanwhile; a builder whose kernel has ended stops.
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
from contextlib import contextmanager
from pathlib import Path

from course_utils import cache
from course_utils.runtime import ROOT, CourseError

LOCK = "building.lock"
SCRATCH = "tmp"  # how the names of folders begin in which graphs are half done
POLL = 0.2  # seconds between two looks at whether another builder is done


def built_apart(module: str, done: Callable[[], bool], material: Iterable[Path]) -> None:
    """Let a module `build` graphs from some files in a process of its own, unless they are `done` by then.

    Raises `CourseError` with the reason where that fails.
    """
    from filelock import FileLock  # its owner's death opens it

    home = cache.folder()
    home.mkdir(parents=True, exist_ok=True)
    with FileLock(home / LOCK).acquire(poll_interval=POLL):
        if done():
            return
        for left in home.glob(f"{SCRATCH}*/"):  # of builders that were killed: nobody works there now
            shutil.rmtree(left, ignore_errors=True)
        _run(module, material)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in the cache for what is half done; from there it can be moved to its place at once."""
    home = cache.folder()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=SCRATCH) as folder:
        yield Path(folder)


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
        raise CourseError(said.splitlines()[-1] if said else "The builder ended without a graph.")


def _end_with_parent() -> None:
    """End this process once the one that started it has ended, in whatever way: the pipe closes."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    importlib.import_module(sys.argv[1]).build([Path(name) for name in sys.argv[2:]])
