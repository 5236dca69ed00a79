"""One JupyterLab for all browser tests, and a fresh window for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lab import NOTEBOOKS, Lab, needs_colab, serve
from notebook_page import CLASSROOM, NotebookPage
from playwright.sync_api import Browser
from programs import needs

from course_utils.painters import BUILTIN
from course_utils.site import command

BUILDS = "to build the painters' page"


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab that serves a copy of the course's notebooks."""
    with serve(NOTEBOOKS, tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(
    scope="module",
    params=["jupyterlab", *(pytest.param(name, marks=pytest.mark.slow) for name in ("notebook", "colab"))],
)
def front(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab, Notebook 7, and the nearest thing to Colab."""
    if request.param == "jupyterlab":
        yield request.getfixturevalue("lab")
        return
    if request.param == "colab":
        needs_colab()
    else:
        pytest.importorskip(request.param)
    with serve(NOTEBOOKS, tmp_path_factory.mktemp(request.param), request.param) as running:
        yield running


@pytest.fixture(scope="module")
def open_notebook(browser: Browser, lab: Lab) -> Iterator[Callable[[str], NotebookPage]]:
    """Open a notebook of the course in a window of 1024x768; its kernel ends with the module."""
    context = browser.new_context(viewport=CLASSROOM)
    notebooks: list[NotebookPage] = []

    def opened(name: str) -> NotebookPage:
        notebooks.append(NotebookPage(context.new_page(), lab))
        notebooks[-1].open(name)
        return notebooks[-1]

    yield opened
    for notebook in notebooks:
        notebook.close()
    context.close()


@pytest.fixture(scope="session")
def fast_site(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """The pages with their fast painter alone."""
    needs("npm", BUILDS)
    return made_once("fast-site", lambda folder: command.build(folder, ["picturebook-fast"]))


@pytest.fixture(scope="session")
def whole_site(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """The pages with all painters."""
    needs("npm", BUILDS)
    return made_once("whole-site", lambda folder: command.build(folder, list(BUILTIN)))
