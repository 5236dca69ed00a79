"""A learner on a JupyterHub, whose server has an address of its own below the hub's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab import NOTEBOOKS, serve
from latency import DROWNER
from notebook_page import NotebookPage, run_cells
from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PREFIX = "/user/ada/"
CELLS = (
    "from course_utils import challenges\nfrom course_utils.panels.forward import drowning\n"
    "from course_utils.panels.guidance import page_universes",
    "drowning.drown_panel()",
    "page_universes.page_universes_panel()",
    'challenges.opening_panel("02_reverse_process")',
)


@pytest.fixture(scope="module")
def learner(browser: Browser, tmp_path_factory) -> Iterator[NotebookPage]:
    """A notebook with a view, a painted panel and links, run below a prefix."""
    scratch = tmp_path_factory.mktemp("hub")
    with (
        serve(NOTEBOOKS, scratch, "jupyterlab", f"--ServerApp.base_url={PREFIX}") as lab,
        run_cells(browser, lab, "hub.ipynb", CELLS) as page,
    ):
        assert lab.address.endswith(PREFIX)
        yield page


def test_panels_answer(learner):
    canvas = learner.find(DROWNER)
    before = canvas.get_attribute("data-t")
    learner.drag(learner.slider("t"), 0.7)
    learner.wait_attribute(canvas, "data-t", f"(?!{before}$).*")
    middle = learner.find("canvas.cu-film-canvas[data-painted]", 1)
    painted = middle.get_attribute("data-painted")
    learner.drag(learner.slider("guidance w of the middle one"), 0.9)
    learner.wait_attribute(middle, "data-painted", f"(?!{painted}$).*")
    assert learner.problems == []


def test_a_link_to_another_notebook_opens_it(learner):
    learner.find(".cu-path a").click()
    learner.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context?.path === '01_forward_process.ipynb'"
    )
    assert PREFIX in learner.page.url
