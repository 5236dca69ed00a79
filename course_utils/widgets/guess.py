"""Predict before you see: a learner commits to a guess, afterwards the answer stands beside it."""

from __future__ import annotations

from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Float, List, Unicode, default, validate

from course_utils.runtime import CourseError
from course_utils.widgets.base import View


class Guess(View):
    """A question with choices, or with a slider from `low` to `high` where there are none.

    `guess` is None until the learner has committed. The notebook calls `reveal` with what its run computed;
    without a guess the answer shows all the same.
    """

    _front = ("guess",)

    question = Unicode("").tag(sync=True)
    choices = List(Unicode(), help="The possible answers; empty: a number is asked.").tag(sync=True)
    low = Float(0.0).tag(sync=True)
    high = Float(100.0).tag(sync=True)
    step = Float(1.0).tag(sync=True)
    unit = Unicode("").tag(sync=True)
    tolerance = Float(
        None, allow_none=True, help="How far a number may be off and match; None: a tenth of the range."
    ).tag(sync=True)
    guess = AnyTrait(None, help="The choice or the number committed to; None at first.").tag(sync=True)
    committed = Bool(False).tag(sync=True)
    answer = AnyTrait(None, help="A choice or a number; None until revealed.").tag(sync=True)
    answer_text = Unicode("", help="One sentence that holds the computed figure.").tag(sync=True)

    @default("alt")
    def _default_alt(self) -> str:
        return self.question

    def in_words(self) -> str:
        """Return the question, and its choices or its range."""
        choices = " · ".join(self.choices) or f"{self.low:g} to {self.high:g} {self.unit}".strip()
        return f"{self.question} ({choices})"

    def reveal(self, answer: str | float, text: str) -> None:
        """Show the answer that the run computed, and one sentence `text` with its figure."""
        with self.one_message():
            self.answer, self.answer_text = answer, text

    @validate("answer")
    def _valid_answer(self, proposal: Any) -> str | float | None:
        value = proposal["value"]
        if value is None:
            return None
        if self.choices:
            if value not in self.choices:
                raise CourseError(f"The answer {value!r} is none of the choices {self.choices}.")
            return str(value)
        try:
            return float(value)
        except (TypeError, ValueError):
            raise CourseError(
                f"The answer to a question about a number is a number, not {value!r}."
            ) from None

    @validate("high")
    def _valid_high(self, proposal: Any) -> float:
        if not self.low < proposal["value"]:
            raise CourseError(f"The highest guess must lie above the lowest, {self.low}.")
        return proposal["value"]

    @validate("step")
    def _valid_step(self, proposal: Any) -> float:
        if not proposal["value"] > 0:
            raise CourseError("The slider of a guess needs a step above 0.")
        return proposal["value"]
