"""The five notebooks in the front end nearest to Colab's: JupyterLab 3.6, whose widgets are ipywidgets 7's.

`make test-colab` makes its environment and runs this by the kernels of Colab's versions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from lab import NOTEBOOKS, Lab, needs_colab, serve
from notebook_page import CLASSROOM, NotebookPage
from playwright.sync_api import Browser, Locator

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWER = 120_000  # milliseconds that a panel may take on a busy machine
# JupyterLab 3.6 itself asks for a font at no address.
OWN_NOISE = ("about:blank", "Failed to load resource: net::ERR_FAILED")

# All that a panel's views show: pixels, drawings, words, and what they say of themselves.
_SHOWN = """(panel) => [...panel.querySelectorAll(".cu-view, .widget-html")].map((view) => [
  view.textContent,
  ...[...view.querySelectorAll("canvas")].map((canvas) => canvas.width && canvas.toDataURL()),
  ...[...view.querySelectorAll("img")].map(({ src }) => src),
  ...[view, ...view.querySelectorAll("*")].map(({ dataset, ariaPressed }) =>
    JSON.stringify([dataset, ariaPressed])),
]).join()"""
_POLL = "button:has-text('poll a class')"
_CHANGED = f"([panel, before]) => ({_SHOWN})(panel) !== before"
# Views that outputs promise, and what stands there in the place of one that could not be shown.
_PROMISED = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .flatMap(({ model }) => model.outputs?.toJSON() ?? [])
  .filter(({ data }) => data?.["application/vnd.jupyter.widget-view+json"]).length"""
_ROOTS = """() => [...document.querySelectorAll(".jp-OutputArea-output")]
  .filter((output) => output.querySelector(".cu-panel, .cu-view")).length"""
_FAILED = """() => [...document.querySelectorAll(".jp-OutputArea-output")].map(({ innerText }) => innerText)
  .filter((text) => /(displaying|Loading|creating) widget|Failed to load model/.test(text))"""

# What a learner may move, and how; each is tried until the panel's views are others.
CONTROLS = (
    ".ui-slider-handle",
    "select",
    ".widget-toggle-buttons button:not(.mod-active)",
    "input[type=checkbox]",
    "input[type=number]",
    "canvas[tabindex]",
    "button:enabled:not(:has-text('reset')):not(.cu-upload button)",
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab 3.6 with the notebooks, but for their outputs: those were saved with ipywidgets 8."""
    needs_colab()
    scratch, bare = tmp_path_factory.mktemp("front"), tmp_path_factory.mktemp("bare")
    for path in NOTEBOOKS.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata.pop("widgets")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = []
        nbformat.write(notebook, bare / path.name)
    with serve(bare, scratch, "colab") as running:
        yield running


@pytest.fixture(scope="module", params=sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def notebook(request: pytest.FixtureRequest, browser: Browser, lab: Lab) -> Iterator[NotebookPage]:
    """A notebook of the course, run to its end."""
    with browser.new_context(viewport=CLASSROOM) as context:
        page = NotebookPage(context.new_page(), lab)
        page.open(request.param)
        page.run_all(900_000)
        yield page
        page.close()


def move(control: Locator) -> None:
    """Do to a control what changes it."""
    control.scroll_into_view_if_needed()
    kind = control.evaluate("(element) => element.tagName")
    if kind == "SELECT":
        control.evaluate(
            "(element) => { element.selectedIndex = (element.selectedIndex + 1) % element.length; }"
        )
        control.dispatch_event("change")
    elif kind == "BUTTON" or control.get_attribute("type") == "checkbox":
        control.click()
    else:
        control.focus()
        for key in ("ArrowLeft", "ArrowRight", "ArrowRight", "ArrowUp", "Enter"):
            control.press(key)


def test_every_view_is_shown(notebook):
    promised = notebook.page.evaluate(_PROMISED)
    notebook.page.wait_for_function(f"(promised) => ({_ROOTS})() === promised", arg=promised, timeout=ANSWER)
    assert notebook.page.evaluate(_FAILED) == []
    others = [said for said in notebook.problems if not any(noise in said for noise in OWN_NOISE)]
    assert not others, "\n".join(others)


def test_every_panel_answers(notebook):
    silent = []
    panels = f".cu-panel:not(:has(.cu-challenge)):not(:has(.cu-strip)):not(:has({_POLL}))"
    for panel in notebook.page.locator(panels).all():
        controls = [one for kind in CONTROLS for one in panel.locator(kind).locator("visible=true").all()[:2]]
        for control in controls:
            before = panel.evaluate(_SHOWN)
            move(control)
            try:
                patience = ANSWER if control is controls[-1] else ANSWER / 6
                arg = [panel.element_handle(), before]
                notebook.page.wait_for_function(_CHANGED, arg=arg, timeout=patience)
                break
            except Exception:
                continue
        else:
            silent += [panel.inner_text()[:200]] if controls else []
        notebook.wait_idle()
    assert silent == []


def test_every_poll_counts(notebook):
    source = (NOTEBOOKS / notebook.page.url.rsplit("/", 1)[-1]).read_text(encoding="utf-8")
    polls = notebook.page.locator(f".cu-panel:has({_POLL})")
    assert polls.count() == source.count("poll_panel(")
    for poll in polls.all():
        poll.locator(_POLL).click()
        field = poll.locator("input[type=number], input[type=text]").locator("visible=true").first
        field.fill("3")
        field.press("Tab")
        poll.locator(".widget-html", has_text=re.compile("[13] guess")).wait_for(timeout=ANSWER)


def test_every_guess_opens_its_answers(notebook):
    guesses = notebook.page.locator(".cu-guess")
    assert guesses.count() > 0
    for guess in guesses.all():
        guess.scroll_into_view_if_needed()
        guess.locator(".cu-choices button:visible, .cu-settle:visible").first.click()
    notebook.page.wait_for_function(
        "() => !document.querySelector('.cu-reveal[data-state=closed], .cu-guess[data-state=open]')",
        timeout=ANSWER,
    )


def test_every_challenge_gives_a_hint_and_judges(notebook):
    panels = notebook.page.locator(".cu-panel:has(.cu-challenge)")
    assert panels.count() >= 3
    for panel in panels.all():
        panel.scroll_into_view_if_needed()
        panel.get_by_role("button", name="hint").click()
        panel.locator(".cu-hints li").first.wait_for(timeout=ANSWER)
        panel.get_by_role("button", name="check").click()
        panel.locator(".cu-judged:not(:empty)").wait_for(timeout=ANSWER)
        notebook.wait_idle()
