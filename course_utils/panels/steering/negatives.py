"""Episode 3, on pages: what a negative prompt does, of words that the painter knows and of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from course_utils import judge
from course_utils.metrics.estimates import Share, share
from course_utils.panels import page_painting
from course_utils.panels.steering.wheel import pages_of
from course_utils.panels.table import Table
from course_utils.picturebook.captions import words as text_words

Answers = tuple[Mapping[str, str | None], ...]  # what the judge reads off each page, by attribute


@lru_cache(maxsize=32)
def read(prompt: str, negative: str = "", seeds: Sequence[int] = range(12), **more: Any) -> Answers:
    """Paint a prompt from every seed, with a negative prompt, and let the judge read the pages.

    `more` are other settings of the painting.
    """
    if negative:  # without one they may have been painted already
        more["negative"] = negative
    return tuple(verdict.answers for verdict in judge.load().read(pages_of(prompt, tuple(seeds), **more)))


def poor(answers: Answers) -> Share:
    """How many of the pages look blurry, washed out, badly lit or cut off to the judge."""
    return share(one["quality"] != "clean" for one in answers)


def commonest(answers: Answers, attribute: str) -> str:
    """What is seen most often."""
    ((found, _),) = Counter(one[attribute] for one in answers).most_common(1)
    return found or "nothing I know"


def moved(before: Answers, after: Answers, attribute: str) -> int:
    """On how many pages something else is seen, seed by seed."""
    return sum(old[attribute] != new[attribute] for old, new in zip(before, after, strict=True))


def table(plain: Answers, negatives: Mapping[str, Answers]) -> Table:
    """For every negative prompt: how many pages it moves, and the colour that they now have most often."""
    known, count = set(page_painting.painter().words), len(plain)

    def line(words: str, found: Answers) -> tuple[str, ...]:
        pages = (f"{moved(plain, found, what)} of {count}" for what in ("setting", "colour"))
        learned = "yes" if known.issuperset(text_words(words)) else "no"
        return (words, learned, *pages, commonest(found, "colour"))

    head = ("negative prompt", "words it knows", "another setting", "another colour", "commonest colour")
    rows = [("none", "", "", "", commonest(plain, "colour"))]
    return Table([*rows, *(line(*one) for one in negatives.items())], head)
