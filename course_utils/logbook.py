"""What a learner has guessed, tried and reached, in one small file on this machine; nothing is sent anywhere.

The file, `progress.json` among the user's data, is meant to be read:

    {"version": 1,
     "guesses": {"At which t ...?": {"guess": 400, "on": "2026-03-01"}},
     "challenges": {"add_noise": {"state": "reached", "tries": 2, "hints": 1, "on": "2026-03-01"}},
     "questions": {"01_forward_process": {"before": "...", "after": "...", "on": "2026-03-01"}}}

COURSE_PROGRESS names another folder for it, or is `off`. Unless it names one, test runs keep nothing, and
under Voila, where many visitors share one user, entries last as long as the visitor's kernel.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from course_utils.cache import data_folder
from course_utils.languages import tr

FILE = "progress.json"
SWITCH = "COURSE_PROGRESS"
SECTIONS = ("guesses", "challenges", "questions")
# Each makes a file of the version before it into one of its own version: the first of version 1 into 2, ...
UPGRADES: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = ()
PATIENCE = 5.0  # seconds to wait for another notebook that is writing

Entry = dict[str, Any]


class Logbook:
    """Entries by section and key, read from the file at every look, so that all open notebooks agree.

    Without a path entries last as long as this process. So they do where the file cannot be written; then
    `trouble` says why in one sentence.
    """

    def __init__(self, path: Path | None) -> None:
        self.path, self.trouble = path, ""
        self._here: dict[str, Any] | None = None
        self._watchers: list[Callable[[], None]] = []

    def entries(self, section: str) -> dict[str, Entry]:
        """All entries of a section, by key; those that somebody has garbled are left out."""
        found = self._load().get(section)
        if not isinstance(found, Mapping):
            return {}
        return {key: dict(entry) for key, entry in found.items() if isinstance(entry, Mapping)}

    def entry(self, section: str, key: str) -> Entry:
        """One entry; an empty one where there is none."""
        return self.entries(section).get(key, {})

    def write(self, section: str, key: str, **fields: Any) -> None:
        """Set fields of an entry, keep its others, and tell those who watch."""

        def change(book: dict[str, Any]) -> None:
            entries = book.setdefault(section, {})
            entry = entries.get(key)
            kept = entry if isinstance(entry, Mapping) else {}
            entries[key] = {**kept, **fields, "on": date.today().isoformat()}

        self._change(change)

    def clear(self) -> None:
        """Forget everything."""

        def change(book: dict[str, Any]) -> None:
            for section in SECTIONS:
                book.pop(section, None)

        self._change(change)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` after every change that this process makes."""
        self._watchers.append(changed)

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        try:
            if self.path is None:
                self._keep_here(change)
            else:
                self._rewrite(self.path, change)
                self.trouble, self._here = "", None
        except (OSError, _Newer) as error:
            self._keep_here(change)
            reason = (
                error
                if isinstance(error, _Newer)
                else tr("it cannot be written ({why})", why=error.strerror or error)
            )
            self.trouble = tr(
                "Your progress lasts as long as this kernel only; {file}: {reason}.", file=FILE, reason=reason
            )
        for changed in self._watchers:
            changed()

    def _keep_here(self, change: Callable[[dict[str, Any]], None]) -> None:
        book = self._load()
        change(book)
        self._here = book

    def _load(self) -> dict[str, Any]:
        if self._here is not None:
            return deepcopy(self._here)
        try:
            return _read(self.path) if self.path else {}
        except (OSError, ValueError, _Newer):
            return {}

    def _rewrite(self, path: Path, change: Callable[[dict[str, Any]], None]) -> None:
        from filelock import FileLock, Timeout

        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(path.with_suffix(".lock"), timeout=PATIENCE):
                try:
                    book = _read(path)
                except ValueError:  # no JSON any more: kept beside, for whoever can mend it
                    path.replace(path.with_suffix(".damaged.json"))
                    book = {}
                book = {"version": 1 + len(UPGRADES), **book}
                change(book)
                fresh = path.with_suffix(".new")
                fresh.write_text(json.dumps(book, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
                fresh.replace(path)
        except Timeout:
            raise OSError("another notebook is writing it") from None


class _Newer(Exception):
    """The file is of a later version of the course."""

    def __str__(self) -> str:
        return "it was written by a newer version of the course, and is left as it is"


def _read(path: Path) -> dict[str, Any]:
    """The book in a file, in today's form. Raises ValueError for what is none, `_Newer` for a later one."""
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    version = book.get("version") if isinstance(book, dict) else None
    if not isinstance(version, int) or version < 1:
        raise ValueError("no book of progress")
    if version > 1 + len(UPGRADES):
        raise _Newer
    for upgrade in UPGRADES[version - 1 :]:
        book = upgrade(book)
    return {**book, "version": 1 + len(UPGRADES)}


def current() -> Logbook:
    """The logbook of whoever sits at this machine, one for this process; where it is off, an empty one."""
    chosen = os.environ.get(SWITCH, "").strip()
    if chosen.lower() == "off" or (not chosen and "PYTEST_VERSION" in os.environ):
        return Logbook(None)
    if chosen:
        return _at(Path(chosen).expanduser().absolute() / FILE)
    shared = os.environ.get("SERVER_SOFTWARE", "").startswith("voila")
    return _at(None if shared else data_folder() / FILE)


@cache
def _at(path: Path | None) -> Logbook:
    return Logbook(path)
