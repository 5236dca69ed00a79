"""Lessons 3 to 5 in a real browser: their main instruments paint in the page what the notebooks painted."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from web_page import PATIENCE, WebPage, hosted, web_page

from course_utils import metrics
from course_utils.panels import page_painting
from course_utils.panels.guidance import universes
from course_utils.panels.steering import stations
from course_utils.panels.steps import step_counts

STEERING, STEPS, GUIDANCE = "03_prompt_steering", "04_steps_vs_quality", "05_guidance"
FILM = "canvas.cu-film-canvas"

pytestmark = [pytest.mark.browser, pytest.mark.graphs]


class Lesson:
    """A lesson that is open; instruments are found by what the notebook's panel says of itself."""

    def __init__(self, visit: WebPage, stem: str) -> None:
        self.visit = visit
        visit.page.goto(f"{visit.host.address}{stem}.html")
        visit.wait_ready()

    def instrument(self, alt: str) -> Locator:
        """The instrument whose words for those who cannot see it begin so."""
        found = self.visit.page.locator(f'figure.instrument:has(> .still img[alt^="{alt}"])').first
        found.scroll_into_view_if_needed()
        return found

    def sound(self) -> None:
        """Nobody else was asked, and nothing went wrong."""
        assert self.visit.strangers() == [] and self.visit.problems == []


def control(panel: Locator, name: str) -> Locator:
    """The control that bears this description."""
    return panel.get_by_label(name, exact=True)


def enter(panel: Locator, name: str, text: str) -> None:
    """Type a text into a control."""
    control(panel, name).fill(text)
    control(panel, name).press("Enter")


def repaints(panel: Locator, act: Callable[[], object], *places: int) -> None:
    """Do something and wait until films of an instrument show other pictures."""
    films = [panel.locator(FILM).nth(place) for place in places or (0,)]
    before = [film.get_attribute("data-painted") or "" for film in films]
    act()
    for film, old in zip(films, before, strict=True):
        expect(film).not_to_have_attribute("data-painted", old, timeout=PATIENCE)


def says(panel: Locator, sentence: str) -> None:
    """Wait until an instrument says something."""
    expect(panel.locator(".cu-message")).to_contain_text(sentence, timeout=PATIENCE)


def stations_of(prompt: str, seed: int) -> dict[str, stations.Station]:
    """What lies at the stations of the machine's map in the notebook."""
    return stations.of_run(page_painting.settings(prompt, seed=seed))


def test_all_dials_follow_a_hand_and_points_a_prompt(browser, fast_site):
    with hosted(fast_site) as host, web_page(browser, host) as visit:
        lesson = Lesson(visit, GUIDANCE)
        dials = lesson.instrument("All dials at once")
        repaints(dials, lambda: control(dials, "painter").select_option("picturebook-fast"))
        assert control(dials, "steps").get_attribute("max") == "10"
        expect(dials).to_contain_text("w = 4, 4 steps, seed 7: 4 evaluations", timeout=PATIENCE)
        control(dials, "guidance w").focus()
        repaints(dials, lambda: visit.page.keyboard.press("ArrowRight"))
        expect(dials).to_contain_text("w = 4.02, 4 steps", timeout=PATIENCE)
        repaints(dials, lambda: enter(dials, "prompt", "a red bot at sea"))
        says(dials, "'bot' was never learned (closest in spelling: boat")
        enter(dials, "prompt", "")
        says(dials, "The prompt is empty")

        lesson = Lesson(visit, STEERING)
        points = lesson.instrument("Same static, other destination: one cloud")
        enter(points, "prompt 2", "a spirl")
        says(
            points,
            "'spirl' was never learned (closest in spelling: spiral, star); so the painter works without",
        )
        enter(points, "prompt 2", "ring")
        expect(points.locator(".cu-title").nth(1)).to_have_text("ring", timeout=PATIENCE)
        lesson.sound()


