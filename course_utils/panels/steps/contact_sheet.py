"""Episode 4, on pages: one prompt and static at many numbers of steps, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from course_utils import plots
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, seed_box, text_field
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.runtime import counted
from course_utils.widgets import Gallery

COUNTS = (1, 2, 3, 5, 10, 20, 60)


@dataclass(frozen=True)
class Sheet:
    """One prompt and static at several numbers of steps: pictures, evaluations and seconds."""

    counts: tuple[int, ...]
    pictures: np.ndarray
    evaluations: tuple[int, ...]
    seconds: tuple[float, ...]
    remark: str


@lru_cache(maxsize=16)
def contact_sheet(prompt: str, seed: int, sampler: str = "ddim", counts: tuple[int, ...] = COUNTS) -> Sheet:
    """Paint the same prompt from the same static with every number of steps."""
    painted = [
        page_painting.paint(page_painting.settings(prompt, seed=seed, sampler=sampler, steps=n))
        for n in counts
    ]
    return Sheet(
        counts,
        np.stack([painting.pixels for painting in painted]),
        tuple(painting.evaluations for painting in painted),
        tuple(painting.seconds for painting in painted),
        painted[0].remark,
    )


def sheet_panel(prompt: str = "a purple cat with a crown in the snow", seed: int = 7) -> Panel:
    """The contact sheet: 1 to 60 steps side by side, with what each cost."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    sampler = page_painting.sampler_choice()
    gallery = Gallery(alt="One page painted with 1 to 60 steps.")

    def wanted() -> tuple[str, int, str]:
        return words.value, seed_field.value, sampler.value

    def show(sheet: Sheet) -> str:
        rows = zip(sheet.counts, sheet.evaluations, sheet.seconds, strict=True)
        gallery.set_pictures(
            sheet.pictures,
            [f"{counted(n, 'step')}, {counted(e, 'evaluation')}, {s:.2f}\u00a0s" for n, e, s in rows],
        )
        return sheet.remark

    panel = Panel(
        [row(words, seed_field, sampler), gallery],
        alt="A contact sheet over the number of steps.",
        still=lambda: _still(contact_sheet(*wanted())),
    )
    work = LatestOnlyWorker(
        lambda asked: contact_sheet(*asked), show, panel.say, page_painting.busy([gallery])
    )
    panel.asks(work, wanted, words, seed_field, sampler)
    return panel


def _still(sheet: Sheet) -> bytes:
    figure, axes = plots.panes(len(sheet.counts), width=2, height=2.3)
    for axis, picture, count in zip(axes, sheet.pictures, sheet.counts, strict=True):
        plots.picture(axis, picture, counted(count, "step"))
    return plots.jpeg(figure)
