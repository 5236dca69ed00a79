"""The honest label of an instrument: a shape, a word, and one short explanation."""

from __future__ import annotations

from typing import Any

from traitlets import Unicode, validate

from course_utils.widgets import palette
from course_utils.widgets.base import View, check_choice


class Badge(View):
    """`learned`, `exact`, `replay` or `recorded`, as the glossary defines them."""

    _front = ("badge",)

    kind = Unicode("exact", help="One of `palette.BADGES`.").tag(sync=True)
    note = Unicode("", help="One short explanation.").tag(sync=True)

    @validate("kind")
    def _valid_kind(self, proposal: Any) -> str:
        return check_choice(proposal["value"], palette.BADGES, "badge")
