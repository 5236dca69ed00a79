"""Episode 3, on pages: one prompt, many seeds; a wall that fills while it is painted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course_utils import plots
from course_utils.painters import Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, slider, text_field
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.widgets import Gallery

SEEDS, STEPS, SAMPLER = 32, 8, "dpm++ 2m"
FIRST, BATCH = 2, 16  # pages painted at once: few at first, so that something is there soon


def painted(asked: Settings, count: int = SEEDS) -> Iterator[np.ndarray]:
    """Pages of one prompt from the seeds 0, 1, ...; (n, 128, 128, 3) with n growing to `count`."""
    done: list[np.ndarray] = []
    while len(done) < count:
        batch = range(len(done), min(count, len(done) + (BATCH if done else FIRST)))
        done += list(page_painting.developed(page_painting.sheet([asked.but(seed=seed) for seed in batch])))
        yield np.stack(done)


def wall_panel(prompt: str = "a cat", count: int = SEEDS) -> Panel:
    """What a prompt leaves open, the seed decides: the same words, every time another static."""
    words = text_field("prompt", prompt)
    steps = slider("steps", 1, 20, STEPS)
    gallery = Gallery(tile=64, alt="The same prompt from many seeds.")

    def wanted() -> Settings:
        return page_painting.settings(words.value, steps=steps.value, sampler=SAMPLER)

    def work(asked: Settings) -> Iterator[tuple[Settings, np.ndarray]]:
        return ((asked, found) for found in painted(asked, count))

    def show(part: tuple[Settings, np.ndarray]) -> str:
        asked, found = part
        gallery.set_pictures(found, [f"seed {seed}" for seed in range(len(found))])
        return page_painting.painter().remark(asked)

    def still() -> bytes:
        (*_, found) = painted(wanted(), min(count, 6))
        figure, axes = plots.panes(len(found), width=2, height=2.2)
        for seed, (axis, page) in enumerate(zip(axes, found, strict=True)):
            plots.picture(axis, page, f"seed {seed}")
        return plots.jpeg(figure)

    panel = Panel([row(words, steps), gallery], alt="One prompt, many seeds.", still=still)
    panel.asks(LatestOnlyWorker(work, show, panel.say, page_painting.busy([gallery])), wanted, words, steps)
    gallery.observe(lambda change: panel.say(f"seed {change.new}" if change.new >= 0 else ""), "selected")
    return panel
