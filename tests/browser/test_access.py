"""Every view without a mouse and without eyes: reached by Tab, named, its focus seen, its data told."""

from __future__ import annotations

import re

import numpy as np
import pytest
from view_page import shown

from course_utils import widgets
from course_utils.widgets import palette
from course_utils.widgets.machine_map import STATIONS, Stop

pytestmark = pytest.mark.browser

CLASSES = {name: getattr(widgets, name) for name in widgets.__all__}
PICTURES = np.stack([np.full((16, 16, 3), shade, np.uint8) for shade in (40, 120, 200)])
POINTS = np.random.default_rng(0).normal(size=(40, 2)) / 2
SECTIONS = [
    {"title": "The schedule", "text": "How fast? A choice: 0.5 of it.\nIt falls."},
    {"title": "Recap", "text": "One line."},
]
# A browser that can speak: it keeps what it is to say, and says it when told to.
VOICES = """
window.said = [];
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
Object.defineProperty(window, "speechSynthesis", { value: Object.assign(new EventTarget(), {
  voices: [{ lang: "en-GB" }],
  getVoices() { return this.voices; },
  speak(one) { said.push(one); },
  cancel() { said.push("cancel"); },
}) });
"""
# Roles with which nothing can be done.
IDLE = {"generic", "none", "Canvas", "image", "img", "term", "StaticText", "paragraph"}


def with_data(name):
    """A view with something to show."""
    view = CLASSES[name](alt=f"What {name} shows.")
    if name == "ArrowField":
        view.set_arrows(POINTS[:5], POINTS[:5] + 0.2, POINTS[:5] + 0.4)
        view.badge, view.w = "exact", 2.0
    elif name == "Badge":
        view.kind, view.note = "learned", "A network guesses."
    elif name in ("Brush",):
        view.set_picture(PICTURES[0])
        view.set_hole(np.eye(16, dtype=bool))
    elif name == "ChallengeCard":
        view.title, view.task, view.said = "Drown a picture", "Write *one* line.", "Right."
        view.hints, view.solution, view.state = ["Look at `t`."], "x = 1", "reached"
    elif name == "CurveView":
        view.series = [
            {"name": "signal", "x": [0, 500, 1000], "y": [1, 0.7, 0.1]},
            {"name": "noise", "x": [0, 500, 1000], "y": [0, 0.7, 0.9]},
        ]
        view.reference = [{"name": "half", "y": 0.5}]
        view.marker, view.draggable, view.title = 250.0, True, "levels"
    elif name == "Drawing":
        view.svg = '<svg viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
    elif name == "DrawingPad":
        view.side = 16
        view.set_paints({"red": (216, 46, 52), "blue": (52, 112, 216)})
        view.set_picture(PICTURES[0])
    elif name == "Film":
        view.set_pictures(PICTURES, ["t = 1000", "t = 500", "t = 0"])
        view.badge = "learned"
    elif name == "Gallery":
        view.set_pictures(PICTURES, ["a cat", "a dog", "a hen"], ["right", "wrong", ""])
    elif name == "Guess":
        view.question, view.low, view.high = "How many?", 0, 9
    elif name == "LossView":
        view.restart(100, POINTS)
        view.push(np.linspace(1, 0.2, 30), POINTS, "training")
    elif name == "MachineMap":
        stop = Stop("name", "What it is.", "4 × 4", "A meaning.", [(0.0, 1.0)])
        view.set_run(dict.fromkeys(STATIONS, stop), {}, ["step 0", "step 1"])
        view.terms = {"sampler": "The rule.", "cross-attention": "A layer.", "U-Net": "A network."}
        view.opened = "noise"
    elif name == "ParticlePlayer":
        view.set_run([POINTS, POINTS / 2], labels=["t = 1000", "t = 0"])
        view.badge = "replay"
    elif name == "PathStrip":
        view.notebooks = [
            {"title": "1", "file": "01.ipynb", "done": 1, "total": 2, "here": True},
            {"title": "2", "file": "02.ipynb", "done": 0, "total": 2, "here": False},
        ]
        view.onward = {"words": "guess", "kind": "guess", "key": "Why?", "section": "There"}
    elif name == "PictureDrowner":
        view.set_picture(PICTURES[0])
        view.set_noise(np.zeros((16, 16, 3)))
        t = np.linspace(0, 1, 1001)
        view.set_schedule("straight path", 1 - t, t)
        view.t = 250
    elif name == "Reader":
        view.sections = SECTIONS
    elif name == "Reveal":
        view.question, view.sealed = "How many?", {"text": "Four.", "answer": 4.0, "best": [4.0], "also": []}
    return view


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request, browser):
    views = {name: with_data(name) for name in CLASSES}
    with shown(browser, views, VOICES, color_scheme=request.param) as opened:
        opened.theme = palette.colours(dark=request.param == "dark")
        yield opened


