"""Pages for the judge: painted as a learner asks, read, and shown with a mark each."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from course_utils.challenges.engine import Mistake
from course_utils.panels import page_painting
from course_utils.panels.stills import StillPicture
from course_utils.picturebook.captions import asked, words
from course_utils.runtime import shown
from course_utils.widgets.palette import colours

ROW = 8  # pages beside each other
FRAME, LINE = 4, 18  # pixels around a page, and below it for a word


def painted_pages(requests: Sequence[Mapping[str, Any]]) -> np.ndarray:
    """The pages that are asked for, (n, side, side, 3) uint8, painted as one batch."""
    return page_painting.developed(
        page_painting.sheet([page_painting.settings(**request) for request in requests])
    )


def marked_pages(pages: np.ndarray, hits: Sequence[bool]) -> StillPicture:
    """Pages (n, side, side, 3) in rows, with a word and a frame each: right or wrong."""
    side, ink, font = pages.shape[1], colours(), ImageFont.load_default(14)
    step_x, step_y = side + 2 * FRAME, side + 2 * FRAME + LINE
    rows = -(-len(pages) // ROW)
    sheet = Image.new("RGB", (min(ROW, len(pages)) * step_x, rows * step_y), ink["paper"])
    pen = ImageDraw.Draw(sheet)
    for k, (page, hit) in enumerate(zip(pages, hits, strict=True)):
        x, y = k % ROW * step_x, k // ROW * step_y
        mark = ink["good" if hit else "bad"]
        pen.rectangle((x + 1, y + 1, x + step_x - 2, y + step_x - 2), fill=mark)
        sheet.paste(Image.fromarray(page), (x + FRAME, y + FRAME))
        pen.text((x + step_x / 2, y + step_x), "right" if hit else "wrong", mark, font, anchor="ma")
    target = io.BytesIO()
    sheet.save(target, "JPEG", quality=85)
    return StillPicture(target.getvalue(), f"{len(pages)} pages, {sum(hits)} of them marked right.")


def a_prompt(value: Any, what: str) -> str:
    """A text that can be painted, or a `Mistake`."""
    if not isinstance(value, str):
        raise Mistake("no text", f"{what} has to be a text in quotation marks, not {shown(value)}.")
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
