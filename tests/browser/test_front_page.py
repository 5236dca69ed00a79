"""The front page as visitors use it: dials, links, examples, a stopped download, a second visit, paper."""

from __future__ import annotations

import shutil
import threading

import numpy as np
import pytest
from web_page import PATIENCE, WebPage, hosted, web_page

pytestmark = [pytest.mark.browser, pytest.mark.graphs]

PICTURE = """
  const page = document.getElementById("page");
  return page.getContext("2d").getImageData(0, 0, page.width, page.height).data;
"""
DIALS = ("prompt", "seed", "steps", "guidance")
TELEPHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def visit(browser, fast_site):
    """The front page with its first picture, on an isolated host."""
    options = {"permissions": ["clipboard-read", "clipboard-write"]}
    with hosted(fast_site) as host, web_page(browser, host, **options) as page:
        page.open()
        yield page


def wait_for_address(visit: WebPage, part: str) -> None:
    """Wait until the painting of a card is finished."""
    visit.page.wait_for_function("(part) => location.hash.includes(part)", arg=part, timeout=PATIENCE)


def wait_for_words(visit: WebPage, part: str) -> None:
    """Wait until the page says something."""
    said = "(part) => document.getElementById('status').innerText.includes(part)"
    visit.page.wait_for_function(said, arg=part, timeout=PATIENCE)


def dials(visit: WebPage) -> dict[str, str]:
    return {name: visit.page.locator(f"[name={name}]").input_value() for name in DIALS}


def test_examples_seeds_and_dials_paint_by_keyboard_alone(visit):
    page = visit.page
    page.locator("#prompt").focus()
    for _ in ("Paint", "the style", "an example", "the next"):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "a blue boat at sea"
    page.keyboard.press("Enter")
    wait_for_address(visit, "blue+boat")
    assert "a blue boat at sea" in page.locator("#page").get_attribute("aria-label")

    before = visit.painted
    page.locator("#steps").focus()
    page.keyboard.press("ArrowLeft")
    wait_for_address(visit, "steps=3")
    assert page.locator("output[for=steps]").inner_text() == "3" and visit.painted > before
    page.locator("#again").press("Enter")
    wait_for_address(visit, "seed=")
    assert visit.problems == []


def test_a_word_without_meaning_is_named_with_its_neighbours(visit):
    page = visit.page
    page.locator("#prompt").fill("a bleu cat on an xylophone")
    wait_for_words(
        visit, "'bleu' was never learned (closest in spelling: blue); 'xylophone' was never learned"
    )
    page.locator("#prompt").press("Enter")
    wait_for_address(visit, "bleu")
    assert page.locator("#status").get_attribute("role") == "status"


