"""The words of the challenges, from challenges.toml beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from course_utils.challenges.engine import Challenge, Outcome, Par

_FILE = Path(__file__).with_name("challenges.toml")


def written(name: str, judge: Callable[[Any], Outcome]) -> Challenge:
    """The challenge called `name` with its words, and a judge of its answers."""
    words = dict(_words()[name])
    par = words.pop("par", None)
    hints = tuple(words.pop("hints"))
    trimmed = {key: text.strip("\n") for key, text in words.items()}
    return Challenge(name, judge=judge, hints=hints, par=Par(**par) if par else None, **trimmed)


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
