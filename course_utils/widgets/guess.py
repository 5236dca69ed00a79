"""Predict before you see: a learner commits to a guess, afterwards the answer stands beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, ClassVar

from ipywidgets import jsdlink, jslink
from traitlets import Any as AnyTrait
from traitlets import Bool, Dict, Float, List, Unicode, default, dlink, link, validate

from course_utils import logbook
from course_utils.languages import tr
from course_utils.runtime import CourseError
from course_utils.widgets.base import SharedView
from course_utils.widgets.reveal import Reveal

Answer = str | float


class Guess(SharedView):
    """A question with choices, or with a slider from `low` to `high` where there are none.

    `guess` is None until the learner commits. `opened` says that the answer may be seen: a guess was
    committed, or somebody pressed "show me". What the run computes goes into `reveal`, and every sentence
    that would give it away into `seal`; they open together, whether made before the guess or after it.
    The logbook keeps what was guessed: in another kernel the question opens as it was left. Asked once more
    in the same one, it asks anew.
    """

    _front = ("question", "guess")
    _asked: ClassVar[set[str]] = set()  # questions, in this kernel

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
    opened = Bool(False).tag(sync=True)
    # Stays in the kernel: in the browser the answer is sealed in its own view.
    found = Dict(help="What `reveal` was given last: `answer`, and what matches it, `best` and `also`.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        if self.question not in self._asked:
            self._asked.add(self.question)
            self._recall(logbook.current().entry("guesses", self.question))
        self.observe(self._keep, "opened")

    def _recall(self, kept: logbook.Entry) -> None:
        with suppress(CourseError):  # its choices may be others by now
            if "guess" in kept:
                earlier = None if kept["guess"] is None else self._valid(kept["guess"])
                with self.one_message():
                    self.guess, self.opened = earlier, True

    def _keep(self, _change: Any) -> None:
        if self.opened:
            logbook.current().write("guesses", self.question, guess=self.guess)

    @default("alt")
    def _default_alt(self) -> str:
        return self.question

    def in_words(self) -> str:
        """Return the question, and its choices or its range."""
        choices = (
            " · ".join(self.choices)
            or tr("{low:g} to {high:g}", low=self.low, high=self.high) + f" {self.unit}".rstrip()
        )
        return f"{self.question} ({choices})"

    def commit(self, guess: Answer) -> None:
        """Commit to a guess, as a click on its button does. Raises `CourseError` for what is none."""
        with self.one_message():
            self.guess, self.opened = self._valid(guess), True

    def reveal(self, answer: Answer, text: str, also: Iterable[Answer | tuple[float, float]] = ()) -> Reveal:
        """Return the answer that the run computed, to be shown once the learner has guessed.

        `text` is one sentence with its figure. `also` holds what the run cannot tell from the best answer:
        further answers, and for numbers also pairs (lowest, highest); such a guess is as good.
        Raises `CourseError` where an answer is not one of the choices, or not a number.
        """
        best = self._valid(answer)
        if isinstance(best, str):
            matching: list[Any] = [best]
        else:
            off = (self.high - self.low) / 10 if self.tolerance is None else self.tolerance
            matching = [(best - off, best + off)]
        good = [tuple(map(self._valid, one)) if isinstance(one, tuple) else self._valid(one) for one in also]
        self.found = {"answer": best, "best": matching, "also": good}
        return self._bind({**self.found, "text": text})

    def seal(
        self,
        text: str,
        alt: str = "",
        head: Sequence[str] = (),
        rows: Sequence[Sequence[str]] = (),
        drawn: Sequence[tuple[str, str]] = (),
        still: bytes = b"",
    ) -> Reveal:
        """Return one sentence that would give the answer away, to be shown with it; `alt` is its title.

        `rows`, each named by its first cell, make a table below it, under `head`; `drawn` are drawings, each
        in words and as SVG, and `still` the same ones as PNG.
        """
        table = [list(line) for line in (head, *rows)] if rows else []
        sealed = {"text": text, "table": table, "drawn": [list(one) for one in drawn]}
        full = {name: part for name, part in sealed.items() if part}
        return self._bind(full, still=still, **({"alt": alt} if alt else {}))

    def _bind(self, sealed: dict[str, Any], **more: Any) -> Reveal:
        """Make a view that opens with the guess, wherever either of the two is opened."""
        view = Reveal(question=self.question, unit=self.unit, sealed=sealed, **more)
        # Through the kernel, as on Colab every output is a page of its own.
        dlink((self, "guess"), (view, "guess"))
        link((self, "opened"), (view, "opened"))
        # In the browser as well, for a saved notebook that has no kernel.
        jsdlink((self, "guess"), (view, "guess"))
        jslink((self, "opened"), (view, "opened"))
        return view

    def _valid(self, value: Any) -> Answer:
        """Return a choice, or a number as float, or raise `CourseError`."""
        if self.choices:
            if value not in self.choices:
                raise CourseError(f"{value!r} is not one of the choices {self.choices}.")
            return str(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not math.isfinite(number):
            raise CourseError(f"The answer to a question about a number is a number, not {value!r}.")
        return number

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