def test_a_copied_link_opens_to_the_same_picture(browser, visit):
    page = visit.page
    page.locator("#prompt").fill("a green fish")
    page.locator("#seed").fill("41")
    page.locator("#seed").press("Enter")
    wait_for_address(visit, "seed=41")
    page.locator("#share").click()
    wait_for_words(visit, "Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    with web_page(browser, visit.host) as other:
        other.open(link.partition("#")[2])
        assert dials(other) == dials(visit)
        assert np.array_equal(other.run(PICTURE), visit.run(PICTURE))
    assert link in (page.locator("#notebook").text_content() or "")


def test_what_a_link_asks_beyond_the_dials_is_said_and_can_be_left_out(browser, fast_site):
    with hosted(fast_site) as host, web_page(browser, host, viewport=TELEPHONE) as visit:
        visit.open("prompt=a+cat&other=a+dog&blend=0.5&guidance=2.7&steps=3")
        page = visit.page
        assert (
            page.locator("#beyond").inner_text().startswith("This link also asks for other a dog, blend 0.5.")
        )
        assert dials(visit) == {"prompt": "a cat", "seed": "7", "steps": "3", "guidance": "2.7"}
        blended = visit.run(PICTURE)
        page.locator("#forget").click()
        page.wait_for_function("!location.hash.includes('blend')", timeout=PATIENCE)
        assert not page.locator("#beyond").is_visible()
        assert not np.array_equal(visit.run(PICTURE), blended)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways scrolling"
        assert visit.strangers() == []


def test_a_mistaken_link_is_told_and_the_page_paints_all_the_same(browser, fast_site):
    with hosted(fast_site) as host, web_page(browser, host) as visit:
        visit.open("prompt=a+cat&painter=picturebook-slow")
        assert "The painter 'picturebook-slow' of this link is not on this page" in visit.status
        assert visit.painted == 1


def test_a_download_can_be_stopped_and_taken_up_again(browser, fast_site):
    gate = threading.Event()
    with hosted(fast_site, gate=gate) as host, web_page(browser, host, service_workers="block") as visit:
        page = visit.page
        page.goto(host.address)
        page.wait_for_function("!document.getElementById('stop').disabled", timeout=PATIENCE)
        wait_for_words(visit, "Loading the painter")
        page.locator("#stop").click()
        wait_for_words(visit, "Stopped")
        page.wait_for_function("document.getElementById('stop').disabled", timeout=PATIENCE)
        assert not page.locator("#progress").is_visible() and visit.painted == 0
        gate.set()
        page.locator("#paint").click()
        wait_for_words(visit, "Painted in 4 passes")
        assert visit.problems == []


def test_a_second_visit_needs_no_server_on_a_host_that_isolates_its_pages(browser, fast_site):
    with hosted(fast_site) as host, web_page(browser, host) as visit:
        visit.open()
        visit.page.wait_for_function("document.documentElement.dataset.kept === 'yes'", timeout=PATIENCE)
        host.close()
        visit.problems.clear()
        visit.page.reload()
        visit.wait_ready()
        assert visit.painted == 1 and visit.problems == []
        assert visit.strangers() == []


def test_from_a_file_the_recorded_page_stands_in_and_says_so(browser, fast_site, tmp_path):
    shutil.copytree(fast_site, tmp_path / "site", ignore=shutil.ignore_patterns("*.pack"))
    with web_page(browser, None) as visit:
        page = visit.page
        page.goto((tmp_path / "site" / "index.html").as_uri())
        assert page.locator("#still").evaluate("(image) => image.complete && image.naturalWidth") == 128
        assert "Recorded" in page.locator("figcaption").inner_text()
        assert "a cat astronaut in space, oil painting" in page.locator("#still").get_attribute("alt")
        assert page.get_by_text("opened from a file").is_visible()
        assert page.locator("form :is(button, input, select):visible").count() == 0, "nothing that is dead"
        page.wait_for_timeout(500)
        assert visit.problems == []


@pytest.mark.parametrize("width", [390, 1024, 1920])
def test_the_first_prompt_can_be_read_whole_and_no_line_sticks_out(browser, fast_site, width):
    with hosted(fast_site) as host, web_page(browser, host, service_workers="block") as visit:
        visit.page.set_viewport_size({"width": width, "height": 768})
        visit.page.goto(host.address)
        cut = "(field) => field.scrollWidth > field.clientWidth"
        assert not visit.page.locator("#prompt").evaluate(cut)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
        header = visit.page.locator("header").bounding_box()
        assert header["height"] < 80, "one line"


def test_every_lesson_is_a_click_away(fast_site, visit):
    for where in ("header nav a", "#lessons a"):
        pages = visit.page.locator(where).evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")
        assert len(pages) == 5
        assert all((fast_site / page).is_file() for page in pages)


def test_the_theme_is_the_reader_s_choice_and_lasts(browser, fast_site):
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with hosted(fast_site) as host, web_page(browser, host, color_scheme="dark") as visit:
        page = visit.page
        page.goto(host.address)
        dark = page.evaluate(ground)
        page.locator("#theme").click()
        light = page.evaluate(ground)
        assert light != dark
        page.reload()
        page.wait_for_function("document.documentElement.getAttribute('theme') === 'light'")
        assert page.evaluate(ground) == light
        page.goto(f"{host.address}01_forward_process.html")
        assert page.locator("#theme").inner_text() == "theme: light", "lessons take it over"


def test_on_paper_stands_the_picture_without_its_dials(visit):
    page = visit.page
    page.emulate_media(media="print")
    shown = {
        name: page.locator(name).is_visible()
        for name in ("#page", "#caption", "#lessons", "#prompt", "#steps")
    }
    page.emulate_media(media="screen")
    assert shown == {"#page": True, "#caption": True, "#lessons": True, "#prompt": False, "#steps": False}
