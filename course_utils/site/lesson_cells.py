"""The cells of an executed notebook as the body of a page: text, code beside what it gave, instruments.

Folded cells leave only what they gave. An output that a page can show neither live, nor recorded, nor as a
still fails, with the cell named.
"""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from course_utils.runtime import CourseError
from course_utils.site.lesson_panels import Calls, keywords
from course_utils.site.lesson_recordings import Recording
from course_utils.site.lesson_state import BOXES, VIEW, SavedWidgets
from course_utils.site.lesson_text import Formulas, adapted, rendered

BOOTSTRAP, CHALLENGE, CLASS = "bootstrap", "challenge", "class"  # tags
BROAD = 600  # pixels; a broader picture of a cell keeps its letters legible on a telephone by moving sideways
PICTURES = {"image/png": "png", "image/jpeg": "jpg"}
_CODE_WORD = re.compile(r"`([^`\n]+)`")
_EMPHASIS = re.compile(r"\*([^*\s](?:[^*\n]*[^*\s])?)\*")
_PRE = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)


class PictureFiles:
    """Stills, as files named by what is in them, beside the pages' script."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self._address = folder, address

    def show(self, data: bytes, kind: str, alt: str) -> str:
        """Keep a picture and return the element that shows it; a broad one moves by itself where it must."""
        name = f"{hashlib.sha256(data).hexdigest()[:12]}.{PICTURES[kind]}"
        (self.folder / name).write_bytes(data)
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        size = f'width="{width}" height="{height}"'
        shown = f'<img src="{self._address}/{name}" {size} alt="{html.escape(alt)}" decoding="async">'
        return f'<div class="wide strip">{shown}</div>' if width > BROAD else shown


@dataclass
class LessonPage:
    """One notebook on its way to a page: its `body`, and what its script must know of its instruments."""

    stem: str
    pictures: PictureFiles
    formulas: Formulas
    wired: frozenset[str]
    saved: SavedWidgets
    recorded: Mapping[str, Recording] = field(default_factory=dict)
    body: list[str] = field(default_factory=list)
    instruments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, notebook: Any) -> None:
        """Take all cells in. Raises `CourseError` naming the cell that no page can show."""
        calls = Calls()
        for number, cell in enumerate(notebook.cells):
            tags = cell.metadata.get("tags", [])
            if BOOTSTRAP in tags or CLASS in tags:  # a poll of a room needs a kernel and a room
                continue
            try:
                if cell.cell_type == "markdown":
                    self.body.append(f'<div class="text">{rendered(cell.source, self.formulas)}</div>')
                elif cell.cell_type == "code":
                    self._code(cell, calls.name(cell.source), CHALLENGE in tags)
            except CourseError as error:
                raise CourseError(f"{self.stem}, cell {number}: {error}") from None

    def _code(self, cell: Any, call: str, challenge: bool) -> None:
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        before = set(self.instruments)
        shown = [self._output(output, call) for output in cell.outputs]
        for place in self.instruments.keys() - before:
            self.instruments[place] |= {"given": keywords(cell.source)}
        if challenge:
            shown = [_challenge(one) for one in shown]
        code = "" if folded else _highlighted(cell.source)
        if not code and not shown:
            return
        given = f'<div class="given">{"".join(shown)}</div>' if shown else ""
        live = any('class="instrument"' in one for one in shown)
        kind = "folded" if folded else "instrumental" if live else "run"
        self.body.append(f'<div class="cell {kind}">{code}{given}</div>')

    def _output(self, output: Any, call: str) -> str:
        if output.output_type == "stream":
            return f'<pre class="printed">{html.escape(output.text)}</pre>' if output.text.strip() else ""
        data = output.get("data", {})
        still = self._still(data, output.get("metadata", {}))
        if VIEW in data:
            return self._instrument(data[VIEW]["model_id"], call, still)
        if not still:
            raise CourseError(f"gave {', '.join(data) or output.output_type}, which no page can show.")
        return still

    def _still(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> str:
        for kind in PICTURES:
            if kind in data:
                alt = metadata.get(kind, {}).get("alt")
                if not alt:
                    raise CourseError("shows a picture that is not said in words: give it an alt text.")
                return self.pictures.show(base64.b64decode(data[kind]), kind, alt)
        if "text/html" in data:
            return f'<div class="said">{adapted(data["text/html"])}</div>'
        return ""

    def _instrument(self, root: str, call: str, still: str) -> str:
        """A widget: alive where its wiring or links answer, else recorded; its still until it is there."""
        if CHALLENGE in call:  # its judge needs a kernel: task, hints and solution stay
            return still
        if root not in self.saved.models and still:
            return f'<figure class="instrument">{_RECORDED}{still}</figure>'
        names = self.saved.keep(root)
        waiting = [] if call in self.wired else self.saved.waiting(names)
        place = f"instrument-{len(self.instruments) + 1}"
        panel = self.saved.kept[root]["kind"] in BOXES
        self.instruments[place] = {"root": root, "panel": call if panel else "", "recorded": bool(waiting)}
        if waiting and call in self.recorded:
            leafed = self.recorded[call].named(names, self.saved.kept)
            self.instruments[place]["leafed"] = leafed
            waiting.remove(leafed["slider"])
        if waiting:
            self.instruments[place]["waiting"] = waiting
        kind = "instrument" if panel else "card"
        return f'<figure class="{kind}" id="{place}"><div class="still">{still}</div></figure>'


_RECORDED = '<p class="recorded"><span class="cu-badge" data-kind="recorded">recorded</span></p>'


def _highlighted(source: str) -> str:
    """Visible code as text."""
    inner = highlight(source, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre class="code" role="group" aria-label="code"><code>{inner}</code></pre>'


def _challenge(text: str) -> str:
    """A challenge's words with `code` and *emphasis*, but for what stands in <pre>."""
    pieces = _PRE.split(text)
    pieces[::2] = [
        _EMPHASIS.sub(r"<em>\1</em>", _CODE_WORD.sub(r"<code>\1</code>", one)) for one in pieces[::2]
    ]
    said = "".join(pieces)
    return f'<div class="challenge">{said}</div>' if "<details>" in said else said