@pytest.mark.slow
def test_lesson_3_steers_mends_and_shows_where_it_looks(browser, whole_site):
    with hosted(whole_site) as host, web_page(browser, host) as visit:
        lesson = Lesson(visit, STEERING)
        wheel = lesson.instrument("Same static, other destination: one seed")
        chip = wheel.get_by_role("button", name="a cat astronaut in space, oil painting")
        repaints(wheel, chip.click, 0, 1, 2)
        expect(wheel.locator(".cu-title").first).to_have_text("a cat astronaut in space, oil painting")
        assert control(wheel, "1").input_value() == "a cat astronaut in space, oil painting"
        control(wheel, "frame").fill("0")
        expect(wheel.locator(FILM).first).to_have_attribute("data-index", "0")

        brush = lesson.instrument("Repainting a hole in a page")
        canvas = brush.locator(FILM).first
        marked = canvas.get_attribute("data-marked")
        box = canvas.bounding_box()
        mouse = visit.page.mouse

        def stroke() -> None:
            mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.8 * box["height"])
            mouse.down()
            mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=4)
            mouse.up()

        repaints(brush, stroke, 1)
        assert canvas.get_attribute("data-marked") != marked
        brush.get_by_role("button", name="clear").click()
        says(brush, "Nothing is marked yet")

        redraw = lesson.instrument("Image to image")
        control(redraw, "strength in %").focus()
        repaints(redraw, lambda: visit.page.keyboard.press("ArrowRight"), 1)
        control(redraw, "strength in %").fill("0")
        says(redraw, "0 evaluations: at so low a strength no step is taken")

        maps = lesson.instrument("Attention: where the network looks")
        repaints(maps, maps.get_by_role("button", name="crown").click)
        repaints(maps, lambda: enter(maps, "prompt", "a green owl with a hat"))
        words = maps.get_by_role("group", name="word").get_by_role("button")
        assert words.all_inner_texts() == ["a", "green", "owl", "with", "a", "hat"]

        mixtures = lesson.instrument("Blending two prompts")
        repaints(mixtures, lambda: enter(mixtures, "to", "a green owl in the forest"))
        wall = lesson.instrument("One prompt, many seeds")
        enter(wall, "prompt", "a house")
        expect(wall.locator("[data-count]")).to_have_attribute("data-count", "4", timeout=PATIENCE)
        both = lesson.instrument("Then and now")
        repaints(both, lambda: enter(both, "prompt", "a red cat"), 0, 1)
        lesson.sound()


@pytest.mark.slow
def test_the_machine_s_map_follows_prompt_and_seed_and_lights_what_changed(browser, whole_site):
    with hosted(whole_site) as host, web_page(browser, host) as visit:
        lesson = Lesson(visit, STEERING)
        machine = lesson.instrument("The machine at a glance")
        lit = machine.locator('.cu-station[data-changed="yes"] [data-station]')
        said = machine.locator(".cu-said")
        machine.get_by_role("button", name="forest ⇄ desert").click()
        expect(said).to_contain_text("tokens (1 of 32), vectors (23 of 32)", timeout=PATIENCE)
        assert control(machine, "prompt").input_value() == "a green owl with a hat in the desert"
        changed = lit.evaluate_all("(all) => all.map((one) => one.dataset.station)")
        assert changed == ["prompt", "tokens", "vectors", "noisy", "noise", "latent", "page"]
        machine.get_by_role("button", name="another seed").click()
        machine.get_by_role("button", name="another seed").click()
        expect(said).to_contain_text("As before: prompt, tokens, vectors.", timeout=PATIENCE)
        expect(machine.locator("[data-station=seed] .cu-word")).to_have_text("9")
        shown = stations_of("a green owl with a hat in the desert", 9)
        for key, station in shown.items():
            low, high = station.ranges[min(5, len(station.ranges) - 1)] if station.ranges else (None, None)
            label = machine.locator(f"[data-station={key}]").get_attribute("aria-label")
            found = re.search(r"numbers from (\S+) to (\S+?)\.(?: |$)", label)
            wanted = [] if low is None else [low, high]
            assert [float(one) for one in (found.groups() if found else ())] == pytest.approx(
                wanted, abs=0.02 if key != "page" else 2
            ), key
        machine.get_by_role("button", name="green ⇄ red").click()
        expect(machine.locator("[data-station=prompt] .cu-word")).to_contain_text("red owl", timeout=PATIENCE)
        enter(machine, "prompt", "a cat")
        expect(said).to_contain_text("As before: static, seed.", timeout=PATIENCE)
        machine.get_by_role("button", name="green ⇄ red").click()
        says(machine, "The prompt says neither 'green' nor 'red'")
        lesson.sound()


