"""A class guesses: the guesses of a room, counted or typed in, drawn, and then the answer beside them.

No network and no telephones: hands are counted, or numbers called out, and somebody types them.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from course_utils import charts, plots
from course_utils.languages import N_, tr
from course_utils.panels.base import LABEL, Panel, drawing, row
from course_utils.runtime import CourseError
from course_utils.widgets import Guess
from course_utils.widgets.guess import Answer

MOST = 500  # guesses of one room
BETWEEN = str.maketrans(",;", "  ")
SPACES = re.compile(r"\s*([x×*])\s*")
ONE = re.compile(r"(?:(\d{1,3})[x×*])?(\S+)")
HOW = N_("type what is called out, with spaces between: 350 500 3x400 (400 three times)")


def numbers(text: str, low: float, high: float) -> tuple[float, ...]:
    """The guesses in a text, each low..high: "350 500 3x400" are five. Raises `CourseError`."""
    found: list[float] = []
    for word in SPACES.sub(r"\1", text.translate(BETWEEN)).split():
        times, said = ONE.fullmatch(word).groups()  # type: ignore[union-attr]  # any word is one
        try:
            value = float(said)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise CourseError(
                tr(
                    "{word!r} is no guess between {low:g} and {high:g}: {how}.",
                    word=word,
                    low=low,
                    high=high,
                    how=tr(HOW),
                )
            )
        found += [value] * int(times or 1)
    if len(found) > MOST:
        raise CourseError(
            tr("These are {count} guesses; {most} at most fit into one poll.", count=len(found), most=MOST)
        )
    return tuple(found)


def matches(vote: Answer, answers: Iterable[Any]) -> bool:
    """Whether a guess is among answers, and pairs of the lowest and the highest."""
    return any(
        one[0] - 1e-9 <= vote <= one[1] + 1e-9
        if isinstance(one, tuple) and not isinstance(vote, str)
        else vote == one
        for one in answers
    )


def sentence(votes: Sequence[Answer], answers: Sequence[Any] = ()) -> str:
    """What the room said, and once `answers` are open how many of it were right."""
    if not votes:
        return ""
    count = len(votes)
    said = tr("1 guess") if count == 1 else tr("{count} guesses", count=count)
    values = [vote for vote in votes if not isinstance(vote, str)]
    if values:
        said += tr(", half of them {middle} or less", middle=f"{median(values):.4g}")
    if not answers:
        return f"{said}."
    right = sum(matches(vote, answers) for vote in votes)
    if right == 1:
        return tr("{said}; 1 of {count} matches.", said=said, count=count)
    return tr("{said}; {right} of {count} match.", said=said, right=right, count=count)


def figure(guess: Guess, votes: Sequence[Answer]) -> Figure:
    """The votes on a question: bars or a number line; the answer stands in it once the question is open."""
    found = guess.found if guess.opened else {}
    if guess.choices:
        count = Counter(votes)
        right = [one for one in guess.choices if matches(one, _answers(found))]
        return charts.tally({one: count[one] for one in guess.choices}, right, guess.question)
    values = [vote for vote in votes if not isinstance(vote, str)]
    return charts.number_line(
        values, guess.low, guess.high, guess.unit, found.get("answer"), title=guess.question
    )


def _answers(found: dict[str, Any]) -> list[Any]:
    return [*found.get("best", ()), *found.get("also", ())]


def poll_panel(guess: Guess) -> Panel:
    """The poll of a class on a question, folded until somebody asks for it.

    Guesses are counted, one field a choice, or typed as numbers. *Show the answer* opens the question, and
    so its answer below; opened there, it is open here.
    """
    fields = [_count_field(choice) for choice in guess.choices] or [_number_field()]
    unfold = widgets.ToggleButton(value=False, description=tr("poll a class"), layout={"width": "auto"})
    answer = widgets.Button(description=tr("show the answer"), layout={"width": "auto"})

    def votes() -> tuple[Answer, ...]:
        if guess.choices:
            return tuple(
                choice
                for choice, field in zip(guess.choices, fields, strict=True)
                for _ in range(field.value)
            )
        return numbers(fields[0].value, guess.low, guess.high)

    said_of = tr("The guesses of the room: {question}", question=guess.question)
    view = drawing(figure(guess, ()), said_of)
    body = widgets.VBox([row(*fields, answer), view])

    def draw() -> str:
        body.layout.display = None if unfold.value else "none"
        found = votes()
        view.svg = plots.svg(figure(guess, found))
        said = sentence(found, _answers(guess.found) if guess.opened else ())
        view.alt = f"{said_of} {said}".strip()
        answer.disabled = guess.opened
        if guess.opened and not guess.found:
            waits = tr("The answer comes with its cell, further down: run it.")
            return f"{said} {waits}".strip()
        return said

    panel = Panel([row(unfold), body], view.alt, lambda: plots.png(figure(guess, votes())))
    panel.repaint_on(draw, unfold, *fields, also=[(guess, "opened"), (guess, "found")])
    answer.on_click(lambda _button: setattr(guess, "opened", True))
    return panel


def _count_field(choice: str) -> widgets.BoundedIntText:
    """How many chose this."""
    return widgets.BoundedIntText(
        value=0, min=0, max=MOST, description=choice, style=LABEL, layout={"width": "auto"}
    )


def _number_field() -> widgets.Text:
    """The guesses, as numbers."""
    return widgets.Text(
        description=tr("guesses"),
        placeholder=tr(HOW),
        continuous_update=False,
        style=LABEL,
        layout={"width": "640px"},
    )
