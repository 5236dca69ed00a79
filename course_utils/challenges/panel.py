"""A challenge below its cell: check, hint, solution, how it stands, and the best score so far."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from course_utils import logbook
from course_utils.challenges.catalogue import challenge
from course_utils.challenges.engine import Challenge, Outcome
from course_utils.languages import N_, tr
from course_utils.panels.base import Panel, row
from course_utils.widgets import ChallengeCard

HINTS_FOR_SOLUTION = 2
SECTION = "challenges"


def challenge_panel(name: str, reference: Callable[[], Any]) -> ChallengePanel:
    """The challenge called `name`; `reference` gives the learner's answer of the cell above, as it is now.

    Raises `CourseError` for a name that is none. A lambda for `reference` lets *check* use the newest
    definition: `challenge_panel("add_noise", lambda: my_add_noise)`.
    """
    return ChallengePanel(challenge(name), reference)


class ChallengePanel(Panel):
    """Three buttons and a card; `check`, `hint` and `solve` do what a click on them does."""

    def __init__(self, task: Challenge, reference: Callable[[], Any]) -> None:
        self.task, self._reference = task, reference
        self._book = logbook.current()
        self._hints = [tr(hint) for hint in task.hints]
        self.card = ChallengeCard(name=task.name, title=tr(task.title), task=tr(task.task))
        self._buttons = {
            what: widgets.Button(description=tr(what), tooltip=tr(tooltip), layout={"width": "auto"})
            for what, tooltip in (
                (N_("check"), N_("judge the answer in the cell above")),
                (N_("hint"), N_("show one more hint")),
                (N_("solution"), N_("opens after one try, or two hints")),
            )
        }
        self._buttons["check"].button_style = "primary"
        for button, pressed in zip(self._buttons.values(), (self.check, self.hint, self.solve), strict=True):
            button.on_click(lambda _button, pressed=pressed: pressed())
        super().__init__([self.card, row(*self._buttons.values())], self.card.alt, bytes)
        self._show()

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The live panel, and for where no kernel runs the task, with hints and solution folded away."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.root.model_id}
        hints = "".join(f"<li>{html.escape(hint)}</li>" for hint in self._hints)
        folded = (
            f"<details><summary>{tr('Hints')}</summary><ol>{hints}</ol></details>"
            f"<details><summary>{tr('One solution')}</summary><pre>{html.escape(self.task.solution)}</pre>"
            "</details>"
        )
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "text/plain": self.card.in_words(),
            "text/html": self.card.in_html() + folded,
        }, {}

    @property
    def _kept(self) -> logbook.Entry:
        return self._book.entry(SECTION, self.task.name)

    def check(self) -> Outcome | None:
        """Judge the answer as it is now; None where that was interrupted."""
        self.card.busy = True
        try:
            outcome = self.task.check(self._reference)
        except KeyboardInterrupt:
            self.card.said = tr("The check was interrupted. Nothing is lost: press check to try again.")
            return None
        finally:
            self.card.busy = False
        if outcome.attempted:
            self._keep(outcome)
        with self.card.one_message():
            self.card.said = outcome.sentence
            self.card.picture = outcome.picture.image if outcome.picture else b""
            self.card.picture_alt = outcome.picture.alt if outcome.picture else ""
            self._show()
        return outcome

    def hint(self) -> None:
        """Show one hint more; after the last one say so."""
        shown = min(self._kept.get("hints", 0), len(self.task.hints))
        if shown == len(self.task.hints):
            self.card.said = tr("There are no more hints; the next button along shows a solution.")
            return
        self._write(hints=shown + 1)
        self._show()

    def solve(self) -> None:
        """Show one solution, to those who have tried or have read two hints."""
        if not self._kept.get("tries", 0) and self._kept.get("hints", 0) < HINTS_FOR_SOLUTION:
            self.card.said = tr("Try once first, or read two hints: then the solution opens here.")
            return
        self._write(solution=True)
        self._show()

    def _keep(self, outcome: Outcome) -> None:
        kept = self._kept
        fields: dict[str, Any] = {"tries": kept.get("tries", 0) + 1}
        fields["state"] = "reached" if outcome.reached or kept.get("state") == "reached" else "not yet"
        if outcome.reached:
            best = self.task.best(kept.get("best"), outcome.score)
            fields |= {"best": best} if best is not None else {}
        self._write(**fields)

    def _write(self, **fields: Any) -> None:
        self._book.write(SECTION, self.task.name, **fields)

    def _show(self) -> None:
        """Bring card and buttons to what the logbook knows."""
        kept = self._kept
        hints = min(kept.get("hints", 0), len(self.task.hints))
        self.card.state = kept.get("state", "not tried")
        self.card.hints = self._hints[:hints]
        self.card.solution = self.task.solution if kept.get("solution") else ""
        self.card.record = self._record(kept.get("best"))
        self._buttons["hint"].description = tr("hint ({left} left)", left=len(self._hints) - hints)

    def _record(self, best: float | None) -> str:
        """The best score so far beside the par, in words."""
        par = self.task.par
        if par is None:
            return ""
        aim = tr("Par: {par}; the lower, the better.", par=par.told(par.value))
        if best is None:
            return aim
        verdict = tr("under par") if best < par.value else tr("par") if best == par.value else tr("over par")
        return f"{tr('Your best so far: {best}, {verdict}.', best=par.told(best), verdict=verdict)} {aim}"
