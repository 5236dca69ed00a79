"""A learner's way: a wrong answer, a hint, the right one; and all is there after a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import nbformat
import pytest
from lab import NOTEBOOKS, serve
from notebook_page import CLASSROOM, NotebookPage
from playwright.sync_api import Browser, Locator

pytestmark = pytest.mark.browser

NAME = "02_reverse_process.ipynb"  # whose stops the strip reads, as they stand in the repository
CELLS = (
    "from course_utils import challenges\nfrom course_utils.challenges import challenge_panel\n"
    "from course_utils.widgets import Guess",
    'challenges.opening_panel("02_reverse_process")',
    'guess = Guess(question="How many?", low=0, high=9)\nguess',
    "guess.reveal(2**2, f'It is {2**2}.')",
    "def my_loss(guess, noise):\n    return ...",
    'challenge_panel("loss", lambda: my_loss)',
    'challenges.closing_panel("02_reverse_process")',
)
RUN_CELL = """(index) => {
  window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
  return window.jupyterapp.commands.execute("notebook:run-cell");
}"""
WRITE_CELL = """([index, source]) =>
  window.jupyterapp.shell.currentWidget.content.widgets[index].model.sharedModel.setSource(source)"""


@pytest.fixture(scope="module")
def learner(browser: Browser, tmp_path_factory) -> Iterator[NotebookPage]:
    """A notebook of a question and a challenge, run to its end by somebody whose progress is kept."""
    scratch = tmp_path_factory.mktemp("learner")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PROGRESS", str(scratch / "progress"))
        with serve(NOTEBOOKS, scratch) as lab, browser.new_context(viewport=CLASSROOM) as context:
            cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
            kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(
                nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}),
                lab.folder / "way.ipynb",
            )
            page = NotebookPage(context.new_page(), lab)
            page.open("way.ipynb")
            page.run_all()
            yield page
            page.close()


def card(learner: NotebookPage) -> Locator:
    return learner.find(".cu-challenge")


def write(learner: NotebookPage, index: int, source: str) -> None:
    """Type a cell anew and run it."""
    learner.page.evaluate(WRITE_CELL, [index, source])
    learner.page.evaluate(RUN_CELL, index)
    learner.wait_idle()


def press(learner: NotebookPage, label: str) -> None:
    learner.page.get_by_role("button", name=re.compile(f"^{label}")).first.click()
    learner.wait_idle()


def test_wrong_hint_right(learner):
    assert "○ not tried" in card(learner).inner_text()
    press(learner, "check")
    card(learner).get_by_text("The line with the three dots is still to be written").wait_for()
    write(learner, 4, "def my_loss(guess, noise):\n    ((guess - noise) ** 2).mean()")
    press(learner, "check")
    card(learner).get_by_text("Your function returns nothing").wait_for()
    assert "◐ not yet" in card(learner).inner_text()
    press(learner, "hint")
    card(learner).locator("li code", has_text="loss =").wait_for()
    write(learner, 4, "def my_loss(guess, noise):\n    return ((guess - noise) ** 2).mean()")
    check = learner.page.get_by_role("button", name="check", exact=True)
    check.focus()
    learner.page.keyboard.press("Enter")  # by keyboard, and the cell stays what it is
    card(learner).get_by_text("● reached").wait_for()
    assert learner.page.locator(".jp-Cell").count() >= len(CELLS)


def test_an_unknown_mistake_is_a_picture(learner):
    write(learner, 4, "def my_loss(guess, noise):\n    return (guess - noise).abs().max() + 3")
    press(learner, "check")
    picture = card(learner).locator("img")
    picture.wait_for()
    assert picture.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 300
    assert "● reached" in card(learner).inner_text()  # once reached, it stays


def test_the_question_before_and_after(learner):
    press(learner, "each step adds the next detail")
    learner.page.get_by_text("The same question waits at the end").wait_for()
    learner.page.get_by_role("button", name="a first guess is an average of all that may come").last.click()
    learner.page.get_by_text("Before you said “each step adds the next detail”, not so; now").wait_for()


def test_all_is_there_after_a_restart(learner):
    question = learner.find(".cu-guess")
    question.get_by_role("button", name="that is my guess").click()
    learner.wait_idle()
    assert not learner.problems
    learner.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    learner.reopen("way.ipynb", ".cu-challenge", 1)
    learner.run_all()
    card(learner).get_by_text("● reached").wait_for()
    assert learner.find(".cu-guess").get_attribute("data-state") == "committed"
    assert card(learner).locator("li").count() == 1
