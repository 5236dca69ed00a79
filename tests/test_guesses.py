"""Guesses that hold: nothing is given away before the learner has guessed, and all opens at once then."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from course_utils.metrics import Estimate, first_reaching
from course_utils.panels import measured
from course_utils.panels.base import Verdict
from course_utils.panels.steps import step_counts
from course_utils.panels.table import Table
from course_utils.runtime import CourseError
from course_utils.widgets import Guess

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


@pytest.fixture
def guess():
    return Guess(question="At which t?", low=0, high=1000, tolerance=60, unit="steps")


@pytest.fixture
def choice():
    return Guess(question="Which?", choices=["one", "two", "three"])


def out(shown: object) -> dict[str, str]:
    """What the kernel hands out for an object, but for the view."""
    data, _ = DisplayFormatter().format(shown)
    return {kind: text for kind, text in data.items() if kind.startswith("text/")}


def folded(text: str) -> str:
    """HTML without what its closed <details> hold."""
    return re.sub(r"(<details>.*?</summary>).*?(</details>)", r"\1\2", text)


def test_a_run_with_nobody_guessing_gives_nothing_away(guess):
    reveal = guess.reveal(355, "They cross at 355.")
    verdict = Verdict("The cosine crosses at 500, this one at 355.", after=guess)
    assert (guess.guess, guess.opened, reveal.opened) == (None, False, False)
    for shown in (guess, reveal, verdict):
        said = out(shown)
        # As a word: ids of widgets are made of random digits.
        assert not re.search(r"\b355\b", said["text/plain"] + folded(said["text/html"]) + repr(shown))
        assert "At which t?" in said["text/plain"]
    assert not re.search(r"\b355\b", json.dumps(guess.get_state(drop_defaults=True), default=str))


def test_a_page_without_scripts_holds_the_answer_behind_one_click(guess):
    page = out(guess.reveal(355, "They cross at <355>."))["text/html"]
    assert page.startswith("<details><summary>The answer to: At which t?</summary>") and " open" not in page
    assert "<b>355 steps</b> They cross at &lt;355&gt;." in page
    page = out(Verdict("It is 355 & no more.", after=guess))["text/html"]
    assert re.fullmatch(
        r"<details><summary>.*At which t\?</summary><p>It is 355 &amp; no more.</p></details>", page
    )
    assert "<details>" not in out(Verdict("Said at once."))["text/html"]


def test_a_chart_that_would_tell_waits_and_opens_with_the_guess(guess):
    waiting = measured.panel([{"name": "met", "x": [1, 2], "y": [0.2, 0.9]}], "steps", "prompts met", guess)
    ((words, svg),) = waiting.sealed["drawn"]
    assert words == "prompts met" and svg.startswith("<svg") and not waiting.opened
    page = out(waiting)["text/html"]
    assert '<img src="data:image/png' in page and "<img" not in folded(page)
    assert "prompts met" not in out(waiting)["text/plain"]
    guess.commit(3)
    assert waiting.opened


CURVES = ("measured.adherence_series", "step_curve_panel(", "distilled.curve_panel(", "guidance_panel(curve")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_curve_that_a_guess_asks_for_waits_for_it(path):
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and any(curve in cell.source for curve in CURVES):
            assert "after=" in cell.source, cell.source


def test_committing_opens_all_that_waits(guess):
    reveal, verdict = guess.reveal(355, "They cross at 355."), guess.seal("And 500.")
    guess.commit(400)
    assert (reveal.opened, reveal.guess, verdict.opened) == (True, 400, True)


def test_show_me_at_the_answer_opens_the_question_too(guess):
    reveal, verdict = guess.reveal(355, "They cross at 355."), guess.seal("And 500.")
    reveal.opened = True
    assert (guess.opened, guess.guess, verdict.opened, reveal.guess) == (True, None, True, None)


def test_a_guess_committed_first_survives_every_run_of_its_answer(guess):
    guess.commit(400)
    for _ in range(2):
        reveal = guess.reveal(355, "They cross at 355.")
        assert (reveal.opened, reveal.guess) == (True, 400)
    again = Guess(question=guess.question, low=0, high=1000)
    assert (again.opened, again.guess, again.reveal(355, "").opened) == (False, None, False)


def test_a_browser_sends_guess_and_opening_in_one_message(guess):
    reveal = guess.reveal(355, "They cross at 355.")
    guess.set_state({"guess": 400, "opened": True})
    assert (reveal.opened, reveal.guess) == (True, 400)


def test_what_the_run_cannot_tell_apart_is_accepted(guess, choice):
    sealed = guess.reveal(np.float32(10), "Ten.", also=[6, (20, np.int64(60))]).sealed
    assert (sealed["answer"], sealed["best"], sealed["also"]) == (10, [(-50, 70)], [6, (20, 60)])
    sealed = choice.reveal("two", "Two.", also=["one"]).sealed
    assert (sealed["answer"], sealed["best"], sealed["also"]) == ("two", ["two"], ["one"])
    json.dumps(sealed)
    assert Guess(low=0, high=50).reveal(10, "").sealed["best"] == [(5, 15)]  # a tenth of the range


@pytest.mark.parametrize("wrong", ["many", None, float("nan")])
def test_a_question_about_a_number_takes_numbers_only(guess, wrong):
    for ask in (
        guess.commit,
        lambda value: guess.reveal(value, ""),
        lambda value: guess.reveal(1, "", [value]),
    ):
        with pytest.raises(CourseError, match=f"is a number, not {wrong!r}"):
            ask(wrong)
    assert not guess.opened


def test_a_question_with_choices_takes_its_choices_only(choice):
    for ask in (choice.commit, lambda value: choice.reveal(value, "")):
        with pytest.raises(CourseError, match="'four' is not one of the choices"):
            ask("four")


every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@every_notebook
def test_no_saved_notebook_shows_an_answer(path):
    saved = nbformat.read(path, 4).metadata.widgets["application/vnd.jupyter.widget-state+json"].state
    views = [model.state for model in saved.values() if "question" in model.state]
    assert views
    assert not [view.question for view in views if view.get("opened") or view.get("guess") is not None]


@every_notebook
def test_every_guess_of_a_notebook_is_answered_below_it(path):
    source = "\n".join(cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
    asked = re.findall(r"^(\w+) = Guess\(", source, re.M)
    assert asked
    for name in asked:
        assert source.index(f"{name} = Guess(") < source.index(f"\n{name}.reveal("), name
        # A cell that ended in the question would show no answer, and one that read it would find none.
        assert len(re.findall(rf"^{name}$", source, re.M)) == 1 and f"{name}.answer" not in source


def test_where_a_rising_curve_reaches_a_goal_is_known_as_far_as_intervals_tell():
    levels = [(0.1, 0.2), (0.7, 0.9), (0.8, 1.0), (0.96, 1.0)]
    assert first_reaching(levels, (0.86, 0.9)) == (1, 3)
    assert first_reaching(levels, (0.15, 0.16)) == (0, 1)
    assert first_reaching(levels, (2, 2)) == (3, 3)


def test_six_steps_are_as_good_a_guess_as_ten():
    """Of 24 prompts the painter meets 23 in 6 steps and 23 in 10; nobody can tell them apart."""
    fewest, most = measured.fewest_meeting(measured.curves()["steps"], 0.9)
    assert 3 < fewest <= 6 < 10 <= most < 60


def test_error_bars_say_between_which_numbers_of_steps_the_fewest_lies():
    marks = [Estimate(mean, 0.01, 4) for mean in (0.9, 0.42, 0.39, 0.3, 0.2)]
    curve = step_counts.StepCurve((1, 5, 10, 20, 60), tuple(marks), (), (), {})
    assert step_counts.fewest_within(curve, 2) == (5, 20)
    assert [mark.meets(marks[1]) for mark in marks] == [False, True, True, False, False]


def test_a_table_waits_with_its_verdict(guess):
    table = Table([("3 steps", "0.2<5"), ("60 steps", "0.03")], ("", "distance"))
    waiting = Verdict("Thirty do.", after=guess, table=table)
    assert "0.03" not in out(waiting)["text/plain"] and "0.03" not in folded(out(waiting)["text/html"])
    assert "<td>0.2&lt;5</td>" in out(waiting)["text/html"]  # behind the click
    shown = out(Verdict("Thirty do.", table=table))
    assert "60 steps  0.03" in shown["text/plain"] and "<td>0.2&lt;5</td>" in shown["text/html"]
    assert "<table" not in out(guess.reveal(355, "They cross at 355."))["text/html"]


def test_a_table_names_its_rows_and_columns_and_no_corner():
    shown = Table([("3 steps", "0.2")], ("", "distance")).html()
    assert '<tr><td></td><th scope="col">distance</th></tr>' in shown
    assert '<tr><th scope="row">3 steps</th><td>0.2</td></tr>' in shown
