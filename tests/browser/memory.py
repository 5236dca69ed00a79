"""What memory a kernel takes as a learner causes it: Run All, and then minutes of dragging sliders.

`python tests/browser/memory.py` opens each notebook in a browser, runs it, drags its sliders one after the
other, and prints what the kernel takes after both, and the most it ever was, in MiB: its proportional set
size, in which what it shares with other processes counts by its share, and its resident set, in which all of
that counts, as it does where it is the only kernel. Linux alone tells it. The browser is the `chromium` on
the PATH.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
from lab import NOTEBOOKS, serve
from notebook_page import NotebookPage
from playwright.sync_api import sync_playwright

from course_utils import cache, painters
from course_utils.painters.builtin import BUILTIN

STATE = "application/vnd.jupyter.widget-state+json"
SLIDERS = {"IntSliderModel", "FloatSliderModel", "FloatLogSliderModel"}
MIB = 2**20
PATIENCE = 1_800_000  # milliseconds, on a machine that is busy otherwise
PAUSE = 0.5  # seconds between two looks at the kernel


class Size(NamedTuple):
    """A process's memory, MiB: its share of what is shared, and all of it."""

    proportional: float
    resident: float

    def __str__(self) -> str:
        return f"{self.proportional:.0f} ({self.resident:.0f} resident)"


class Kernel:
    """The one kernel that runs below this process, and the most memory it was seen to take."""

    def __init__(self) -> None:
        (self._process,) = (
            child
            for child in psutil.Process().children(recursive=True)
            if "ipykernel_launcher" in child.cmdline()
        )
        self.most = Size(0.0, 0.0)

    def size(self) -> Size:
        """What it takes now."""
        found = self._process.memory_full_info()
        now = Size(found.pss / MIB, found.rss / MIB)
        self.most = Size(*map(max, self.most, now))
        return now

    def gone(self) -> None:
        """Return when it has ended."""
        self._process.wait(60)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at it again and again during the block."""
        done = threading.Event()

        def look() -> None:
            while not done.wait(PAUSE):
                self.size()

        thread = threading.Thread(target=look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def labels(path: Path) -> list[str]:
    """The sliders of a notebook, by their labels; of several with one label the first."""
    state = nbformat.read(path, as_version=4).metadata["widgets"][STATE]["state"].values()
    return list(dict.fromkeys(one["state"]["description"] for one in state if one["model_name"] in SLIDERS))


def drag(notebook: NotebookPage, label: str, seconds: float) -> None:
    """Drag a slider to and fro."""
    with notebook.holding(notebook.slider(label)) as (left, right, y):
        start = time.monotonic()
        while (gone := time.monotonic() - start) < seconds:
            place = abs(gone / 3 % 2 - 1)  # from end to end in three seconds
            notebook.page.mouse.move(left + (right - left) * place, y)
            time.sleep(0.02)
    notebook.wait_idle()


def measure(notebook: NotebookPage, path: Path, seconds: float) -> str:
    """Run a notebook, drag its sliders for so many seconds altogether, and say what its kernel took."""
    notebook.open(path.name)
    kernel = Kernel()
    with kernel.watched():
        notebook.run_all(PATIENCE)
        ran = kernel.size()
        sliders = labels(path)
        for label in sliders:
            drag(notebook, label, seconds / len(sliders))
        dragged = kernel.size()
    notebook.close()
    kernel.gone()
    return f"{path.stem}, MiB: {ran} after Run All, {dragged} after dragging, {kernel.most} at most"


@contextmanager
def graphs(fresh: bool) -> Iterator[None]:
    """Let the server, which has a home of its own, find the graphs that this user has; none, if `fresh`."""
    with tempfile.TemporaryDirectory() as empty:
        os.environ["COURSE_CACHE"] = empty if fresh else str(cache.folder().parent)
        if not fresh:
            for name in BUILTIN:
                painters.load(name).sketcher.engine.wait(None)
        yield


def main() -> int:
    """Measure every notebook, one after the other."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("notebooks", type=Path, nargs="*", help="all of them, if left out")
    parser.add_argument("--minutes", type=float, default=5.0, help="of dragging, in each notebook")
    parser.add_argument(
        "--fresh", action="store_true", help="as at the first run, when graphs are still built"
    )
    chosen = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None or sys.platform != "linux":
        print("No figures: they want Linux, and chromium on the PATH.", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as scratch,
        graphs(chosen.fresh),
        serve(NOTEBOOKS, Path(scratch)) as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in chosen.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
            notebook = NotebookPage(browser.new_page(viewport={"width": 1366, "height": 768}), lab)
            print(measure(notebook, path, 60 * chosen.minutes), flush=True)
            notebook.page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
