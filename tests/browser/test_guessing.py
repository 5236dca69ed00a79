"""Guesses in a notebook: unspoiled by Run All, opened by a guess or by "show me", the same when reopened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nbconvert import HTMLExporter
from notebook_page import NotebookPage, run_cells
from playwright.sync_api import Locator

from course_utils.exports import Stills

pytestmark = pytest.mark.browser

NAME = "guesses.ipynb"
# The answers are computed, so that no source on the page holds them.
CELLS = (
    "from course_utils.panels.base import Verdict\nfrom course_utils.widgets import Guess",
    "first = Guess(question='At which t?', low=0, high=1000, step=5, tolerance=60)\nfirst",
    "first.reveal(5 * 71, f'They cross at {5 * 71}.', also=[(300, 400), 1000])",
    "Verdict(f'This one crosses at {5 * 71}.', after=first)",
    "second = Guess(question='Which?', choices=['one', 'two'])\nsecond",
    "second.reveal(second.choices[1], f'The second, by {20 * 21} to 1.')",
    "third = Guess(question='How many?', low=0, high=10)\nthird",
    "third.reveal(2**3, f'It is {2**3} in {2**7}.')",
    "Verdict(f'Of {2**7} it is {2**3}.', after=third)",
)
SEALED = ("355", "420 to 1", "8 in 128", "Of 128")
STATES = "() => [...document.querySelectorAll('.cu-view')].map((view) => view.dataset.state)"
CLOSED = ["open", "closed", "closed", "open", "closed", "open", "closed", "closed"]
RUN_CELL = """(index) => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  return window.jupyterapp.commands.execute("notebook:run-cell");
}"""

CLEAR_CELL = """(index) => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  return window.jupyterapp.commands.execute("notebook:clear-cell-output");
}"""


@pytest.fixture(scope="module")
def notebook(browser, front) -> Iterator[NotebookPage]:
    """A notebook of three guesses, a question of a number, one of choices and one more, run to its end."""
    with run_cells(browser, front, NAME, CELLS) as page:
        yield page


def wait_states(notebook: NotebookPage, states: list[str]) -> None:
    """Wait until all views, in the order of their cells, are in these states."""
    arg = [STATES, states]
    same = "([states, wanted]) => JSON.stringify(eval(states)()) === JSON.stringify(wanted)"
    notebook.page.wait_for_function(same, arg=arg, timeout=60_000)


def said(notebook: NotebookPage) -> str:
    """All that the outputs of the notebook hold, seen or not."""
    return "\n".join(notebook.page.locator(".jp-OutputArea-output").all_text_contents())


def view(notebook: NotebookPage, index: int) -> Locator:
    return notebook.find(".cu-view", index)


def test_run_all_gives_nothing_away(notebook):
    wait_states(notebook, CLOSED)
    assert not [sealed for sealed in SEALED if sealed in said(notebook)]
    assert "Your guess comes first" in view(notebook, 1).inner_text()


def test_a_guess_by_keyboard_opens_its_answer_and_its_verdict(notebook):
    question = view(notebook, 0)
    question.locator("input").focus()
    for key in ("Home", "End", "Tab", "Enter"):
        notebook.page.keyboard.press(key)
    wait_states(notebook, ["committed", "open", "open", *CLOSED[3:]])
    assert "your guess: 1000" in question.inner_text()
    # The button is gone; the focus stays in the card, where no key is a command of the notebook.
    assert notebook.page.evaluate("() => document.activeElement.dataset.state") == "committed"
    answer, verdict = view(notebook, 1), view(notebook, 2)
    assert answer.locator(".cu-figure-large").all_inner_texts() == ["1000", "355"]
    assert answer.locator(".cu-verdict").inner_text() == "as good: this run cannot tell them apart"
    assert verdict.inner_text() == "Measured This one crosses at 355."
    for spoken in (
        answer.locator(".cu-verdict"),
        verdict.locator(".cu-sentence"),
        question.get_by_text("1000;"),
    ):
        assert spoken.evaluate("(element) => element.closest('[aria-live=polite]') !== null")


def test_the_way_leads_from_the_guess_to_its_answer(notebook):
    view(notebook, 0).get_by_role("button", name="go to the answer").click()
    assert notebook.page.evaluate("() => document.activeElement.className").startswith("cu-view cu-reveal")
    view(notebook, 4).get_by_role("button", name="go to the question").click()
    assert "Which?" in notebook.page.evaluate("() => document.activeElement.textContent")


def test_show_me_at_the_answer_closes_the_question(notebook):
    view(notebook, 4).get_by_role("button", name="show me").click()
    wait_states(notebook, ["committed", "open", "open", "shown", "open", *CLOSED[5:]])
    assert "no guess was made" in view(notebook, 3).inner_text()
    assert view(notebook, 3).locator("button:enabled:visible").all_inner_texts() == ["go to the answer"]
    answer = view(notebook, 4)
    assert answer.locator(".cu-figure-large:visible").all_inner_texts() == ["two"]
    assert not answer.locator(".cu-verdict").is_visible()


def test_the_way_opens_when_the_answer_comes_later(notebook):
    """A learner who runs cell by cell guesses before the page holds the answer."""
    for cell in (7, 8):
        notebook.page.evaluate(CLEAR_CELL, cell)
    question = view(notebook, 5)
    question.get_by_role("button", name="that is my guess").click()
    onward = question.get_by_role("button", name="go to the answer")
    assert not onward.is_visible()
    notebook.page.evaluate(RUN_CELL, 7)
    onward.wait_for()
    for cell in (6, 7, 8):
        notebook.page.evaluate(RUN_CELL, cell)
        notebook.wait_idle()
    wait_states(notebook, ["committed", "open", "open", "shown", "open", *CLOSED[5:]])


def test_the_answer_run_again_keeps_the_guess_the_question_run_again_forgets_it(notebook):
    opened = ["committed", "open", "open", "shown", "open", *CLOSED[5:]]
    notebook.page.evaluate(RUN_CELL, 2)
    notebook.wait_idle()
    wait_states(notebook, opened)
    assert view(notebook, 1).locator(".cu-figure-large").all_inner_texts() == ["1000", "355"]
    notebook.page.evaluate(RUN_CELL, 4)
    notebook.wait_idle()
    wait_states(notebook, [*opened[:3], "open", *opened[4:]])
    notebook.page.evaluate(RUN_CELL, 5)
    notebook.wait_idle()
    wait_states(notebook, [*opened[:3], *CLOSED[3:]])
    assert "420 to 1" not in said(notebook)


def test_an_exported_page_holds_each_answer_behind_a_click(notebook, browser):
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    exporter = HTMLExporter(template_name="basic", exclude_input=True, preprocessors=[Stills])
    body, _ = exporter.from_filename(str(notebook.lab.folder / NAME))
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_content(body)
        assert page.locator("details").count() == 5
        for sealed in SEALED:
            assert not [one for one in page.get_by_text(sealed).all() if one.is_visible()], sealed
        page.locator("summary").first.click()
        assert page.get_by_text("They cross at 355.").is_visible()


def test_a_saved_notebook_opens_as_it_was_left_and_goes_on_without_its_kernel(notebook):
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    notebook.reopen(NAME, ".cu-view", len(CLOSED))
    wait_states(notebook, ["committed", "open", "open", *CLOSED[3:]])
    assert view(notebook, 1).locator(".cu-figure-large").all_inner_texts() == ["1000", "355"]
    assert not [sealed for sealed in SEALED[1:] if sealed in said(notebook)]
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    view(notebook, 5).get_by_role("button", name="that is my guess").click()
    view(notebook, 4).get_by_role("button", name="show me").click()
    wait_states(notebook, ["committed", "open", "open", "shown", "open", "committed", "open", "open"])
    assert view(notebook, 6).locator(".cu-figure-large").all_inner_texts() == ["5", "8"]
    assert view(notebook, 6).locator(".cu-verdict").inner_text() == "not quite"
