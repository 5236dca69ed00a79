"""What tests share: the browser, and a painter that never learned anything."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from programs import needs

import course_utils  # noqa: F401  # settles how threads wait before a test imports torch: half the processor time

# jsonschema, which checks notebooks, would build the grammar of addresses: 2.6 s in every process.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
if "PYTEST_XDIST_WORKER" in os.environ:  # as many processes as cores: a thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    atexit.register(os._exit, 0)  # nobody waits three seconds for such a process to free what it holds
# A shell's background job ignores interrupts, and what tests start would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Marks, and files. The first builds graphs that others would wait for.
LONG = ("test_engine", "browser", "graphs", "test_training")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs graphs; of the files that processes take whole the longest come first.

    The order of tests within a file stays: some go on where the one before them left a page. (xdist's own
    groups are no help: under pytest 9.2 `--dist loadgroup` deals out single tests.)
    """
    for item in items:
        if "built" in getattr(item, "fixturenames", ()):
            item.add_marker("graphs")
    places: dict[Path, int] = {}
    for item in items:
        places[item.path] = min(places.get(item.path, len(LONG)), _place(item))
    items.sort(key=lambda item: places[item.path])


def _place(item: pytest.Item) -> int:
    mine = [place for place, one in enumerate(LONG) if item.get_closest_marker(one) or item.path.stem == one]
    return min(mine, default=len(LONG))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of chromium, for playwright's `executable_path`."""
    return needs("chromium", "to run the tests that open a page")


@pytest.fixture(scope="session")
def browser(chromium_path) -> Iterator:
    """A headless chromium of playwright that all browser tests share; each opens its own context."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Give a folder that `make(folder)` fills once for all processes that test; they only read it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        target, done = root / name, root / f"{name}.done"
        with FileLock(root / f"{name}.lock"):
            if not done.exists():
                make(target)
                done.touch()
        return target

    return made


@pytest.fixture(scope="session")
def folder(made_once):
    """The folder of a checkpoint with random weights."""
    from random_painter import write

    return made_once("random", write)


@pytest.fixture(scope="session")
def painter(folder):
    """A painter with random weights."""
    from course_utils import painters

    return painters.load(folder)


@pytest.fixture(scope="session")
def built(painter, made_once):
    """A cache with the graphs of that painter, which take half a minute to build."""
    from course_utils.painters.inference import graphs

    def build(home: Path) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("COURSE_CACHE", str(home))
            graphs.ready(painter.parts)

    return made_once("built", build)
