"""A challenge as a learner meets it: the task, how it stands, what the judge said, hints and solution."""

from __future__ import annotations

from typing import Any

from traitlets import Bool, Bytes, List, Unicode, default, validate

from course_utils.languages import tr
from course_utils.widgets.base import View, check_choice

STATES = ("not tried", "not yet", "reached")


class ChallengeCard(View):
    """Texts may hold `code` between backticks and *emphasis* between stars."""

    _front = ("prose", "challenge_card")

    name = Unicode("", help="The key of the challenge, by which others on the page find it.").tag(sync=True)
    title = Unicode("").tag(sync=True)
    task = Unicode("").tag(sync=True)
    state = Unicode("not tried", help="One of STATES.").tag(sync=True)
    said = Unicode("", help="What the judge said last, in one sentence.").tag(sync=True)
    record = Unicode("", help="The best score so far, beside the par.").tag(sync=True)
    hints = List(Unicode(), help="The hints that have been asked for.").tag(sync=True)
    solution = Unicode("", help="Code, once it may be seen.").tag(sync=True)
    picture = Bytes(b"", help="A PNG or JPEG that shows where an answer is right or wrong.").tag(sync=True)
    picture_alt = Unicode("").tag(sync=True)
    busy = Bool(False, help="The judge is at work.").tag(sync=True)

    @default("alt")
    def _default_alt(self) -> str:
        return tr("Challenge: {title}", title=self.title)

    def in_words(self) -> str:
        """Return title and task, for where no front end runs."""
        stop = "" if self.title.endswith("?") else "."
        return f"{tr('Challenge: {title}', title=self.title)}{stop} {self.task}"

    @validate("state")
    def _valid_state(self, proposal: Any) -> str:
        return check_choice(proposal["value"], STATES, "state of a challenge")
