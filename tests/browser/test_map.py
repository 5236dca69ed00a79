"""The map in a real JupyterLab: opened by keys, scrubbed without the kernel, told in words, explained."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from lab import Lab
from notebook_page import NotebookPage
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NAME = "machine_map.ipynb"
CELLS = (
    "from course_utils.panels.steering import machine\nfrom course_utils.widgets import Badge",
    "machine.machine_panel()",
    "Badge(kind='learned', alt='learned')",
)
TIP = ".cu-tip"


class Watched(NotebookPage):
    """A notebook of which is counted what its page sends to the kernel."""

    def __init__(self, page, lab):
        super().__init__(page, lab)
        self.sent = 0
        page.on("websocket", lambda socket: socket.on("framesent", self._count))

    def _count(self, _frame):
        self.sent += 1

    def station(self, key):
        return self.find(f'[data-station="{key}"]')

    def frame(self, key):
        return self.station(key).locator(".cu-thumb").get_attribute("data-frame")

    def changed(self):
        """The stations that are lit."""
        return self.page.locator('.cu-station[data-changed="yes"] [data-station]').evaluate_all(
            "found => found.map((one) => one.dataset.station)"
        )


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab: Lab) -> Iterator[Watched]:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), lab.folder / NAME)
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    opened = Watched(context.new_page(), lab)
    opened.open(NAME)
    opened.run_all()
    yield opened
    opened.close()
    context.close()


def test_what_changed_is_lit_in_the_step_that_is_shown(notebook):
    assert notebook.changed() == []
    notebook.find("button[title^='swap one word: forest']").click()
    notebook.page.locator('.cu-station[data-changed="yes"]').first.wait_for()
    text, loop, end = ["prompt", "tokens", "vectors"], ["noisy", "noise"], ["latent", "page"]
    assert notebook.changed() == [*text, *loop, *end]
    slider = notebook.find(".cu-step")
    slider.focus()
    slider.press("Home")
    notebook.page.wait_for_function("document.querySelector('.cu-counter').textContent.startsWith('step 0')")
    assert notebook.changed() == [*text, "noise", *end], "at step 0 the latent is still the seed's static"
    assert notebook.page.locator(".cu-word[data-lit]").all_text_contents()[:2] == [
        "a green owl with a hat in the desert",
        "desert",
    ]


def test_the_loop_is_scrubbed_without_a_word_to_the_kernel(notebook):
    slider = notebook.find(".cu-step")
    slider.focus()
    slider.press("Home")
    notebook.wait_idle()
    notebook.page.wait_for_timeout(500)
    before = notebook.sent
    seen = []
    for k in range(1, 11):
        slider.press("ArrowRight")
        notebook.wait_attribute(notebook.station("noisy").locator(".cu-thumb"), "data-frame", str(k))
        seen.append((notebook.frame("noisy"), notebook.frame("noise")))
    assert seen == [(str(k), str(min(k, 9))) for k in range(1, 11)]
    assert notebook.station("noise").text_content().endswith("done"), "after the last step nothing is guessed"
    notebook.page.wait_for_timeout(500)
    assert notebook.sent == before


def test_a_station_opens_and_closes_by_keys_and_speaks(notebook):
    station = notebook.station("vectors")
    assert station.get_attribute("aria-label").startswith("vectors: start a green owl")
    assert "Shape 32 × 128, numbers from " in station.get_attribute("aria-label")
    station.focus()
    station.press("Enter")
    detail = notebook.find(".cu-detail")
    detail.wait_for(state="visible")
    assert station.get_attribute("aria-expanded") == "true"
    assert "shape 32 × 128 · numbers from" in detail.text_content()
    assert detail.locator(".cu-thumb").bounding_box()["width"] > 200
    station.press("Escape")
    detail.wait_for(state="hidden")
    assert station.evaluate("(button) => button === document.activeElement")


def test_terms_and_badges_say_what_they_mean(notebook):
    page = notebook.page
    for selector, words in (
        (".cu-crossing", "every place of the picture looks"),
        (".cu-badge", "a trained network guesses"),
    ):
        term = notebook.find(selector)
        assert words in term.get_attribute("aria-description")
        term.hover()
        page.locator(TIP, has_text=words).wait_for(state="visible")
        page.mouse.move(5, 5)
        page.locator(TIP).wait_for(state="detached")
    notebook.station("prompt").focus()
    page.keyboard.press("Tab")
    page.locator(TIP, has_text="knows by its number").wait_for(state="visible")
    page.keyboard.press("Escape")
    page.locator(TIP).wait_for(state="detached")
    assert notebook.problems == []
