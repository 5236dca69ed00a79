"""What a learner of a translated notebook meets: every text was looked up, and is said in the language."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import ipywidgets
import pytest
import torch
from panel_tools import all_widgets, control
from test_challenges import WRONG

from course_utils import glossary, languages, logbook, plots
from course_utils.challenges import challenge_panel, closing_panel, opening_panel, path
from course_utils.challenges.catalogue import BY_NOTEBOOK, CHALLENGES
from course_utils.panels import poll
from course_utils.panels.base import Verdict
from course_utils.panels.forward import drowning, small_room
from course_utils.pictures import decode_upload, load
from course_utils.runtime import CourseError
from course_utils.schedules import add_noise, clean_from_noise, schedule
from course_utils.widgets import ChallengeCard, Guess, Upload

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = "01_forward_process"


# --- a language in which every text is marked: what is not marked was never looked up -----------------------


class Marking(gettext.NullTranslations):
    def gettext(self, message):
        return f"⟦{message}⟧"


@pytest.fixture
def marked(monkeypatch, tmp_path):
    """The package speaks a language that puts every text in brackets."""
    monkeypatch.setenv(languages.SWITCH, "marked")
    monkeypatch.setattr(languages, "_catalogue", lambda _code: Marking())
    monkeypatch.setenv(logbook.SWITCH, str(tmp_path))


TRAITS = (
    *("description", "tooltip", "placeholder", "alt", "title", "labels", "captions", "question", "badge"),
    *("x_label", "y_label", "schedule_name", "picture_name", "task", "said", "record", "hints", "note"),
)
NO_WORD = {"eps", "learned", "dB", "par", "lt", "gt", "amp"}  # names of code; badges, which the view says


def shown_by(widget):
    """Every text that a widget shows."""
    for name in TRAITS:
        value = getattr(widget, name, None) or ""
        yield from [value] if isinstance(value, str) else map(str, value)
    yield from (str(curve["name"]) for curve in getattr(widget, "series", ()))
    yield from (str(label) for label in getattr(widget, "_options_labels", ()))
    if isinstance(widget, ipywidgets.HTML):
        yield re.sub(r"<[^>]*>", " ", widget.value)


def unmarked(text):
    """What of a text stands in no brackets, as far as it is a word."""
    while "⟦" in text:
        text, before = re.sub(r"⟦[^⟦⟧]*⟧", " ", text), text
        if text == before:
            break
    return [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NO_WORD]


PANELS = {
    "drown": drowning.drown_panel,
    "schedule": drowning.schedule_panel,
    "pairs": lambda: drowning.pairs_panel(drowning.training_pairs(load("cat", 32))),
    "two ways": lambda: drowning.two_ways_panel(drowning.two_ways(load("cat", 32))),
    "round trip": small_room.round_trip_panel,
    "drowning latents": small_room.drowning_panel,
    "opening": lambda: opening_panel(NOTEBOOK),
    "closing": lambda: closing_panel(NOTEBOOK),
}


@pytest.mark.parametrize("name", PANELS)
def test_whatever_a_panel_of_the_notebook_shows_was_looked_up(name, marked, painter, monkeypatch):
    monkeypatch.setattr(small_room.page_painting, "painter", lambda: painter)
    panel = PANELS[name]()
    missed = {text for one in all_widgets(panel.root) for text in shown_by(one) if unmarked(text)}
    assert missed == set() and not unmarked(panel.alt)


@pytest.mark.parametrize("task", BY_NOTEBOOK[NOTEBOOK], ids=lambda task: task.name)
def test_whatever_a_challenge_shows_was_looked_up(task, marked):
    panel = challenge_panel(task.name, lambda: ...)
    panel.check()
    for _ in range(4):
        panel.hint()
    panel.solve()
    card = panel.card
    assert "⟦" in card.said and len(card.hints) == 3
    missed = {text for one in all_widgets(panel.root) for text in shown_by(one) if unmarked(text)}
    assert missed == set()


MINE = [one.name for one in BY_NOTEBOOK[NOTEBOOK]]


@pytest.mark.parametrize(
    ("name", "which"), [(name, which) for name in MINE for which in range(len(WRONG[name]))]
)
def test_whatever_a_judge_says_was_looked_up(name, which, marked):
    _kind, answer = WRONG[name][which]
    outcome = CHALLENGES[name].check(lambda: answer)
    assert outcome.sentence[0] == "⟦" and outcome.sentence[-1] == "⟧", outcome.sentence


@pytest.mark.parametrize("name", MINE)
def test_praise_is_looked_up(name, marked):
    names = {"torch": torch, "schedule": schedule}
    exec(CHALLENGES[name].stub + "\n" + CHALLENGES[name].solution, names)
    outcome = CHALLENGES[name].check(lambda: names[CHALLENGES[name].answer])
    assert outcome.reached and outcome.sentence[0] == "⟦", outcome.sentence


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: decode_upload(b"", "a.png"),
        lambda: decode_upload(b"%PDF-1.4", "a.pdf"),
        lambda: decode_upload(b"II*\0", "a.tif"),
        lambda: decode_upload(b"words", "a.txt"),
        lambda: decode_upload(b"\x89PNG\r\n\x1a\n", "a.png"),
        lambda: load("dog"),
        lambda: schedule("quadratic"),
        lambda: add_noise(0.0, 0.0, 1001, schedule()),
        lambda: clean_from_noise(0.0, 0.0, 1000, schedule("straight path")),
        lambda: Upload()._checked(None, []),
    ],
)
def test_a_mistake_is_told_in_the_language(mistake, marked):
    with pytest.raises(CourseError, match=r"^⟦.*⟧$"):
        mistake()


def test_scripts_of_views_bring_their_words_along(marked):
    for kind in (Guess, ChallengeCard, Upload):
        assert "⟦" in kind()._esm.partition("\n")[0] and "⟦This panel is not connected" in kind()._css


# --- in German ----------------------------------------------------------------------------------------------


@pytest.fixture
def german(monkeypatch, tmp_path):
    monkeypatch.setenv(languages.SWITCH, "de_DE.UTF-8")
    monkeypatch.setenv(logbook.SWITCH, str(tmp_path))


def test_a_panel_speaks_german(german):
    panel = drowning.drown_panel()
    assert control(panel, "zurücksetzen") and control(panel, "Rauschplan").value == "scaled-linear"
    control(panel, "Bild").value = "page"  # the name in code
    assert repr(Verdict("So.")) == "Gemessen: So." and glossary.define("learned").startswith("Ein Abzeichen")


def test_a_poll_counts_in_german(german):
    assert (
        poll.sentence((300.0, 350.0), [(307, 427)])
        == "2 Tipps, die Hälfte davon 325 oder weniger; 1 von 2 trifft zu."
    )
    guess = Guess(question="?", low=0, high=9)
    assert ">ein Tipp<" in plots.svg(poll.figure(guess, (3.0,)))


def test_a_guess_made_in_german_counts_in_english(german, monkeypatch):
    asked = next(stop for stop in path.stops(NOTEBOOK) if stop.kind == "guess")
    guess = Guess(question=languages.tr(asked.key), low=0, high=1000)
    guess.commit(355)
    assert guess.question != asked.key
    monkeypatch.delenv(languages.SWITCH)
    assert asked.state(logbook.current()) == "reached"
    onward = opening_panel(NOTEBOOK).strip.onward
    assert onward["key"] != asked.key


def test_an_answer_given_in_german_is_right_in_english(german, monkeypatch):
    opening_panel(NOTEBOOK).asking.answer("all the noise in it")
    shown = opening_panel(NOTEBOOK)
    pressed = [one for one in all_widgets(shown.root) if getattr(one, "button_style", "") == "primary"]
    assert [one.description for one in pressed] == ["das ganze Rauschen darin"]


def test_links_between_notebooks_lead_from_where_the_notebook_stands(monkeypatch):
    for folder, code, file in (
        ("notebooks", "", "01_forward_process.ipynb"),
        ("notebooks", "de", "de/01_forward_process.ipynb"),
        ("notebooks/de", "de", "01_forward_process.ipynb"),
        ("tests", "de", "01_forward_process.ipynb"),
    ):
        monkeypatch.setenv(languages.SWITCH, code)
        monkeypatch.chdir(ROOT / folder)
        assert path.link(NOTEBOOK) == file
    monkeypatch.chdir(ROOT / "notebooks" / "de")
    assert path.link("02_reverse_process") == "../02_reverse_process.ipynb"


def test_a_language_that_is_not_there_is_said_once_and_english_goes_on(monkeypatch, capsys):
    monkeypatch.setenv(languages.SWITCH, "klingon")
    languages.forget()
    assert languages.tr("the noise") == languages.tr("{a}", a="the noise") == "the noise"
    (said,) = capsys.readouterr().err.splitlines()
    assert said == (
        "The course does not speak 'klingon', and goes on in English: set COURSE_LANGUAGE to one of en, de."
    )
