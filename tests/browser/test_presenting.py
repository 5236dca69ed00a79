"""A lesson on a projector: slides whose panels stay live, turned from anywhere, reset by one key."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

import nbformat
import psutil
import pytest
from lab import ROOT, Lab, serve
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from notebook_page import OPEN_PATIENCE, RUN_PATIENCE, NotebookPage
from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        importlib.util.find_spec("jupyterlab_deck") is None, reason="the extra `present` is not installed"
    ),
]

NAME = "lesson.ipynb"
FIELD = "base.Panel([base.row(base.text_field('words', 'a'))], 'Words.', drowning.drown_panel()._still)"
CELLS = (
    ("slide", new_markdown_cell("# A lesson")),
    (
        "skip",
        new_code_cell(
            "from course_utils.panels import base\nfrom course_utils.panels.forward import drowning"
        ),
    ),
    ("slide", new_code_cell("drowning.drown_panel()")),
    ("notes", new_markdown_cell("What the teacher says.")),
    ("slide", new_code_cell("drowning.schedule_panel()")),
    ("fragment", new_code_cell("print('measured')")),
    ("slide", new_code_cell(FIELD)),
    (
        "slide",
        new_code_cell("from course_utils.panels.reverse import denoising\n\ndenoising.particles_panel()"),
    ),
    (
        "slide",
        new_code_cell("from course_utils.panels.guidance import universes\n\nuniverses.arrows_panel()"),
    ),
)
LAPTOP = 1366
SCREENS = {"a classroom's": (1024, 768), "a large": (1920, 1080), "a low": (1024, 600)}

_ACTIVE = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
_KINDS = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(({ model }) => model.type)"
_SEEN = """() => [...document.querySelectorAll(".jp-Cell")].map((cell, index) => [cell, index])
  .filter(([cell]) => cell.classList.contains("jp-deck-mod-visible") && cell.clientHeight > 0)
  .map(([_cell, index]) => index)"""
_SETTLED = """(panel) => { // a slide is laid out again while its panel grows
  const { top, bottom } = panel.getBoundingClientRect();
  const now = performance.now();
  if (panel.lies?.top !== top || panel.lies?.bottom !== bottom) panel.lies = { top, bottom, since: now };
  return bottom - top > 300 && now - panel.lies.since > 1500;
}"""
RIM = 28  # pixels at the lower edge that belong to the deck
_LETTERS = "() => parseFloat(getComputedStyle(document.querySelector('.jp-RenderedMarkdown')).fontSize)"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab with the settings of `make present`, and a short lesson in it."""
    scratch = tmp_path_factory.mktemp("classroom")
    (scratch / "empty").mkdir()
    with serve(scratch / "empty", scratch, settings=ROOT / "jupyter" / "present") as lab:
        cells = []
        for kind, cell in CELLS:
            cell.metadata["slideshow"] = {"slide_type": kind}
            cells.append(cell)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.folder / NAME)
        yield lab


@pytest.fixture(scope="module")
def lesson(browser: Browser, classroom: Lab) -> Iterator[NotebookPage]:
    """The lesson, run and begun by one key."""
    with browser.new_context(viewport={"width": 1024, "height": 768}) as context:
        page = NotebookPage(context.new_page(), classroom)
        page.open(NAME)
        page.page.wait_for_function(
            "() => window.jupyterapp.commands.keyBindings.some(({ keys }) => keys.join() === 'Shift F8')",
            timeout=OPEN_PATIENCE,
        )
        page.page.keyboard.press("Shift+F8")
        page.page.locator("body[data-jp-deck-mode=presenting]").wait_for(
            state="attached", timeout=RUN_PATIENCE
        )
        page.page.locator(".cu-panel").nth(4).wait_for(state="attached", timeout=OPEN_PATIENCE)
        yield page
        page.close()


def turn(lesson: NotebookPage, key: str, to: int) -> None:
    lesson.page.keyboard.press(key)
    lesson.page.wait_for_function(f"(to) => ({_ACTIVE})() === to", arg=to)


def go(lesson: NotebookPage, to: int) -> None:
    """Turn pages until a cell is the one that is shown."""
    for _ in CELLS:
        at = lesson.page.evaluate(_ACTIVE)
        if at == to:
            return
        lesson.page.keyboard.press("PageDown" if at < to else "PageUp")
        lesson.page.wait_for_function(f"(at) => ({_ACTIVE})() !== at", arg=at)
    raise AssertionError(f"cell {to} is on no slide")


def drown(lesson: NotebookPage, fraction: float) -> str:
    """Drag t on the slide of the picture; return where it stands."""
    view = lesson.page.locator(".cu-panel [data-t]").first
    before = view.get_attribute("data-t")
    lesson.drag(lesson.slider("t"), fraction)
    return lesson.wait_attribute(view, "data-t", f"(?!{before}$).*")


