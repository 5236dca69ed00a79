"""What a learner typed, as painters read it: one spelling, known words found, unknown ones named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby

from course_utils.runtime import CourseError, short

MOST_WORDS = 50
MOST_LETTERS = 2000
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


# Quotation marks and their relatives; compatibility forms would tear some of them in two.
_QUOTES = str.maketrans({**dict.fromkeys("‘’‚‛‹›`´ʹʻʼʽ′‵＇", "'"), **dict.fromkeys('"“”„‟«»″‶〝〞〟＂', " ")})
# Characters without a width that Unicode does not count among the formats: joiners, fillers, variants.
_FILLINGS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_DASHES = {"Pd", "Pc"}  # Unicode's categories of hyphens and dashes, of underscores
_MINUS = "\N{MINUS SIGN}"


def visible(text: str) -> str:
    """A text without control, zero-width and surrogate characters; tabs and line ends become spaces."""

    def seen(letter: str) -> str:
        if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"):
            return letter
        return " " if letter.isspace() else ""

    return _FILLINGS.sub("", "".join(map(seen, text)))


def normalise(text: str) -> str:
    """The spelling in which the built-in painters read a text.

    It is in Unicode's compatibility form and lower case. White space of every kind, hyphens, dashes,
    underscores and quotation marks become single spaces, apostrophes within a word are straight, invisible
    characters are gone. Commas and the like follow the word without a space, and a space follows them: the
    flow painter does not know words without one. Normalising twice changes nothing. Test vectors for other
    implementations are in data/prompts/normalised.json.
    """
    text = unicodedata.normalize("NFKC", visible(text).translate(_QUOTES))
    text = unicodedata.normalize("NFKC", text.lower())
    text = "".join(" " if _parts_words(letter) else letter for letter in text)
    text = re.sub(r"(?<![^\W\d_])'|'(?![^\W\d_])", " ", text)
    text = "".join(
        letter + " " if _is_mark(letter) and following.isalnum() else letter
        for letter, following in zip(text, [*text[1:], " "], strict=False)
    )
    return re.sub(" (?=[,.;:!?])", "", " ".join(text.split()))


def words(text: str) -> list[str]:
    """The words of a text, normalised: letters, digits and the signs upon them, or symbols such as emoji."""
    runs = ["".join(run) for kind, run in groupby(normalise(text), _kind) if kind]
    return [re.sub("'(s|t|re|ve|m|ll|d)$", "", run) for run in runs]


def check_length(text: str) -> None:
    """Raise `CourseError` for a text of more than `MOST_WORDS` words or `MOST_LETTERS` letters."""
    typed = text.split()
    for found, most, what in (
        (len(typed), MOST_WORDS, "words"),
        (len(" ".join(typed)), MOST_LETTERS, "letters"),  # white space is no reason to refuse a text
    ):
        if found > most:
            raise CourseError(f"A prompt has at most {most} {what}; this one has {found}: shorten it.")


def _parts_words(letter: str) -> bool:
    return unicodedata.category(letter) in _DASHES or letter == _MINUS


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PS" and letter != "'"


def _kind(letter: str) -> str:
    """Which run a letter belongs to: a word's, a symbol's, or none."""
    kind = unicodedata.category(letter)[0]
    return "word" if kind in "LMN" or letter == "'" else "symbol" if kind in "SC" else ""


@dataclass(frozen=True)
class Heard:
    """What a painter reads of a prompt: its `text`, and the words `dropped` because there was no room."""

    text: str
    dropped: tuple[str, ...] = ()


def fit(prompt: str, known: Collection[str] | None, count: Callable[[str], int], most: int) -> Heard:
    """A prompt, normalised and shortened to at most so many tokens.

    `count` says how many tokens a text takes. While there are more than `most`, words are dropped: first
    those that are not `known` (None: all are), from the end, then known ones, from the end.
    """
    chunks = normalise(prompt).split()
    strange = [
        k
        for k, chunk in enumerate(chunks)
        if known is not None and not set(words(chunk) or [""]) <= set(known)
    ]
    leaving = [*(k for k in range(len(chunks)) if k not in strange), *strange]
    kept = list(range(len(chunks)))
    while kept and count(" ".join(chunks[k] for k in kept)) > most:
        kept.remove(leaving.pop())
    dropped = [" ".join(words(chunk)) or chunk for k, chunk in enumerate(chunks) if k not in kept]
    return Heard(" ".join(chunks[k] for k in kept), tuple(dropped))


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
        """One sentence on what was not understood or not used, or ""."""
        parts = _unlearned(self.unknown)
        if self.ignored:
            parts.append(f"only one shape fits, so {', '.join(map(repr, self.ignored))} is left out")
        if parts and not self.word:
            parts.append("so the painter works without a prompt")
        return _sentence(parts)


def read(text: str, known: Sequence[str]) -> Reading:
    """Find the known word in a typed prompt; nothing is silently ignored.

    Raises `CourseError` for a text that is too long.
    """
    check_length(text)
    typed = words(text)
    lookup = {form: name for name in known for form in (name.lower(), name.lower() + "s")}
    found = [lookup[word] for word in typed if word in lookup]
    unknown = out_of_vocabulary(text, list(lookup), known)
    return Reading(found[0] if found else "", unknown, tuple(dict.fromkeys(found[1:])))


def out_of_vocabulary(
    text: str, known: Collection[str], near: Sequence[str] | None = None
) -> dict[str, tuple[str, ...]]:
    """The words of a text that are not `known`, each with its nearest neighbours in `near` (or `known`)."""
    unknown = dict.fromkeys(word for word in words(text) if word not in known and word not in FILLERS)
    return {
        word: tuple(get_close_matches(word, near or list(known), n=2, cutoff=0.4 if near else 0.6))
        for word in unknown
    }


def remark(
    unknown: Mapping[str, Sequence[str]], dropped: Sequence[str] = (), further: Sequence[str] = ()
) -> str:
    """One sentence that names unknown words, the nearest known ones, and words without room, or "".

    `further` are clauses on other matters.
    """
    parts = _unlearned(unknown)
    if dropped:
        parts.append(f"there was no room for {', '.join(map(_named, dict.fromkeys(dropped)))}")
    return _sentence([*parts, *further])


def _unlearned(unknown: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"{_named(word)} was never learned" + (f" (closest in spelling: {', '.join(near)})" if near else "")
        for word, near in unknown.items()
    ]


def _named(word: str) -> str:
    return repr(short(word))


def _sentence(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "." if text else ""