@pytest.mark.slow
def test_lesson_4_counts_steps_on_points_and_pages(browser, whole_site):
    with hosted(whole_site) as host, web_page(browser, host) as visit:
        lesson = Lesson(visit, STEPS)
        points = lesson.instrument("60 or 3")
        control(points, "shape").select_option("star")
        wanted = step_counts.finals("learned", "star")
        for view, steps in ((0, 60), (1, 3)):
            distance = wanted.distances[wanted.counts.index(steps)]
            figure = points.locator(".cu-figure-large").nth(view)
            expect(figure).to_have_text(f"distance {distance:.3f}", timeout=PATIENCE)

        plane = lesson.instrument("The plane of steps and guidance")
        repaints(plane, plane.locator("button[title^='12 steps, w = 2:']").click)
        expect(plane.locator(".cu-title")).to_have_text("12 steps, w = 2")
        expect(plane).to_contain_text("24 evaluations")
        colours = "(all) => new Set(all.map((one) => getComputedStyle(one).backgroundColor)).size"
        assert plane.locator("button[title*='steps, w =']").evaluate_all(colours) > 8, "the map is coloured"

        sheet = lesson.instrument("A contact sheet")
        enter(sheet, "prompt", "a red zebra at sea")
        says(sheet, "'zebra' was never learned")
        assert sheet.locator(".cu-gallery figcaption, [data-count]").count() > 0
        expect(sheet).to_contain_text("60 steps, 120 evaluations")
        cheat = lesson.instrument("Cheating the curve")
        enter(cheat, "prompt", "a red zebra at sea")
        says(cheat, "'zebra' was never learned")
        expect(cheat).to_contain_text("student, 1 step, w = 4: 1 evaluation")
        lesson.sound()


@pytest.mark.slow
def test_lesson_5_opens_universes_and_names_the_arrows(browser, whole_site):
    with hosted(whole_site) as host, web_page(browser, host) as visit:
        lesson = Lesson(visit, GUIDANCE)
        points = lesson.instrument("Three universes: the same static")
        points.get_by_role("button", name="another static").click()
        assert control(points, "seed").input_value() == "8"
        dial = universes.dial("heart", 8, ws=(0.0, 4.0, 12.0))
        for k, w in enumerate(dial.ws):
            share = 100 * metrics.adherence(dial.cloud(w), dial.target)
            figure = points.locator(".cu-figure-large").nth(k)
            expect(figure).to_have_text(f"on the shape {share:.0f} %", timeout=PATIENCE)

        arrows = lesson.instrument("The two arrows of guidance")
        control(arrows, "prompt").select_option("star")
        expect(arrows.locator(".cu-title")).to_have_text("star, t = 600", timeout=PATIENCE)

        pages = lesson.instrument("Three universes: guidance")
        control(pages, "guidance w of the middle one").focus()
        repaints(pages, lambda: visit.page.keyboard.press("ArrowRight"), 1)
        expect(pages.locator(".cu-title").nth(1)).to_have_text("yours: w = 1.25", timeout=PATIENCE)
        repaints(pages, lambda: control(pages, "rescale by 0.7").check(), 1)

        told = lesson.instrument("Guidance by the formula")
        control(told, "guidance w").focus()
        repaints(told, lambda: visit.page.keyboard.press("ArrowRight"), 0, 1)
        expect(told).to_contain_text("student, 4 steps, w = 4.25: 4 evaluations", timeout=PATIENCE)

        counts = lesson.instrument("Guidance in three conventions")
        control(counts, "counted as in").select_option("Ho & Salimans 2022")
        assert counts.locator("td.cu-figure").all_inner_texts() == ["8.5", "7.5", "7.5"]
        lesson.sound()
