"""The learner's language: every sentence is looked up here, and stays English where nobody has translated it.

COURSE_LANGUAGE names the language ("de"); a translated notebook sets it in its first cell, for its own
kernel. Catalogues are gettext's: a translator edits `locale/<language>/LC_MESSAGES/course.po`, and
`tools/translate.py` makes the `.mo` beside it, which is what is read here.
"""

from __future__ import annotations

import gettext
import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

SWITCH = "COURSE_LANGUAGE"
ENGLISH = "en"
FOLDER = Path(__file__).with_name("locale")
DOMAIN = "course"


def language() -> str:
    """The code of the language that is spoken, "en" or "de"; of "de_DE.UTF-8" its beginning counts."""
    asked = os.environ.get(SWITCH, "").strip().lower().replace("-", "_")
    return asked.partition("_")[0].partition(".")[0] or ENGLISH


def translated_into() -> list[str]:
    """The codes of the languages that there is a catalogue for, English not among them."""
    return sorted(path.parent.parent.name for path in FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


@cache
def _catalogue(code: str) -> gettext.NullTranslations:
    if code not in (ENGLISH, *translated_into()):
        known = ", ".join((ENGLISH, *translated_into()))
        print(
            f"The course does not speak {code!r}, and goes on in English: set {SWITCH} to one of {known}.",
            file=sys.stderr,
        )
    return gettext.translation(DOMAIN, FOLDER, [code], fallback=True)


def forget() -> None:
    """Read every catalogue anew at the next text: for whoever has changed one."""
    _catalogue.cache_clear()


def tr(text: str, /, **values: Any) -> str:
    """What is said in the learner's language for an English text.

    `values` fill the {places} of the text, which a translation may put in another order; without any, braces
    are letters like others.
    """
    said = _catalogue(language()).gettext(text) if text else ""
    return said.format(**values) if values else said


def wordings(text: str) -> list[str]:
    """An English text and what it is in every other language: by all of them the same thing may be known."""
    return list(dict.fromkeys([text, *(_catalogue(code).gettext(text) for code in translated_into())]))


def N_(text: str) -> str:
    """The text itself: marks what is to be translated, but stands where the language is not known yet."""
    return text
