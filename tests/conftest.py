"""What tests share: the browser, and a painter that never learned anything."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from programs import needs

import course_utils  # noqa: F401  # settles how threads wait before a test imports torch: half the processor time

if "PYTEST_XDIST_WORKER" in os.environ:  # as many processes as cores: a thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")


# The longest groups of tests, which one process takes whole, come first, or they would end after the rest.
LONG = ("browser", "built", "test_training")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Deal out files to the processes of `--dist loadgroup`, the longest first.

    To one of them go all that open a page, for they share a JupyterLab, and to one all that share `built`.
    """
    for item in items:
        if "built" in getattr(item, "fixturenames", ()):
            group = "built"
            item.add_marker("graphs")
        else:
            group = "browser" if item.get_closest_marker("browser") else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    group = item.get_closest_marker("xdist_group").args[0]
    return LONG.index(group) if group in LONG else len(LONG)


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
def folder(tmp_path_factory):
    """The folder of a checkpoint with random weights."""
    from random_painter import write

    target = tmp_path_factory.mktemp("models") / "random"
    write(target)
    return target


@pytest.fixture(scope="session")
def painter(folder):
    """A painter with random weights."""
    from course_utils import painters

    return painters.load(folder)


@pytest.fixture(scope="session")
def built(painter, tmp_path_factory):
    """A cache with the graphs of that painter, which take half a minute to build."""
    from course_utils.painters.inference import graphs

    home = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_CACHE", str(home))
        graphs.ready(painter.parts)
    return home
