"""The question before and after a notebook, as controls: answered once each time, compared at the end."""

from __future__ import annotations

import html

import ipywidgets as widgets

from course_utils.challenges.questions import QUESTIONS, Question
from course_utils.languages import tr
from course_utils.logbook import Logbook
from course_utils.panels.base import row

SECTION = "questions"


class Asking:
    """One asking of a notebook's question: `when` is "before" or "after"; `answer` does what a click does.

    Answers are kept as the table of questions words them, in whatever language they were given.
    """

    def __init__(self, notebook: str, when: str, book: Logbook) -> None:
        self.question: Question = QUESTIONS[notebook]
        self._notebook, self._when, self._book = notebook, when, book
        self._text, self._outcome = widgets.HTML(), widgets.HTML()
        self._buttons = {choice: widgets.Button(description=tr(choice)) for choice in self.question.choices}
        for choice, button in self._buttons.items():
            button.on_click(lambda _pressed, choice=choice: self.answer(choice))
        choices = row(*self._buttons.values())
        choices.add_class("cu-ask")
        self.rows = [self._text, choices, self._outcome]
        self.show()

    def answer(self, choice: str) -> None:
        """Keep an answer; the first one counts."""
        if self._when not in self._kept:
            self._book.write(SECTION, self._notebook, **{self._when: choice})
        self.show()

    @property
    def _kept(self) -> dict[str, str]:
        entry = self._book.entry(SECTION, self._notebook)
        return {when: entry[when] for when in ("before", "after") if entry.get(when) in self.question.choices}

    def show(self) -> None:
        """Bring the controls to what the logbook knows."""
        kept, now = (
            self._kept,
            tr("Before you begin") if self._when == "before" else tr("Once more, now that you have seen it"),
        )
        mine = kept.get(self._when)
        self._text.value = f"<p><b>{now}:</b> {html.escape(tr(self.question.text))}</p>"
        for choice, button in self._buttons.items():
            button.disabled = mine is not None
            button.button_style = "primary" if choice == mine else ""
        said = self._said(kept) if mine is not None else ""
        self._outcome.value = f'<p class="cu-message" role="status">{html.escape(said)}</p>' if said else ""

    def _said(self, kept: dict[str, str]) -> str:
        if self._when == "before":
            return tr("Noted. The same question waits at the end of this notebook.")
        before, after = kept.get("before"), kept["after"]
        right = self.question.right
        words = {choice: tr("right") if choice == right else tr("not so") for choice in self.question.choices}
        if before is None:
            change = tr("Right.") if after == right else tr("That is not right.")
        elif before == after:
            change = tr("You said the same before; it is {judged}.", judged=words[after])
        else:
            change = tr(
                "Before you said “{before}”, {then}; now “{after}”, {now}.",
                before=tr(before),
                then=words[before],
                after=tr(after),
                now=words[after],
            )
        answer = "" if after == right else f" {tr('The answer is: {answer}.', answer=tr(right))}"
        return f"{change}{answer} {tr(self.question.why)}"
