"""What a learner typed: known words are found, unknown ones named with their nearest known neighbours."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from course_utils.runtime import CourseError

MAX_WORDS = 50
# Words that carry no meaning for a painter of shapes and need no remark.
FILLERS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "in",
        "on",
        "at",
        "with",
        "and",
        "please",
        "paint",
        "draw",
        "me",
        "some",
        "one",
        "shape",
    ]
)


@dataclass(frozen=True)
class Reading:
    """A prompt as the painter understands it.

    `word` is the known word found first ("" if none); `unknown` maps every word the painter never
    learned to its nearest known ones (perhaps none); `ignored` are known words after the first.
    """

    word: str
    unknown: dict[str, tuple[str, ...]]
    ignored: tuple[str, ...]

    @property
    def remark(self) -> str:
        """One sentence on what was not understood or not used; empty when there is nothing to say."""
        parts = _unlearned(self.unknown)
        if self.ignored:
            parts.append(f"only one shape fits, so {', '.join(map(repr, self.ignored))} is left out")
        if parts and not self.word:
            parts.append("so the painter works without a prompt")
        return _sentence(parts)


def read(text: str, known: Sequence[str]) -> Reading:
    """Find the known word in a typed prompt; nothing is silently ignored.

    Raises `CourseError` for more than 50 words.
    """
    words = re.findall(r"\w+", text.lower())
    if len(words) > MAX_WORDS:
        raise CourseError(f"A prompt has at most {MAX_WORDS} words; this one has {len(words)}: shorten it.")
    lookup = {form: name for name in known for form in (name.lower(), name.lower() + "s")}
    found = [lookup[word] for word in words if word in lookup]
    unknown = strangers(" ".join(words), list(lookup), known)
    return Reading(found[0] if found else "", unknown, tuple(dict.fromkeys(found[1:])))


def strangers(
    text: str, known: Collection[str], near: Sequence[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """The words of a text that are not `known`, each with its nearest neighbours in `near` (or `known`)."""
    words = re.findall(r"\w+", text.lower())
    unknown = dict.fromkeys(word for word in words if word not in known and word not in FILLERS)
    return {
        word: tuple(get_close_matches(word, near or list(known), n=2, cutoff=0.4 if near else 0.6))
        for word in unknown
    }


def remark(unknown: Mapping[str, Sequence[str]]) -> str:
    """One sentence that names the unknown words and their neighbours; "" where there are none."""
    return _sentence(_unlearned(unknown))


def _unlearned(unknown: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"{word!r} was never learned" + (f" (spelled most like it: {', '.join(near)})" if near else "")
        for word, near in unknown.items()
    ]


def _sentence(parts: Sequence[str]) -> str:
    return "; ".join(parts).capitalize() + "." if parts else ""
