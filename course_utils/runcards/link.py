"""A run card in a web address: the link to a page in which a painting was made.

The page writes painter and settings behind the address's `#` (web/painter/card.js); data/prompts/links.json
holds both to one reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from course_utils.runtime import CourseError, shown

DEFAULT = "picturebook-fast"  # with which a page begins


@dataclass(frozen=True)
class Card:
    """What a link asks for: a painter, and those settings that it says."""

    painter: str
    settings: Mapping[str, Any]


def card_of(url: str, offered: Collection[str]) -> Card:
    """The card in an address, whose painter is one of those `offered`.

    Raises `CourseError` for an address that holds no card, or something else.
    """
    if not isinstance(url, str):
        raise CourseError(f"A link is a piece of text, not {shown(url)}.")
    said = dict(parse_qsl(urlsplit(url).fragment, keep_blank_values=True))
    if not said:
        raise CourseError("This link holds no painting: copy the whole address of the page, '#' included.")
    unknown = [name for name in said if name not in KINDS]
    if unknown:
        raise CourseError(f"This link holds {shown(unknown[0])}, which is no setting of a painter.")
    settings = {name: KINDS[name](name, text) for name, text in said.items()}
    painter = settings.pop("painter", DEFAULT)
    if painter not in offered:
        raise CourseError(f"There is no painter {shown(painter)} here; choose one of {', '.join(offered)}.")
    return Card(painter, settings)


def _text(_: str, text: str) -> str:
    return text


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CourseError(f"In this link {name!r} is no number.") from None


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise CourseError(f"In this link {name!r} is no whole number.")
    return int(text)


def _two(name: str, text: str) -> tuple[float, float]:
    parts = [_number(name, part) for part in text.split(",")]
    if len(parts) != 2:
        raise CourseError("The guidance interval in this link is not two numbers.")
    return parts[0], parts[1]


KINDS: Mapping[str, Callable[[str, str], Any]] = {
    **dict.fromkeys(("painter", "prompt", "negative", "sampler", "other", "spacing"), _text),
    **dict.fromkeys(("guidance", "rescale", "blend", "bias"), _number),
    **dict.fromkeys(("seed", "steps"), _whole),
    "interval": _two,
}