# What Tab reaches, in order, each with the ring around it.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  one.dataset.reached = "";
  return {
    view: one.closest("[data-view]").dataset.view, tag: one.tagName, text: one.textContent.trim().slice(0, 9),
    ring: [outlineStyle, parseFloat(outlineWidth), outlineColor],
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
_MISSED = """() => [...document.querySelectorAll("button, input, select, a[href], summary, [tabindex='0']")]
  .filter((one) => one.checkVisibility() && !one.disabled && one.type !== "file")
  .filter((one) => !("reached" in one.dataset))
  .map((one) => one.outerHTML.slice(0, 120))"""


def rgb(colour):
    return "rgb({}, {}, {})".format(*(int(colour[i : i + 2], 16) for i in (1, 3, 5)))


def test_tab_reaches_all_that_can_be_operated_and_shows_where_it_is(page):
    page.evaluate("document.activeElement.blur()")
    walked = []
    for _ in range(200):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUSED)
        if found is None:
            break
        walked.append(found)
    assert page.evaluate(_MISSED) == []
    assert len(walked) > 20 and all(one["seen"] for one in walked), [one for one in walked if not one["seen"]]
    ring = ["solid", 3, rgb(page.theme["accent"])]
    assert [one for one in walked if one["ring"] != ring] == []


def accessible(page):
    """What a screen reader is handed: role, name and description of all that has a role."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    for node in nodes:
        if node.get("ignored"):
            continue
        facts = {fact["name"]: fact["value"].get("value") for fact in node.get("properties", [])}
        yield (
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            node.get("description", {}).get("value", "") or "",
            facts,
            node.get("value", {}).get("value"),
        )


def test_all_that_can_be_operated_has_a_role_and_a_name(page):
    found = [node for node in accessible(page) if node[3].get("focusable") and node[0] != "RootWebArea"]
    nameless = [(role, facts) for role, name, _, facts, _ in found if not name.strip()]
    idle = [(role, name) for role, name, said, *_ in found if role in IDLE and not said]
    assert len(found) > 20 and nameless == [] and idle == []


_TOLD = """(query) => [...document.querySelectorAll(query)].filter((one) => one.checkVisibility())
  .map((one) => ["label", "valuetext", "description"].map((name) => one.getAttribute(`aria-${name}`) ?? ""))
  .map((facts) => facts.join(" ")).join(" | ")"""


def told(page, view):
    """All that is told of a view's pictures and sliders."""
    page.wait_for_timeout(80)
    query = f'[data-view="{view}"] :is(canvas, [role="img"], [role="slider"], [role="application"])'
    return page.evaluate(_TOLD, query)


# A trait, another value, and what of the data is told before and after.
CHANGES = {
    "ArrowField": ("w", 3.0, "w = 2", "w = 3"),
    "CurveView": ("marker", 500.0, r"signal.*from 1 at 0 to 0\.1 at 1000.*at 250.*0\.85", r"at 500.*0\.7"),
    "Film": ("index", 2, "t = 1000", "t = 0"),
    "ParticlePlayer": ("step", 1, "t = 1000.*40 points.*spread", "t = 0.*40 points"),
    "PictureDrowner": ("t", 1000, r"t = 250.*0\.75.*0\.25", "t = 1000"),
}


@pytest.mark.parametrize("view", CHANGES)
def test_a_picture_is_told_from_its_data_and_told_anew_when_they_change(page, view):
    trait, value, before, after = CHANGES[view]
    now = page.evaluate("([view, trait]) => models[view].get(trait)", [view, trait])
    assert re.search(before, told(page, view)), told(page, view)
    page.evaluate("([view, trait, value]) => models[view].set(trait, value)", [view, trait, value])
    assert re.search(after, told(page, view)), told(page, view)
    page.evaluate("([view, trait, value]) => models[view].set(trait, value)", [view, trait, now])


def test_what_stands_still_is_told_from_its_data_too(page):
    assert re.search(r"step 30 of 100.*loss", told(page, "LossView")) and "40 points" in told(
        page, "LossView"
    )
    assert "16 of 256" in told(page, "Brush")
    assert "paint: red" in told(page, "DrawingPad")
    gallery = page.locator('[data-view="Gallery"] button')
    names = [gallery.nth(k).get_attribute("aria-label") for k in range(gallery.count())]
    assert names == ["a cat: right", "a dog: wrong", "a hen"]


@pytest.mark.parametrize("view", ["CurveView", "Film", "ParticlePlayer", "PictureDrowner"])
def test_what_moves_by_keys_is_a_slider_that_says_where_it_is(page, view):
    slider = page.locator(f'[data-view="{view}"] [role="slider"]')
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(80)
    low = [slider.get_attribute(f"aria-{name}") for name in ("valuenow", "valuetext")]
    assert low[0] == slider.get_attribute("aria-valuemin") and low[1]
    page.keyboard.press("End")
    page.wait_for_timeout(80)
    assert slider.get_attribute("aria-valuenow") == slider.get_attribute("aria-valuemax") != low[0]
    assert slider.get_attribute("aria-valuetext") != low[1]


