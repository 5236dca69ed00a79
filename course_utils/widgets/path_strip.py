"""How far a learner is: the notebooks side by side, and a button that leads to what comes next."""

from __future__ import annotations

import html
from collections.abc import Iterable

from traitlets import Dict, List, Unicode

from course_utils.languages import tr
from course_utils.widgets.base import View


class PathStrip(View):
    """`notebooks` and `onward` are data of plain words and numbers; the view finds the way on the page."""

    _front = ("path_strip",)

    notebooks = List(
        Dict(), help="For each: title, file, done, total, and here, whether it is this one."
    ).tag(sync=True)
    onward = Dict(
        help="What comes next: words, and key and kind of a guess or challenge of this notebook, "
        "perhaps all its wordings, or the file of another one; empty where all is done."
    ).tag(sync=True)
    note = Unicode("", help="One sentence below, or nothing.").tag(sync=True)

    def in_words(self) -> str:
        """Return the notebooks in their order; how far somebody is, is for a live page."""
        return self._way(one["title"] for one in self.notebooks)

    def in_html(self) -> str:
        """Return the same with links."""
        links = (
            f'<a href="{html.escape(one["file"])}">{html.escape(one["title"])}</a>' for one in self.notebooks
        )
        return f"<p>{self._way(links)}</p>"

    def _way(self, notebooks: Iterable[str]) -> str:
        return tr("The way through the course: {notebooks}.", notebooks=", ".join(notebooks))
