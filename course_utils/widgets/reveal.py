"""What a run found out, closed until somebody has guessed or asked to be shown."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from traitlets import Any as AnyTrait
from traitlets import Bool, Bytes, Dict, Unicode, default

from course_utils.languages import tr
from course_utils.widgets.base import SharedView


class Reveal(SharedView):
    """An answer with the guess beside it, or a sentence that would give the answer away; closed at first.

    `Guess.reveal` and `Guess.seal` make one and open it. What is sealed travels with the view and is shown
    only when `opened`: so a click opens it in a saved notebook and on an exported page, where no kernel runs.
    """

    _front = ("question", "svg", "reveal")

    question = Unicode("").tag(sync=True)
    unit = Unicode("").tag(sync=True)
    guess = AnyTrait(None, help="The choice or the number committed to; None: none was.").tag(sync=True)
    opened = Bool(False).tag(sync=True)
    sealed = Dict(
        help="`text`, one sentence; perhaps a `table`, lines of cells, its head first, and what is `drawn`, "
        "pairs of words and an SVG; with an answer also `answer`, and what matches it, `best` and `also`: "
        "lists of answers and of pairs (lowest, highest)."
    ).tag(sync=True)
    # Stays in the kernel: what is drawn as one PNG, for a page where no script colours an SVG.
    still = Bytes()

    @default("alt")
    def _default_alt(self) -> str:
        return tr("The answer to: {question}", question=self.question)

    def in_words(self) -> str:
        """Return that the answer waits; the answer itself is for those who ask."""
        return f"{self.alt} {tr('It waits for a guess.')}"

    def in_html(self) -> str:
        """Return the answer, folded away, for a page where no script runs."""
        answer = self.sealed.get("answer")
        figure = f"{answer:.4g} {self.unit}".strip() if isinstance(answer, float) else answer
        said: list[Any] = [f"<b>{html.escape(figure)}</b>"] if figure is not None else []
        said.append(html.escape(self.sealed.get("text", "")))
        table = _table(self.sealed.get("table", []))
        words = html.escape(" ".join(words for words, _ in self.sealed.get("drawn", [])))
        picture = f'<img src="data:image/png;base64,{b64encode(self.still).decode()}" alt="{words}">'
        shown = f"<p>{' '.join(said)}</p>{table}{picture if self.still else ''}"
        return f"<details><summary>{html.escape(self.alt)}</summary>{shown}</details>"


def _table(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells, the head first, as the table of a page; nothing for none."""
    told = "".join(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in line)}</tr>" for line in lines)
    return told and f"<table>{told}</table>"
