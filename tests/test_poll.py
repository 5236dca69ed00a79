"""Polls of a class: counted or typed guesses, what is drawn of them, and the answer beside them."""

from __future__ import annotations

import re

import ipywidgets as widgets
import pytest
from panel_tools import all_widgets, check_shown, control, message, views_of

from course_utils import charts
from course_utils.panels import poll
from course_utils.runtime import CourseError
from course_utils.widgets import Drawing, Guess
from course_utils.widgets.palette import LIGHT


@pytest.fixture
def number():
    return Guess(question="At which t?", low=0, high=1000, tolerance=60)


@pytest.fixture
def choice():
    return Guess(question="Which?", choices=["one", "two", "three"])


def picture(panel):
    (view,) = views_of(panel, Drawing)
    return view.svg


@pytest.mark.parametrize(
    ("text", "guesses"),
    [
        ("", ()),
        ("350", (350,)),
        ("350 500  3x400", (350, 500, 400, 400, 400)),
        ("350,500; 2 x 0.5\n2×1 1*7", (350, 500, 0.5, 0.5, 1, 1, 7)),
        ("0x9", ()),
    ],
)
def test_guesses_are_typed_as_they_are_called_out(text, guesses):
    assert poll.numbers(text, 0, 1000) == guesses


@pytest.mark.parametrize("text", ["many", "350 1001", "-1", "nan", "inf", "3x", "x3", "2x2x2", "1e400"])
def test_what_is_no_guess_is_named_in_one_sentence(text):
    with pytest.raises(
        CourseError, match=r"is no guess between 0 and 1000: .* \(400 three times\)\.$"
    ) as caught:
        poll.numbers(text, 0, 1000)
    assert repr(text.split()[-1]) in str(caught.value)


def test_a_room_has_an_end():
    with pytest.raises(CourseError, match="501 guesses; 500"):
        poll.numbers("501x3", 0, 10)


def test_the_sentence_counts_guesses_and_then_matches():
    assert poll.sentence(()) == ""
    assert poll.sentence((300.0,)) == "1 guess, half of them 300 or less."
    votes = (300.0, 350.0, 500.0)
    assert poll.sentence(votes) == "3 guesses, half of them 350 or less."
    assert poll.sentence(votes, [(307, 427)]).endswith("1 of 3 matches.")
    assert poll.sentence(votes, [(307, 427), 500.0]).endswith("2 of 3 match.")
    assert poll.sentence(("one", "two", "two"), ["two"]) == "3 guesses; 2 of 3 match."


def test_dots_pile_up_where_guesses_agree():
    figure = charts.number_line([400.0] * 3 + [900.0], 0, 1000, answer=367, unit="steps")
    piles = [line for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    assert sorted((round(line.get_xdata()[0]), len(line.get_xdata())) for line in piles) == [
        (400, 3),
        (900, 1),
    ]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "one guess",
        "the answer: 367 steps",
    ]
    assert (
        len(charts.number_line([], 0, 1).legends[0].get_texts()) == 1
    )  # nobody has guessed, no answer is open


def test_however_many_agree_the_chart_stays_on_the_screen():
    heights = [charts.number_line([400.0] * count, 0, 1000).get_figheight() for count in (1, 15, 500)]
    assert heights[0] < heights[1] == heights[2]


def test_the_right_bar_is_told_by_a_mark_and_a_colour():
    axes = charts.tally({"one": 4, "two": 0}, ["two"]).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "✓ two"]
    assert [bar.get_width() for bar in axes.patches] == [4, 0]
    assert len({bar.get_facecolor() for bar in axes.patches}) == 2


@pytest.mark.long
def test_a_poll_shows_itself_and_leaves_a_still(number, choice):
    for guess in (number, choice):
        panel = poll.poll_panel(guess)
        check_shown(panel)
        assert panel.root.children[1].layout.display == "none"  # folded: whoever learns alone has the guess
        control(panel, "poll a class").value = True
        assert panel.root.children[1].layout.display is None


def test_typed_guesses_are_drawn_and_a_slip_loses_nothing(number):
    panel = poll.poll_panel(number)
    empty = picture(panel)
    control(panel, "guesses").value = "350 3x500"
    before = picture(panel)
    assert before != empty and "4 guesses" in message(panel)
    control(panel, "guesses").value = "350 3x500 6OO"
    assert "6OO" in message(panel) and picture(panel) == before
    assert control(panel, "guesses").value == "350 3x500 6OO"


def test_nothing_is_given_away_before_the_answer_is_shown(number):
    panel = poll.poll_panel(number)
    control(panel, "guesses").value = "350 500"
    reveal = number.reveal(367, "They cross.")
    # As a word: ids of widgets and drawings are made of random digits.
    assert not re.search(r"\b367\b", picture(panel) + message(panel) + str(views_of(panel, Drawing)[0].alt))
    assert not number.opened and not re.search(r"\b367\b", str(number.get_state()))
    control(panel, "show the answer").click()
    assert number.opened and reveal.opened  # the answer below opens, too
    assert LIGHT["good"] in picture(panel).lower() or "cu-good" in picture(panel)
    assert "1 of 2 matches" in message(panel)


def test_an_answer_that_has_not_been_computed_is_said_to_come(number):
    panel = poll.poll_panel(number)
    control(panel, "show the answer").click()
    assert "comes with its cell" in message(panel)
    number.reveal(367, "They cross.")
    assert "comes with its cell" not in message(panel) and "cu-good" in picture(panel)


def test_choices_are_counted(choice):
    panel = poll.poll_panel(choice)
    control(panel, "one").value, control(panel, "two").value = 12, 5
    choice.reveal("two", "Two.", also=["three"])
    choice.commit("one")  # opened at the question itself
    assert "5 of 17 match" in message(panel)
    assert control(panel, "show the answer").disabled


def test_reset_empties_the_poll(choice):
    panel = poll.poll_panel(choice)
    control(panel, "one").value = 12
    control(panel, "reset").click()
    fields = [w for w in all_widgets(panel.root) if isinstance(w, widgets.BoundedIntText)]
    assert [field.value for field in fields] == [0, 0, 0] and message(panel) == ""
