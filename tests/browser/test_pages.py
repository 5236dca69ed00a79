"""The painter under a real mouse: a prompt typed, guidance dragged, a film scrubbed, a hole brushed."""

from __future__ import annotations

import nbformat
import pytest
from lab import Lab
from notebook_page import NotebookPage
from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

PANELS = ("page_universes.page_universes_panel()", "painters_film.film_panel()", "repaint.brush_panel()")
FILM, BRUSH = "canvas.cu-film-canvas[data-painted]", "canvas.cu-brush-canvas"
MIDDLE, WORDS_FILM, REPAINTED = 1, 3, -1  # places of these films on the page


@pytest.fixture(scope="module")
def page(open_notebook, lab: Lab) -> NotebookPage:
    """A notebook with one panel of each kind, run."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(
                "from course_utils.panels.guidance import page_universes\n"
                "from course_utils.panels.reverse import painters_film\n"
                "from course_utils.panels.steering import repaint"
            ),
            *(nbformat.v4.new_code_cell(source) for source in PANELS),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    nbformat.write(notebook, lab.folder / "pages.ipynb")
    opened = open_notebook("pages.ipynb")
    opened.run_all()
    return opened


def painted(film: Locator) -> int:
    """How many sheets this film has shown so far."""
    return int(film.get_attribute("data-painted") or 0)


def repainted(page: NotebookPage, film: Locator, before: int) -> None:
    page.wait_attribute(film, "data-painted", f"(?!{before}$).*")


def test_dragging_guidance_repaints_the_middle_universe_alone(page):
    films = [page.find(FILM, k) for k in range(3)]
    before = [painted(film) for film in films]
    still = page.pixels(films[MIDDLE])
    page.drag(page.slider("guidance w of the middle one"), 0.9)
    repainted(page, films[MIDDLE], before[MIDDLE])
    page.wait_idle()
    assert (page.pixels(films[MIDDLE]) != still).any()
    assert page.problems == []


def test_scrubbing_the_film_needs_no_kernel(page):
    film = page.find(FILM, WORDS_FILM)
    for fraction, frame in ((0.0, "0"), (1.0, "20")):
        page.drag(page.slider("frame"), fraction)
        page.wait_attribute(film, "data-index", frame)
        if frame == "0":
            first = page.pixels(film)
    assert (page.pixels(film) != first).mean() > 0.5
    assert page.problems == []


def test_a_typed_prompt_is_painted_and_strangers_are_named(page):
    film = page.find(FILM, WORDS_FILM)
    before = painted(film)
    field = page.page.get_by_label("prompt", exact=True).nth(1)
    field.fill("a purple girafe in the forest")
    field.press("Enter")
    repainted(page, film, before)
    page.page.locator(".cu-message", has_text="girafe").wait_for(state="attached")
    field.fill("")
    field.press("Enter")
    page.page.locator(".cu-message", has_text="The prompt is empty").wait_for(state="attached")
    assert page.problems == []


def test_brushing_a_hole_repaints_it(page):
    result = page.find(FILM, REPAINTED)
    before = painted(result)
    brush = page.find(BRUSH)
    marked = brush.get_attribute("data-marked")
    box = brush.bounding_box()
    mouse = page.page.mouse
    mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.7 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=8)
    repainted(page, result, before)  # paint follows the brush
    mouse.up()
    page.wait_attribute(brush, "data-marked", f"(?!{marked}$).*")
    repainted(page, result, before)
    assert page.problems == []


def test_a_sketch_is_called_a_preview_until_the_slider_rests(page):
    film = page.find(FILM, MIDDLE)
    mark = film.locator("xpath=..").locator(".cu-preview")
    slider = page.slider("guidance w of the middle one")
    with page.holding(slider) as (left, right, y):
        # To and fro: a busy machine may take seconds until its first sketch.
        for k in range(1500):
            page.page.mouse.move(left + (right - left) * (0.1 + 0.004 * abs(k % 400 - 200)), y)
            page.page.wait_for_timeout(16)
            if mark.is_visible():
                break
        else:
            pytest.fail("No sketch was shown while the slider moved.")
    mark.wait_for(state="hidden")
    page.wait_idle()
    assert not mark.is_visible() and page.problems == []


WORKING = """
import gc, time
from course_utils.widgets import Film
films = [one for one in gc.get_objects() if isinstance(one, Film)]
for one in films: one.busy = True
time.sleep(3)
for one in films: one.busy = False
"""


def test_work_that_takes_long_is_marked(page):
    film = page.find(FILM, MIDDLE)
    mark = film.locator("xpath=..").locator(".cu-busy:not(.cu-preview)")
    assert not mark.is_visible()
    page.start(WORKING)
    mark.wait_for(state="visible")
    page.wait_idle()
    mark.wait_for(state="hidden")
    assert page.problems == []