def test_an_empty_view_has_nothing_to_operate_that_does_nothing_and_still_a_name(browser):
    with shown(browser, {name: kind() for name, kind in CLASSES.items() if name != "MachineMap"}) as page:
        nodes = list(accessible(page))
        pictures = [name for role, name, *_ in nodes if role in ("image", "slider", "Canvas", "application")]
        assert len(pictures) >= 9 and all(pictures), pictures
        sliders = page.locator('[role="slider"][tabindex="0"]')
        stuck = [sliders.nth(k).get_attribute("class") for k in range(sliders.count())]
        assert stuck == ["cu-schedule"]  # of the drowner, which moves t without a picture, too


def test_nothing_moves_for_whoever_asked_for_less_motion(browser):
    views = {name: with_data(name) for name in CLASSES}
    with shown(browser, views, reduced_motion="reduce") as page:
        moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((one) => {
          const { transitionDuration, animationName } = getComputedStyle(one);
          return parseFloat(transitionDuration) > 0 || animationName !== "none";
        }).map((one) => one.className)""")
        assert moving == [] and page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate("models.Film.get('calm')") is True


def test_a_view_speaks_the_language_of_its_kernel(browser, monkeypatch):
    monkeypatch.setenv("COURSE_LANGUAGE", "de")
    with shown(
        browser, {"Guess": widgets.Guess(question="Wie viele?"), "Drown": with_data("PictureDrowner")}
    ) as page:
        assert page.get_by_role("button", name="das ist mein Tipp").is_visible()
        page.get_by_role("button", name="zeig es mir").click()
        page.get_by_text("kein Tipp abgegeben; die Antwort steht weiter unten").wait_for()
        assert page.locator(".cu-bar-name").all_inner_texts() == ["Signal", "Rauschen"]


# --- read aloud ---------------------------------------------------------------------------------------------


@pytest.fixture
def reading(browser):
    """A reader in a browser that can speak, unfolded."""
    with shown(browser, {"Reader": with_data("Reader")}, VOICES) as opened:
        opened.locator(".cu-reader summary").click()
        yield opened


def spoken(page):
    return page.evaluate("said.map((one) => one.text ?? one)")


def test_a_section_is_read_sentence_by_sentence_while_its_text_is_seen(reading):
    assert reading.locator(".cu-read").inner_text() == "How fast? A choice: 0.5 of it.\nIt falls."
    reading.get_by_role("button", name="read aloud").click()
    for sentence in ("How fast? ", "A choice: 0.5 of it.\n", "It falls."):
        assert (
            spoken(reading)[-1] == sentence
            and reading.locator("mark").inner_text().strip() == sentence.strip()
        )
        assert reading.evaluate("said.at(-1).lang") == "en"
        reading.evaluate("said.at(-1).onend()")
    assert (
        reading.locator("mark").count() == 0 and reading.get_by_role("button", name="read aloud").is_visible()
    )


def test_reading_stops_where_it_is_told_to_and_when_another_section_is_chosen(reading):
    reading.get_by_role("button", name="read aloud").click()
    reading.get_by_role("button", name="stop").click()
    assert spoken(reading)[-1] == "cancel"
    reading.evaluate("said.find((one) => one.onend).onend()")  # browsers end what they cancel
    assert spoken(reading)[-1] == "cancel" and reading.locator("mark").count() == 0
    reading.get_by_role("button", name="read aloud").click()
    reading.get_by_label("section").select_option("Recap")
    assert spoken(reading)[-1] == "cancel" and reading.locator(".cu-read").inner_text() == "One line."
    reading.get_by_role("button", name="read aloud").click()
    assert spoken(reading)[-1] == "One line."


def test_a_voice_that_fails_ends_the_reading(reading):
    reading.get_by_role("button", name="read aloud").click()
    reading.evaluate("said.at(-1).onerror()")
    assert reading.get_by_role("button", name="read aloud").is_visible()


@pytest.mark.parametrize(
    "silent",
    [
        "Object.defineProperty(window, 'speechSynthesis', { value: undefined })",
        VOICES + "speechSynthesis.voices = []",
        VOICES + "speechSynthesis.voices = [{ lang: 'fi-FI' }]",
    ],
    ids=["nothing speaks", "no voice", "none for the language"],
)
def test_where_nothing_can_speak_there_is_no_reader_and_no_complaint(browser, silent):
    with shown(browser, {"Reader": with_data("Reader")}, silent) as page:
        assert not page.locator(".cu-reader").is_visible()


def test_the_reader_comes_when_the_browser_has_loaded_its_voices(browser):
    late = VOICES + "speechSynthesis.voices = []"
    with shown(browser, {"Reader": with_data("Reader")}, late) as page:
        page.evaluate("""() => {
          speechSynthesis.voices = [{ lang: "en_US" }];
          speechSynthesis.dispatchEvent(new Event("voiceschanged"));
        }""")
        assert page.locator(".cu-reader summary").is_visible()
