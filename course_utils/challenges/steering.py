"""Challenges of episode 3, marked by the judge: meet a prompt, leave much open, repair a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from course_utils import judge, plots
from course_utils.metrics.page_metrics import met
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, Verdict, judged
from course_utils.panels.steering import repaint, wheel
from course_utils.widgets import Gallery

WISH = "a blue cat in the snow"
SEEDS = range(8)
ENOUGH = 7  # of SEEDS
MENDED, UNTOUCHED = "crown", 8.0  # what belongs into the hole; gray levels that the rest may change


def meet(prompt: str, wish: str = WISH, **settings: Any) -> Panel:
    """Paint a prompt from several seeds; the judge marks each page. Goal: the wish met on ENOUGH of them.

    `settings` are those of a painting: guidance, steps, negative, other, blend ...
    """
    wanted = [page_painting.settings(prompt, seed=seed, **settings) for seed in SEEDS]
    painted = page_painting.developed(page_painting.sheet(wanted))
    hits = met(judge.load(), painted, [wish] * len(painted))
    gallery = Gallery(alt=f"Pages for {prompt!r}, each marked right or wrong.")
    gallery.set_pictures(
        painted, [f"seed {seed}" for seed in SEEDS], ["right" if hit else "wrong" for hit in hits]
    )

    def still() -> bytes:
        figure, axes = plots.panes(len(painted), width=1.6, height=2)
        for axis, page, hit in zip(axes, painted, hits, strict=True):
            plots.picture(axis, page, "right" if hit else "wrong")
        return plots.jpeg(figure)

    panel = Panel([gallery], alt=f"The judge's marks for {prompt!r}.", still=still)
    panel.say(
        f"'{wish}': met on {sum(hits)} of {len(hits)}; the goal is {ENOUGH}: "
        f"{'reached' if sum(hits) >= ENOUGH else 'not yet'}. {judge.credentials()}"
    )
    return panel


def widest(prompt: str, than: str = "a cat", seeds: Sequence[int] = range(12)) -> Verdict:
    """How different the pages of a prompt are over its seeds. Goal: more than those of another prompt."""
    mine, theirs = (wheel.measure_openness(text, seeds).spread for text in (prompt, than))
    return Verdict(
        f"'{prompt}' spreads {mine:.2f}, '{than}' {theirs:.2f}: {'wider' if mine > theirs else 'not yet'}."
    )


def repair(
    prompt: str, rows: tuple[int, int] = (2, 7), columns: tuple[int, int] = (5, 11), seed: int = 7
) -> Verdict:
    """Repaint a rectangle of the page with a hat, counted in 16 x 16 cells.

    Goal: the judge sees a crown instead, and the rest of the page is as it was.
    """
    hole = np.zeros((16, 16), bool)
    hole[slice(*rows), slice(*columns)] = True
    painting, _ = repaint.repainted(page_painting.settings(prompt, seed=seed), hole, 1.0)
    seen = judge.load().read(painting.pixels[None])[0].answers["detail"]
    cell = painting.pixels.shape[0] // 16
    outside = ~np.kron(hole, np.ones((cell, cell), bool))
    change = np.abs(painting.pixels.astype(float) - repaint.page())[outside]
    moved = float(change.mean()) if change.size else float("inf")
    reached = seen == MENDED and moved <= UNTOUCHED
    return judged(
        f"The judge sees {seen or 'nothing it knows'}; outside the hole the page changed by {moved:.1f} gray "
        f"levels. The goal is a {MENDED} and at most {UNTOUCHED:g}: {'reached' if reached else 'not yet'}."
    )
