"""The sections of a notebook in words that a voice can read."""

from __future__ import annotations

import json
import re
from pathlib import Path

from course_utils.languages import language, tr
from course_utils.widgets import Reader

HEADING = re.compile(r"^#+ (.+)$")
SKIPPED = "contents"  # the tag of a cell that is a table of numbers
# What stands in prose and is no word: links, emphasis and code, then formulas.
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"\*+|`|^\* ", re.MULTILINE)
_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
_INLINE = re.compile(r"\$([^$\n]+)\$")
# TeX as far as it stands within sentences; the rest of its signs is left out.
_TEX = {
    r"\varepsilon": "ε",
    r"\cdot": "·",
    r"\sqrt": "√",
    r"\bar\alpha": "ᾱ",
    r"\beta": "β",
    r"\hat": "",
    r"\text": "",
}


def reader(notebook: Path) -> Reader:
    """The view that reads a notebook's sections aloud; an empty one where the file cannot be read."""
    return Reader(sections=sections(notebook), language=language())


def sections(notebook: Path) -> list[dict[str, str]]:
    """Title and text of each section of a notebook, in order, in plain words and without its code."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return []
    found: list[dict[str, str]] = []
    for cell in cells:
        if cell["cell_type"] != "markdown" or SKIPPED in cell["metadata"].get("tags", []):
            continue
        for line in "".join(cell["source"]).splitlines():
            heading = HEADING.match(line)
            if heading:
                found.append({"title": plain(heading[1]), "text": ""})
            elif found and line.strip():
                found[-1]["text"] += f"{plain(line)}\n"
    return [section for section in found if section["text"]]


def plain(markdown: str) -> str:
    """A line of Markdown as it is read: formulas within a sentence are written out, others only named."""
    text = _DISPLAYED.sub(tr("(Here stands a formula.)"), _LINK.sub(r"\1", markdown))
    return _MARKUP.sub("", _INLINE.sub(lambda formula: _said(formula[1]), text)).strip()


def _said(formula: str) -> str:
    for sign, letter in _TEX.items():
        formula = formula.replace(sign, letter)
    return re.sub(r"[\\{}_]", " ", formula).replace("  ", " ").strip()
