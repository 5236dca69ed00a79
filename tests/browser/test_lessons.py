"""The lessons in a real browser: they scrub, guess, repaint and print, and nobody hears of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from programs import needs
from web_page import PATIENCE, Host, WebPage, hosted, web_page

from course_utils import glossary, pictures
from course_utils.panels import point_sampling
from course_utils.site import command, npm
from course_utils.site.lessons import write_lessons

pytestmark = pytest.mark.browser

STEMS = [Path(name).stem for name, _ in glossary.NOTEBOOKS.values()]
FORWARD, REVERSE, *_ = STEMS


UNNAMED = """
[...document.querySelectorAll("input, select, button")].filter(
  (one) => !one.hidden && !one.innerText && !one.ariaLabel && !one.querySelector("[aria-label]"),
).length
"""

# Charts too narrow to read, in pixels: views of curves, and drawings, whose letters shrink with them.
CRAMPED = """
[[".live .cu-curves canvas", 250], [".live .cu-drawn svg", 500]].flatMap(([charts, least]) =>
  [...document.querySelectorAll(charts)].map((one) => one.clientWidth || one.getBoundingClientRect().width)
    .filter((width) => width && width < least)
)
"""

# How many colours canvases show, looked at here and there; 1 is a blank one.
COLOURS = """
(all) => all.filter((one) => one.width && one.offsetWidth).map((one) => {
  const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
  return new Set(new Uint32Array(data.buffer).filter((_, k) => k % 97 === 0)).size;
})
"""

# What scrolls and holds nothing that takes the focus.
OUT_OF_REACH = """
[...document.querySelectorAll(".lesson *")].filter((one) =>
  /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1 &&
  one.tabIndex < 0 && !one.querySelector("a, button, input, [tabindex]") &&
  !one.closest("details:not([open])")
).map((one) => one.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The lessons without the painters' files, which they ask for when one is to paint."""
    needs("npm", "to build the lessons")
    folder = tmp_path_factory.mktemp("lessons")
    npm.install()
    command.copy_code(folder)
    write_lessons(folder)
    return folder


@pytest.fixture(scope="module")
def painting_site(tmp_path_factory) -> Path:
    """The lessons with the painter that most instruments ask."""
    needs("npm", "to build the lessons")
    folder = tmp_path_factory.mktemp("painting")
    command.build(folder, ["picturebook"])
    return folder


@pytest.fixture(scope="module")
def host(site) -> Iterator[Host]:
    with hosted(site) as one:
        yield one


def opened(visit: WebPage, stem: str) -> Page:
    """A lesson whose instruments are all there."""
    visit.page.goto(f"{visit.host.address}{stem}.html")
    visit.wait_ready()
    return visit.page


def instrument(page: Page, call: str) -> Locator:
    """The first instrument below the code that calls it."""
    return (
        page.locator(".cell", has=page.locator("pre.code", has_text=call)).locator("figure.instrument").first
    )


def control(panel: Locator, description: str) -> Locator:
    """The control that bears this description."""
    return panel.get_by_label(description, exact=True)


def repainted(film: Locator, act) -> None:
    """Do something and wait until a film shows another sheet."""
    before = film.get_attribute("data-painted") or ""
    act()
    expect(film).not_to_have_attribute("data-painted", before, timeout=PATIENCE)


def test_a_walk_through_a_lesson(browser, host):
    with web_page(browser, host) as visit:
        page = opened(visit, FORWARD)
        drown = instrument(page, "drown_panel")
        canvas, level = drown.locator("canvas.cu-picture").first, drown.locator(".cu-bar-value").first
        control(drown, "t").fill("500")
        expect(canvas).to_have_attribute("data-t", "500")
        linear = level.inner_text()
        control(drown, "schedule").select_option("cosine")
        expect(level).not_to_have_text(linear)
        shown = canvas.screenshot()
        control(drown, "picture").select_option("page")
        expect(drown.locator("figcaption").first).to_have_text("page")
        control(drown, "seed").fill("3")
        control(drown, "seed").press("Enter")
        assert canvas.screenshot() != shown
        drown.get_by_role("button", name="reset").click()
        expect(canvas).to_have_attribute("data-t", "0")
        assert control(drown, "seed").input_value() == "7"

        answer = page.locator(".cu-reveal").first
        assert "355" not in answer.inner_text()
        page.get_by_role("button", name="that is my guess").first.click()
        expect(answer).to_contain_text("355")
        page.reload()
        visit.wait_ready()
        expect(page.locator(".cu-reveal").first).to_contain_text("355")  # it opens as it was left

        ground = "getComputedStyle(document.querySelector('.lesson')).backgroundColor"
        light = page.evaluate(ground)
        for _ in range(2):
            page.get_by_role("button", name="theme").click()
        assert page.evaluate(ground) != light
        assert visit.strangers() == [] and visit.problems == []
        assert not any("/files/" in address for address in visit.requests), "who reads loads no painter"


def test_a_picture_of_ones_own_drowns(browser, host):
    with web_page(browser, host) as visit:
        drown = instrument(opened(visit, FORWARD), "drown_panel")
        upload = drown.locator("input[type=file]")
        upload.set_input_files(files=[{"name": "a.txt", "mimeType": "text/plain", "buffer": b"no picture"}])
        expect(drown.locator(".cu-upload")).to_contain_text("not a picture")
        upload.set_input_files(str(pictures.PICTURES / "page.png"))
        expect(drown.locator("figcaption").first).to_have_text("your upload")
        assert control(drown, "picture").input_value() == "your upload"


@pytest.mark.slow
@pytest.mark.parametrize("stem", [*STEMS, "glossary"])
def test_every_page_is_sound(browser, host, stem):
    """On a telephone and a projector, light and dark: nothing sticks out, is named twice or without words."""
    for width, theme in ((390, "dark"), (1920, "light")):
        options = {"color_scheme": theme, "service_workers": "block"}
        with web_page(browser, host, **options) as visit:
            page = visit.page
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(f"{host.address}{stem}.html")
            if stem != "glossary":
                visit.wait_ready()
            page.wait_for_timeout(500)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            names = page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
            assert len(names) == len(set(names))
            assert page.evaluate(
                "[...document.images].every((one) => one.alt && one.complete && one.naturalWidth)"
            )
            assert page.locator(".instrument:not(.mounted):has(.still)").count() == 0
            assert page.evaluate(UNNAMED) == 0
            assert page.evaluate(OUT_OF_REACH) == []
            assert page.evaluate(CRAMPED) == []
            assert (
                page.evaluate("[...document.querySelectorAll('th')].filter((one) => !one.innerText).length")
                == 0
            )
            assert visit.strangers() == []
            assert [line for line in visit.problems if "Service Worker" not in line] == []


@pytest.mark.slow
@pytest.mark.parametrize("stem", STEMS)
def test_links_inside_the_course_lead_somewhere(site, stem):
    text = (site / f"{stem}.html").read_text(encoding="utf-8")
    for file, place in re.findall(r'href="([^":#]*)(?:#([^"]*))?"', text):
        if file == "index.html":
            continue  # the front page comes with the painters
        target = site / (file or f"{stem}.html")
        assert target.is_file(), file
        if place:
            names = re.findall(r'id="([^"]*)"', html.unescape(target.read_text(encoding="utf-8")))
            assert {html.unescape(place), unquote(html.unescape(place))} & {*names}, f"{file}#{place}"


@pytest.mark.slow
@pytest.mark.parametrize("stem", STEMS)
def test_from_a_file_the_recorded_run_scrubs(browser: Browser, site, stem):
    with web_page(browser, None) as visit:
        visit.page.goto((site / f"{stem}.html").as_uri())
        visit.wait_ready()
        assert visit.problems == []
        assert all(address.startswith(("file:", "blob:", "data:")) for address in visit.requests)
        recorded = visit.page.locator("figure.instrument:has(> .recorded)")
        assert recorded.count() > 0, "what asks a painter is recorded there"
        scrub = visit.page.locator(".live input[type=range]:enabled").first
        scrub.fill(scrub.get_attribute("max"))
        for panel in visit.page.locator("figure.instrument:has(canvas)").all():
            panel.scroll_into_view_if_needed()
            visit.page.wait_for_timeout(200)
            assert 1 not in panel.locator(".live canvas").evaluate_all(COLOURS), panel.get_attribute("id")
        asking = recorded.locator(".live button.jupyter-button:enabled:not([aria-label]):not([inert] *)")
        assert set(asking.all_inner_texts()) <= {"reset"}, "no button that only a painter can answer"
        for view in recorded.locator(".live .cu-upload, .live .cu-pad").all():
            view.locator("button").first.focus()
            assert not view.evaluate("(element) => element.contains(document.activeElement)")
        assert visit.problems == []


@pytest.mark.slow
def test_from_a_file_the_page_computes_what_needs_no_painter(browser: Browser, site):
    """Points walk and pictures drown: nothing is fetched, which no browser does from a file."""
    with web_page(browser, None) as visit:
        page = visit.page
        page.goto((site / f"{FORWARD}.html").as_uri())
        visit.wait_ready()
        drown = instrument(page, "drown_panel")
        control(drown, "picture").select_option("page")
        expect(drown.locator("figcaption").first).to_have_text("page", timeout=PATIENCE)

        page.goto((site / f"{REVERSE}.html").as_uri())
        visit.wait_ready()
        points = instrument(page, "denoising.particles_panel()")
        assert points.locator("> .recorded").count() == 0
        control(points, "steps").fill("10")
        run = point_sampling.paint(point_sampling.DENOISERS["exact"](), "cat", 7, 10)
        points.get_by_role("button", name="exact").click()
        expect(points.locator(".cu-label").first).to_contain_text("of 10", timeout=PATIENCE)
        control(points, "step").fill("10")
        expect(points.locator(".cu-figure-large")).to_have_text(run.figures[-1], timeout=PATIENCE)

        page.goto((site / f"{STEMS[2]}.html").as_uri())
        visit.wait_ready()
        steered = instrument(page, "steered_points.steering_panel()")
        control(steered, "prompt 2").fill("ring")
        control(steered, "prompt 2").press("Enter")
        expect(steered.locator(".cu-title").nth(1)).to_have_text("ring", timeout=PATIENCE)
        assert visit.problems == []


@pytest.mark.slow
def test_what_rests_is_recorded_and_what_is_not_works(browser, host):
    for stem in STEMS:
        with web_page(browser, host) as visit:
            page = opened(visit, stem)
            resting = page.locator(".live :is(input, select):disabled")
            outside = page.locator(
                "figure.instrument:not(:has(> .recorded)) .live :is(input, select):disabled"
            )
            assert outside.count() == 0, stem
            assert (
                resting.count()
                == page.locator("figure:has(> .recorded) .live :is(input, select):disabled").count()
            )


@pytest.mark.slow
def test_a_recorded_slider_leafs_through_its_frames(browser, host):
    with web_page(browser, host) as visit:
        panel = instrument(opened(visit, STEMS[2]), "clip_guidance.pushed_panel()")
        film = panel.locator("canvas.cu-film-canvas").last
        expect(panel.locator("> .recorded")).to_be_visible()
        assert control(panel, "prompt").is_disabled() and control(panel, "push").is_enabled()
        for value in ("0", "1.6"):
            repainted(film, lambda value=value: control(panel, "push").fill(value))
        assert visit.problems == []


@pytest.mark.slow
def test_on_paper_stand_stills(browser, host):
    with web_page(browser, host) as visit:
        page = opened(visit, FORWARD)
        page.emulate_media(media="print")
        drown = instrument(page, "drown_panel")
        assert drown.locator("> .still img").is_visible() and not drown.locator("> .live").is_visible()
        assert not page.locator("header").is_visible()


@pytest.mark.slow
def test_a_lesson_opens_again_when_its_server_is_gone(browser, site):
    for isolated in (True, False):
        with hosted(site, isolated) as host, web_page(browser, host) as visit:
            page = opened(visit, FORWARD)
            page.wait_for_function("document.documentElement.dataset.kept === 'yes'", timeout=PATIENCE)
            host.close()
            page.reload()
            visit.wait_ready()
            drown = instrument(page, "drown_panel")
            control(drown, "t").fill("500")
            expect(drown.locator("canvas.cu-picture").first).to_have_attribute("data-t", "500")


@pytest.mark.slow
def test_points_walk_in_the_page_as_in_the_notebook(browser, host):
    with web_page(browser, host) as visit:
        page = opened(visit, REVERSE)
        panel = instrument(page, "denoising.particles_panel()")
        control(panel, "steps").fill("10")
        step = control(panel, "step")
        for badge in ("learned", "exact"):
            panel.get_by_role("button", name=badge).click()
            expect(panel.locator(f".cu-badge[data-kind={badge}]")).to_be_visible(timeout=PATIENCE)
            expect(panel.locator(".cu-label").first).to_contain_text("of 10", timeout=PATIENCE)
            step.fill("10")
            run = point_sampling.paint(point_sampling.DENOISERS[badge](), "cat", 7, 10)
            expect(panel.locator(".cu-figure-large")).to_have_text(run.figures[-1])
        control(panel, "or your letters").fill("zebras!")
        control(panel, "or your letters").press("Enter")
        expect(panel.locator(".cu-message")).to_contain_text("one to 6 letters")
        assert visit.strangers() == [] and visit.problems == []


@pytest.mark.slow
@pytest.mark.graphs
def test_painters_do_in_the_page_what_the_kernel_did(browser, painting_site):
    from course_utils.panels.forward import small_room

    with hosted(painting_site) as host, web_page(browser, host) as visit:
        page = opened(visit, FORWARD)
        trip = instrument(page, "small_room.round_trip_panel()")
        control(trip, "picture").select_option("cat")
        decibels = small_room.round_trip(small_room.shown("cat")).decibels
        expect(trip).to_contain_text(f"back again: {decibels:.1f} dB", timeout=PATIENCE)
        expect(trip.locator("canvas.cu-chart")).to_be_visible()
        latents = instrument(page, "small_room.drowning_panel()")
        repainted(
            latents.locator("canvas.cu-film-canvas").last,
            lambda: control(latents, "picture").select_option("cat"),
        )

        page = opened(visit, REVERSE)
        film = instrument(page, "film_panel()")
        prompt, shown = control(film, "prompt"), film.locator("canvas.cu-film-canvas").last
        control(film, "steps").fill("4")
        prompt.fill("a red fsh in the sea")
        repainted(shown, lambda: prompt.press("Enter"))
        expect(film.locator(".cu-message")).to_contain_text("'fsh' was never learned", timeout=PATIENCE)
        assert control(film, "frame").get_attribute("max") == "4"
        seed = control(film, "seed")
        repainted(shown, lambda: film.get_by_role("button", name="reverse diffusion").click())
        assert seed.input_value() == "8"
        assert visit.strangers() == [] and visit.problems == []
