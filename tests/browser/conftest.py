"""One JupyterLab and one chromium for all browser tests; a fresh tab for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from lab import NOTEBOOKS, Lab, serve
from notebook_page import NotebookPage
from playwright.sync_api import Browser, sync_playwright

CLASSROOM = {"width": 1024, "height": 768}


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab that serves a copy of the course's notebooks."""
    with serve(NOTEBOOKS, tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """A headless chromium; without one the tests skip, or fail where CI is set (see `chromium_path`)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(chromium: Browser, lab: Lab) -> Iterator[Callable[[str], NotebookPage]]:
    """Open a notebook of the course in a window of 1024x768; its kernel ends with the test."""
    context = chromium.new_context(viewport=CLASSROOM)
    notebooks: list[NotebookPage] = []

    def opened(name: str) -> NotebookPage:
        notebooks.append(NotebookPage(context.new_page(), lab))
        notebooks[-1].open(name)
        return notebooks[-1]

    yield opened
    for notebook in notebooks:
        notebook.close()
    context.close()
