"""Pages for the judge: painted as a learner asks, read, and shown with a mark each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from course_utils import plots
from course_utils.challenges.engine import Mistake
from course_utils.panels import page_painting
from course_utils.panels.stills import StillPicture
from course_utils.picturebook.captions import asked, words
from course_utils.runtime import shown

ROW = 8  # pages beside each other


def painted_pages(requests: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """The pages that are asked for, (n, side, side, 3) uint8, painted as one batch."""
    return page_painting.developed(
        page_painting.sheet([page_painting.settings(**request) for request in requests])
    )


def marked_pages(pages: np.ndarray, hits: Sequence[bool]) -> StillPicture:
    """Pages (n, side, side, 3) in rows, each marked right or wrong."""
    marks = ["right" if hit else "wrong" for hit in hits]
    rows = -(-len(pages) // ROW)
    plan = [[f"{row * ROW + k}" for k in range(min(ROW, len(pages)))] for row in range(rows)]
    figure, axes = plots.mosaic(plan, 1.4, 1.6)
    for name, axis in axes.items():
        if int(name) < len(pages):
            plots.picture(axis, pages[int(name)], marks[int(name)])
        else:
            axis.set_axis_off()
    return StillPicture(plots.jpeg(figure), f"{len(pages)} pages, {sum(hits)} of them marked right.")


def a_prompt(value: Any, what: str) -> str:
    """A text that can be painted, or a `Mistake`."""
    if not isinstance(value, str):
        raise Mistake("no text", f"{what} is to be a text in quotation marks, not {shown(value)}.")
    if not words(value):
        raise Mistake("no words", f"{what} says nothing yet: write at least one word.")
    return value


def unsaid(prompt: str, wish: str) -> list[str]:
    """What a wish asks for that a prompt does not, attribute by attribute: "colour", ..."""
    said = asked(prompt)
    return [name for name in asked(wish) if name not in said]


def said_otherwise(prompt: str, wish: str) -> list[tuple[str, str]]:
    """What a prompt asks for in place of a wish: pairs of its answer and the wished one."""
    said = asked(prompt)
    return [(said[name], answer) for name, answer in asked(wish).items() if said.get(name, answer) != answer]
