"""The challenge of notebook 3 that repaints a page: the same cat, somewhere else."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from course_utils import judge
from course_utils.challenges.engine import Mistake, Outcome
from course_utils.challenges.painted import a_prompt
from course_utils.challenges.texts import written
from course_utils.panels import page_painting
from course_utils.panels.steering import repaint
from course_utils.panels.stills import show_pictures
from course_utils.picturebook.captions import asked
from course_utils.picturebook.draw import draw, draw_backdrop

CELLS = 16  # of the page, each way
SAME = 16.0  # gray levels by which the cat may change and still be the same


@cache
def _cat_pixels() -> np.ndarray:
    """Where the cat is on the page to repaint, (side, side) bool: where it differs from its bare backdrop."""
    return (draw(repaint.PAGE) != draw_backdrop(repaint.PAGE)).any(-1)


def cat_cells() -> np.ndarray:
    """The cells of which at least a half is cat, (16, 16) bool."""
    side = _cat_pixels().shape[0] // CELLS
    return _cat_pixels().reshape(CELLS, side, CELLS, side).mean((1, 3)) >= 0.5


def _judge_repair(answer: Any) -> Outcome:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Mistake("no pair", "The judge needs two things, my_words and my_hole: set both.")
    prompt, hole = a_prompt(answer[0], "my_words"), _a_hole(answer[1])
    inside = float((hole & cat_cells()).sum() / cat_cells().sum())
    painting, _ = repaint.repainted(page_painting.settings(prompt, seed=7), hole, 1.0)
    seen = judge.load().read(painting.pixels[None])[0].answers
    change = np.abs(painting.pixels.astype(float) - repaint.page()).mean(-1)
    moved = float(change[_cat_pixels()].mean())
    picture = show_pictures(
        {"before": repaint.page(), "your hole": _with_hole(hole), "after": painting.pixels}
    )
    setting = seen["setting"] or "nothing it knows"
    said = f"The judge reads the setting as {setting}, and the cat has changed by {moved:.0f} gray levels"
    if seen["setting"] == "snow" and seen["subject"] == "cat" and moved <= SAME:
        return Outcome(True, f"{said}: the same cat, somewhere else.", picture=picture)
    if inside > 0.5 and (hole & ~cat_cells()).sum() < (~hole & ~cat_cells()).sum():
        raise Mistake(
            "inside out",
            f"{said}: your hole is where the cat is. Repaint everything else instead, `~my_hole`.",
            picture,
        )
    if moved > SAME:
        raise Mistake(
            "cat repainted",
            f"{said}, where {SAME:.0f} are allowed: keep more of the cat out of the hole.",
            picture,
        )
    if seen["setting"] != "snow" and "setting" not in asked(prompt):
        raise Mistake(
            "no setting", f"{said}: your words do not say where the cat is. Name the snow.", picture
        )
    if seen["setting"] != "snow":
        raise Mistake(
            "too little",
            f"{said}: let the hole take in more of the meadow, and make sure that your words ask for snow.",
            picture,
        )
    raise Mistake(
        "unknown",
        f"{said}; but the subject it reads is {seen['subject'] or 'nothing it knows'}. Name the cat in your "
        "words, and keep more of it out of the hole.",
        picture,
    )


def _a_hole(value: Any) -> np.ndarray:
    """A hole (16, 16) bool out of an answer, or a `Mistake`."""
    try:
        hole = np.asarray(value)
        hole = hole.astype(bool) if hole.dtype.kind in "biuf" else hole[:0]
    except (TypeError, ValueError, RuntimeError):
        hole = np.zeros(0)
    if hole.shape != (CELLS, CELLS):
        raise Mistake(
            "no hole",
            f"my_hole has to have {CELLS} x {CELLS} cells, True where the page is to be repainted.",
        )
    if not hole.any():
        raise Mistake("empty hole", "Nothing is repainted yet: set some cells of my_hole to True.")
    if hole.all():
        raise Mistake("all hole", "Everything is repainted: set the cells of the cat to False.")
    return hole


def _with_hole(hole: np.ndarray) -> np.ndarray:
    """The page with its hole in gray, (side, side, 3) uint8."""
    page = repaint.page().copy()
    side = page.shape[0] // CELLS
    page[np.kron(hole, np.ones((side, side), bool))] = 128
    return page


repair = written("repair", _judge_repair)

CHALLENGES = (repair,)
