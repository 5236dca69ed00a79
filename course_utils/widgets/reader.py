"""A section of a notebook read aloud by the browser, its text beside it."""

from __future__ import annotations

from traitlets import Dict, List, Unicode, default

from course_utils.languages import tr
from course_utils.widgets.base import View


class Reader(View):
    """A list of sections, one of which is shown and read aloud; folded at first.

    Where the browser has no voice for the language, the view is not there at all. The text comes with the
    view, since on Colab an output sees nothing of the page around it.
    """

    _front = ("reader",)

    sections = List(Dict(), help="For each its title and its text, in plain words.").tag(sync=True)
    language = Unicode("en", help="The code of the language that the texts are in.").tag(sync=True)

    @default("alt")
    def _default_alt(self) -> str:
        return tr("Listen to a section")
