"""The panels around challenges: check, hint, solution and score; the strip, its question, and export."""

from __future__ import annotations

import csv
import io
import re

import nbformat
import pytest
from panel_tools import all_widgets, control

from course_utils import logbook
from course_utils.challenges import (
    challenge_panel,
    closing_panel,
    lineup_panel,
    opening_panel,
    path,
    report,
    strip,
)
from course_utils.challenges.catalogue import BY_NOTEBOOK, CHALLENGES
from course_utils.challenges.engine import Challenge, Outcome, Par
from course_utils.challenges.panel import ChallengePanel
from course_utils.challenges.questions import QUESTIONS
from course_utils.runtime import CourseError
from course_utils.widgets import ChallengeCard, Guess, PathStrip

RIGHT = {"loss": lambda g, e: ((g - e) ** 2).mean()}


@pytest.fixture(autouse=True)
def book(tmp_path, monkeypatch):
    """A learner's own file of progress."""
    monkeypatch.setenv(logbook.SWITCH, str(tmp_path / "mine"))
    monkeypatch.chdir(tmp_path)
    return logbook.current()


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Two notebooks of a guess and two challenges."""
    cells = [
        nbformat.v4.new_markdown_cell("## The loss\nWords."),
        nbformat.v4.new_code_cell("guess = Guess(question='How many?', low=0, high=9)\nguess"),
        nbformat.v4.new_markdown_cell("## Challenges"),
        nbformat.v4.new_code_cell('challenge_panel("loss", lambda: my_loss)'),
        nbformat.v4.new_code_cell("a learner is ( in the middle of a line"),
        nbformat.v4.new_code_cell('challenge_panel("spot", lambda: my_suspects)'),
    ]
    for name in ("01_forward_process", "02_reverse_process"):
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    monkeypatch.setattr(path, "FOLDER", tmp_path)


def press(panel, label):
    control(panel, label).click()


def test_check_uses_the_newest_definition():
    answers = {}
    panel = challenge_panel("loss", lambda: answers["mine"])
    answers["mine"] = lambda g, e: None
    press(panel, "check")
    assert (panel.card.state, "return" in panel.card.said) == ("not yet", True)
    answers["mine"] = RIGHT["loss"]
    press(panel, "check")
    assert panel.card.state == "reached" and not panel.card.busy


def test_a_cell_not_run_and_a_stub_are_no_attempts(book):
    panel = challenge_panel("loss", lambda: my_loss)  # noqa: F821
    press(panel, "check")
    assert panel.card.said.startswith("There is no my_loss yet") and panel.card.state == "not tried"
    panel = challenge_panel("loss", lambda: lambda g, e: ...)
    press(panel, "check")
    assert "three dots" in panel.card.said and panel.card.state == "not tried"
    assert book.entries("challenges") == {}


def test_hints_come_one_by_one_and_the_solution_after_two():
    panel = challenge_panel("loss", lambda: ...)
    press(panel, "solution")
    assert panel.card.solution == "" and "read two hints" in panel.card.said
    for count in (1, 2, 3):
        press(panel, f"hint ({4 - count} left)")
        assert panel.card.hints == list(CHALLENGES["loss"].hints[:count])
    press(panel, "hint (0 left)")
    assert "no more hints" in panel.card.said
    press(panel, "solution")
    assert panel.card.solution == CHALLENGES["loss"].solution


def test_the_solution_opens_after_a_real_attempt():
    panel = challenge_panel("loss", lambda: lambda g, e: 3.0)
    press(panel, "check")
    press(panel, "solution")
    assert panel.card.solution and panel.card.state == "not yet"


def test_an_unknown_mistake_is_shown_and_the_picture_goes_with_the_next_answer():
    answers = [RIGHT["loss"], lambda g, e: (g - e).abs().max() + 3]
    panel = challenge_panel("loss", lambda: answers.pop())
    press(panel, "check")
    assert panel.card.picture.startswith(b"\x89PNG") and panel.card.picture_alt
    press(panel, "check")
    assert panel.card.picture == b"" and panel.card.state == "reached"


def test_progress_is_there_in_the_next_kernel(book):
    panel = challenge_panel("loss", lambda: RIGHT["loss"])
    press(panel, "hint (3 left)")
    press(panel, "check")
    again = ChallengePanel(CHALLENGES["loss"], lambda: ...)
    assert (again.card.state, len(again.card.hints)) == ("reached", 1)
    press(challenge_panel("loss", lambda: lambda g, e: None), "check")
    assert book.entry("challenges", "loss")["state"] == "reached"  # once reached, it stays
    assert book.entry("challenges", "loss")["tries"] == 2


def test_the_best_score_stands_beside_the_par():
    scores = [5.0, 2.0, 3.0]
    golf = Challenge(
        "golf", "Golf", "Play.", "my_golf", "my_golf = ...", ("a", "b", "c"), "my_golf = 1",
        lambda _: Outcome(True, "In.", score=scores.pop()), Par(3, "strokes"),
    )  # fmt: skip
    panel = ChallengePanel(golf, lambda: 1)
    assert panel.card.record == "Par: 3 strokes; the lower, the better."
    for best in ("3 strokes, par.", "2 strokes, under par.", "2 strokes, under par."):
        press(panel, "check")
        assert panel.card.record.startswith(f"Your best so far: {best}")


def test_an_interrupt_loses_nothing():
    def stopped(_g, _e):
        raise KeyboardInterrupt

    panel = challenge_panel("loss", lambda: stopped)
    assert panel.check() is None and "interrupted" in panel.card.said and not panel.card.busy


def test_the_card_is_busy_while_the_judge_works():
    seen = []

    def mine(guess, noise):
        seen.append(panel.card.busy)
        return ((guess - noise) ** 2).mean()

    panel = challenge_panel("loss", lambda: mine)
    panel.check()
    assert set(seen) == {True} and not panel.card.busy


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_page_without_a_kernel_has_task_hints_and_solution(name):
    data, _ = challenge_panel(name, lambda: ...)._repr_mimebundle_()
    title = CHALLENGES[name].title
    assert (
        data["text/plain"] == f"Challenge: {title}{'' if title[-1] == '?' else '.'} {CHALLENGES[name].task}"
    )
    folded = re.sub(r"(<details>.*?</summary>).*?(</details>)", r"\1\2", data["text/html"], flags=re.S)
    assert data["text/html"].count("<li>") == 3 and "<li>" not in folded and "<pre>" not in folded
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]


def test_a_challenge_nobody_made_is_refused():
    with pytest.raises(CourseError, match=r"no challenge 'lose'; there are crossing,"):
        challenge_panel("lose", lambda: 1)
    with pytest.raises(CourseError, match="no notebook '6'"):
        opening_panel("6")


@pytest.mark.long
def test_the_line_up_does_not_give_itself_away():
    panel = lineup_panel()
    shown = [getattr(one, name, "") for one in all_widgets(panel.root) for name in ("alt", "title", "badge")]
    words = repr(panel) + "".join(map(str, shown))
    assert not re.search("replay|learned|exact", words)
    control(panel, "static").value = 8
    control(panel, "case").value = "2"
    assert panel._still().startswith(b"\x89PNG")


# --- the strip ------------------------------------------------------------------------------------


def onward(panel):
    return panel.strip.onward


def test_the_strip_leads_from_stop_to_stop(course, book):
    panel = opening_panel("01_forward_process")
    assert [one["total"] for one in panel.strip.notebooks] == [3, 3, 0, 0, 0]
    first = onward(panel)
    assert (first["kind"], first["key"], first["section"]) == ("guess", "How many?", "The loss")
    Guess(question="How many?", low=0, high=9).commit(3)
    assert onward(panel)["key"] == "loss" and onward(panel)["section"] == "Challenges"  # without another run
    press(challenge_panel("loss", lambda: RIGHT["loss"]), "check")
    assert onward(panel)["key"] == "spot" and panel.strip.notebooks[0]["done"] == 2
    press(challenge_panel("spot", lambda: "cba"), "check")
    assert onward(panel) == {}  # both notebooks hold the same
    assert [one["here"] for one in panel.strip.notebooks] == [True, False, False, False, False]


def test_a_notebook_that_is_done_leads_to_the_next_that_is_not(course, book, monkeypatch):
    real = path.stops
    monkeypatch.setattr(strip, "stops", lambda name: real(name) if name.startswith("02") else ())
    led = onward(opening_panel("01_forward_process"))
    assert led == {"words": "2 · Reverse process", "file": "02_reverse_process.ipynb"}


def test_a_missing_or_torn_notebook_has_no_stops(course, tmp_path):
    (tmp_path / "02_reverse_process.ipynb").write_text("{")
    assert path.stops("02_reverse_process") == path.stops("05_guidance") == ()


def test_what_is_printed_is_the_same_for_everybody(course, book):
    before = opening_panel("01_forward_process")._repr_mimebundle_()[0]
    Guess(question="How many?", low=0, high=9).commit(3)
    after = opening_panel("01_forward_process")._repr_mimebundle_()[0]
    for kind in ("text/plain", "text/html"):
        assert before[kind] == after[kind]
    assert '<a href="02_reverse_process.ipynb">2 · Reverse process</a>' in after["text/html"]


def test_the_same_question_before_and_after_shows_what_changed(book):
    question = QUESTIONS["05_guidance"]
    wrong = question.choices[0]
    head, tail = opening_panel("05_guidance"), closing_panel("05_guidance")
    press(head, wrong)
    assert "waits at the end" in head.asking._outcome.value and question.why not in head.asking._outcome.value
    assert all(button.disabled for button in head.asking._buttons.values())
    press(tail, question.right)
    said = tail.asking._outcome.value
    assert f"Before you said “{wrong}”, not so; now “{question.right}”, right." in said
    assert question.why in said
    assert book.entry("questions", "05_guidance")["before"] == wrong
    head.asking.answer(question.right)  # the first answer counts
    assert book.entry("questions", "05_guidance")["before"] == wrong


@pytest.mark.parametrize("notebook", QUESTIONS)
def test_every_question_has_one_right_choice(notebook, book):
    question = QUESTIONS[notebook]
    assert question.right in question.choices and len(set(question.choices)) == 3
    panel = closing_panel(notebook)
    press(panel, question.choices[0])
    assert question.why in panel.asking._outcome.value
    assert ("The answer is" in panel.asking._outcome.value) == (question.choices[0] != question.right)


def test_export_is_one_file_without_a_name_unless_typed(course, book, tmp_path):
    press(challenge_panel("loss", lambda: RIGHT["loss"]), "check")
    Guess(question="How many?", low=0, high=9).commit(3)
    panel = closing_panel("01_forward_process")
    press(panel, "write my progress to a file")
    written = tmp_path / strip.EXPORT
    rows = list(csv.DictReader(io.StringIO(written.read_text(encoding="utf-8-sig"))))
    assert {row["name"] for row in rows} == {""} and "without a name" in panel.desk._said.value
    (loss,) = [row for row in rows if row["what"] == CHALLENGES["loss"].title and row["notebook"][0] == "1"]
    assert (loss["state"], loss["tries"], loss["hints"]) == ("reached", "1", "")
    (guess,) = [row for row in rows if row["kind"] == "guess" and row["notebook"][0] == "1"]
    assert (guess["answer"], guess["state"]) == ("3.0", "reached")
    control(panel, "your name, if you like").value = "=Ada"
    press(panel, "write my progress to a file")
    assert "'=Ada," in written.read_text(encoding="utf-8-sig")  # no formula


def test_forgetting_is_asked_twice(book):
    press(challenge_panel("loss", lambda: RIGHT["loss"]), "check")
    panel = closing_panel("01_forward_process")
    press(panel, "forget my progress")
    assert book.entries("challenges") and "press once more" in panel.desk._said.value
    press(panel, "really forget it all")
    assert not book.entries("challenges") and challenge_panel("loss", lambda: ...).card.state == "not tried"


def test_views_say_what_they_are():
    card = ChallengeCard(title="A <b>", task="Write `x`.")
    assert card.in_html() == "<p>Challenge: A &lt;b&gt;. Write `x`.</p>"
    with pytest.raises(CourseError, match="state of a challenge"):
        card.state = "won"
    assert "The way through the course" in PathStrip(notebooks=[{"title": "1", "file": "a.ipynb"}]).in_words()


def test_a_table_for_a_teacher_has_a_line_for_everything(book):
    kinds = [line["kind"] for line in report.lines(book)]
    assert kinds.count("question before") == kinds.count("question after") == len(BY_NOTEBOOK)
