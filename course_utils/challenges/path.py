"""The way through the course: what a notebook holds to be done, how far a learner is, and where to go on."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from course_utils.challenges.catalogue import BY_NOTEBOOK, CHALLENGES
from course_utils.languages import N_, language, tr, wordings
from course_utils.logbook import Entry, Logbook
from course_utils.runtime import ROOT

FOLDER = ROOT / "notebooks"
TITLES = {
    name: f"{name[1]} · {' '.join(name[3:].split('_')).capitalize()}" for name in BY_NOTEBOOK
}  # "1 · Forward process"
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class Stop:
    """A guess, by its question, or a challenge, by its name; `section` is the heading it stands under."""

    kind: str
    key: str
    title: str
    section: str

    def entry(self, book: Logbook) -> Entry:
        """What the logbook knows of it; a guess may have been made in any language."""
        if self.kind == "guess":
            return next(filter(None, (book.entry("guesses", asked) for asked in wordings(self.key))), {})
        return book.entry("challenges", self.key)

    def state(self, book: Logbook) -> str:
        """How it stands: "not tried", "not yet" or "reached", which a guess is once it was made."""
        entry = self.entry(book)
        if self.kind == "guess":
            return "reached" if entry else "not tried"
        return str(entry.get("state", "not tried"))


def title(notebook: str) -> str:
    """How a notebook is called in the learner's language, with its number."""
    number, _, words = TITLES[notebook].partition(" · ")
    return f"{number} · {tr(words)}"


def located(notebook: str) -> Path:
    """The file of a notebook, the translated one where there is one."""
    translated = FOLDER / language() / f"{notebook}.ipynb"
    return translated if translated.is_file() else FOLDER / f"{notebook}.ipynb"


def link(notebook: str) -> str:
    """The way from the notebook around us to another one."""
    target, here = located(notebook), Path.cwd()
    return Path(os.path.relpath(target, here)).as_posix() if FOLDER in (here, here.parent) else target.name


def stops(notebook: str) -> tuple[Stop, ...]:
    """What there is to do in a notebook, in order, as its cells say; nothing where they cannot be read."""
    path = FOLDER / f"{notebook}.ipynb"
    try:
        return _stops(path, path.stat().st_mtime_ns)
    except OSError:
        return ()


@lru_cache(maxsize=16)
def _stops(path: Path, _changed: int) -> tuple[Stop, ...]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return tuple(_found(cells))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def _found(cells: list[dict[str, Any]]) -> Iterator[Stop]:
    section = ""
    for cell in cells:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            headings = re.findall(r"^#+ (.+)$", source, re.MULTILINE)
            section = headings[-1].strip() if headings else section
            continue
        for call in _calls(source):
            stop = _stop(call, section)
            if stop:
                yield stop


def _calls(source: str) -> list[ast.Call]:
    """The calls in a cell, in order; none where a learner is in the middle of a line."""
    try:
        tree = ast.parse(_MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return []
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _stop(call: ast.Call, section: str) -> Stop | None:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "Guess":
        asked = [word.value for word in call.keywords if word.arg == "question"]
        if asked and isinstance(asked[0], ast.Constant):
            return Stop(N_("guess"), str(asked[0].value), section, section)
    if name == "challenge_panel" and call.args and isinstance(call.args[0], ast.Constant):
        key = str(call.args[0].value)
        if key in CHALLENGES:
            return Stop(N_("challenge"), key, CHALLENGES[key].title, section)
    return None