def test_one_key_runs_everything_and_begins_at_the_first_slide(lesson):
    assert lesson.page.evaluate(_ACTIVE) == 0 and lesson.page.evaluate(_SEEN) == [0]
    assert lesson.page.evaluate(_LETTERS) >= 20


def test_a_clicker_turns_pages_forth_and_back_past_plumbing_and_notes(lesson):
    go(lesson, 0)
    for to in (2, 4, 5, 6):
        turn(lesson, "PageDown", to)
    assert lesson.page.evaluate(_SEEN) == [6]
    for to in (5, 4, 2, 0):
        turn(lesson, "PageUp", to)
    go(lesson, 5)
    assert lesson.page.evaluate(_SEEN) == [4, 5]  # what was measured joins its answer


def test_panels_are_live_on_their_slide_and_pages_turn_from_inside_them(lesson):
    go(lesson, 2)
    assert int(drown(lesson, 0.6)) > 400
    for button in lesson.page.locator(".jp-deck-mod-visible .widget-play button").all()[:2]:
        button.click(timeout=10_000)  # play and stop stand at the very edge of the slide
    lesson.page.locator(".cu-panel .noUi-handle").first.focus()
    turn(lesson, "PageDown", 4)
    turn(lesson, "PageUp", 2)


@pytest.mark.parametrize("focus", ["the panel", "the slide"])
def test_one_key_resets_the_panel_on_the_slide(lesson, focus):
    go(lesson, 2)
    drown(lesson, 0.8 if focus == "the panel" else 0.5)
    if focus == "the slide":
        go(lesson, 4)
        lesson.page.locator(".jp-Notebook").first.focus()
        go(lesson, 2)
        lesson.page.locator(".jp-Notebook").first.focus()
    before = lesson.page.evaluate(_KINDS)
    lesson.page.keyboard.press("r")
    lesson.wait_attribute(lesson.page.locator(".cu-panel [data-t]").first, "data-t", "0")
    assert lesson.page.evaluate(_KINDS) == before  # to the notebook R means: make this cell raw


def test_a_panel_reset_in_haste_stays_reset(lesson):
    """What a slider has sent last waits in the page until the kernel has taken what it sent before."""
    go(lesson, 2)
    kernels = [p for p in psutil.Process().children(recursive=True) if "ipykernel_launcher" in p.cmdline()]
    drown(lesson, 0.3)
    lesson.page.wait_for_timeout(500)
    for kernel in kernels:
        kernel.suspend()
    try:
        drown(lesson, 0.8)
        lesson.page.keyboard.press("r")
    finally:
        for kernel in kernels:
            kernel.resume()
    view = lesson.page.locator(".cu-panel [data-t]").first
    lesson.wait_attribute(view, "data-t", "0")
    lesson.page.wait_for_timeout(1000)
    assert view.get_attribute("data-t") == "0"


def test_a_typed_r_is_a_letter(lesson):
    go(lesson, 6)
    field = lesson.page.locator(".jp-deck-mod-visible input[type=text]")
    field.fill("")
    field.press("r")
    field.press("Enter")
    lesson.page.wait_for_timeout(500)
    assert field.input_value() == "r"


def test_slides_are_left_from_a_text_field(lesson):
    go(lesson, 6)
    for mode in ("body:not([data-jp-deck-mode])", "body[data-jp-deck-mode=presenting]"):
        lesson.page.locator(".jp-Cell").nth(6).locator("input[type=text]").click()
        lesson.page.keyboard.press("F8")
        lesson.page.locator(mode).wait_for(state="attached", timeout=OPEN_PATIENCE)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_panel_fits_on_its_slide(lesson, screen):
    width, height = SCREENS[screen]
    lesson.page.set_viewport_size({"width": width, "height": height})
    for index, cell in ((0, 2), (1, 4), (3, 7), (4, 8)):  # the last are the tallest of the lesson's panels
        go(lesson, cell)
        panel = lesson.page.locator(".cu-panel").nth(index)
        lesson.page.wait_for_function(_SETTLED, arg=panel.element_handle(), timeout=60_000)
        box = panel.bounding_box()
        assert box["height"] > 300 and box["width"] > 0.7 * width
        assert box["y"] >= 0 and box["y"] + box["height"] <= height - RIM, f"panel {index}: {box}"
        # A large screen hangs no nearer to the last row.
        assert panel.evaluate("(panel) => Number(panel.style.zoom)") > (1 if width > LAPTOP else 0.6)
    assert lesson.page.evaluate(_LETTERS) >= max(22, width / 64)
    go(lesson, 2)
    dragged = int(drown(lesson, height / 2000))
    assert abs(dragged - height / 2) < 80  # where a panel is shown smaller, the mouse still finds its slider


def test_the_notebook_is_left_as_it_was(lesson, classroom):
    lesson.page.keyboard.press("F8")
    lesson.page.locator("body:not([data-jp-deck-mode])").wait_for(state="attached")
    saved = nbformat.read(classroom.folder / NAME, 4)
    assert not any(cell.get("outputs") for cell in saved.cells)
