"""Episode 3, on pages: repaint a hole, or the whole page, starting from what is there."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from course_utils import plots
from course_utils.painters import Canvas, Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, seed_box, slider, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.picturebook.draw import draw
from course_utils.picturebook.scene import Scene
from course_utils.widgets import Brush, Film

PAGE = Scene("cat", "orange", "meadow", size="medium", detail="hat", backdrop=5)


@lru_cache(maxsize=1)
def page() -> np.ndarray:
    """The page to mend, (128, 128, 3)."""
    return draw(PAGE)


@lru_cache(maxsize=1)
def latent() -> torch.Tensor:
    """The same page as the painter holds it, (4, 16, 16)."""
    return page_painting.painter().encode_image(page())


def repainted(settings: Settings, hole: np.ndarray | None, strength: float) -> tuple[Painting, bool]:
    """The page with new paint in the hole, (16, 16) bool; None repaints all, from `strength` (0..1) on.

    And whether it is a preview, as in `page_painting.sketch`.
    """
    marked = None if hole is None else torch.tensor(hole)
    who, chosen, preview = page_painting.brisk(settings)
    return page_painting.watched_paint(who, chosen, canvas=Canvas(latent(), strength, marked)), preview


def brush_panel(prompt: str = "a cat with a crown in the meadow", seed: int = 7) -> Panel:
    """Brush over part of the page, say what belongs there, and it is painted anew."""
    brush = Brush(alt="The page; brush over what is to be repainted.")
    result = Film(badge="learned", alt="The page with the hole painted anew.")
    brush.set_picture(page())
    hole = np.zeros((16, 16), bool)
    hole[2:7, 5:11] = True  # where the hat is
    brush.set_hole(hole)
    words, seed_field = text_field("what belongs there", prompt, "520px"), seed_box(seed)

    def wanted() -> tuple[Settings, np.ndarray]:
        return page_painting.settings(words.value, seed=seed_field.value), brush.hole

    def work(asked: tuple[Settings, np.ndarray]) -> tuple[Painting, bool]:
        return repainted(*asked, 1.0)

    def show(found: tuple[Painting, bool]) -> str:
        painting, preview = found
        result.set_pictures(painting.pixels[None], [painting.settings.prompt], preview=preview)
        return painting.remark

    panel = Panel(
        [row(words, seed_field), views(brush, result)],
        alt="Repainting a hole in a page.",
        still=lambda: _still(page(), work(wanted())[0].pixels),
    )
    worker = LatestOnlyWorker(work, show, panel.say, page_painting.busy([result]))
    panel.asks(worker, wanted, words, seed_field, also=[(brush, "mask")])
    return panel


def redraw_panel(prompt: str = "a blue dog in the snow", seed: int = 7) -> Panel:
    """Image to image: how far is the page drowned before the new prompt paints it back?"""
    result = Film(badge="learned", alt="The page, repainted from a drowned start.")
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    strength = slider("strength in %", 0, 100, 60, step=5)

    def wanted() -> tuple[Settings, float]:
        return page_painting.settings(words.value, seed=seed_field.value), strength.value / 100

    def work(asked: tuple[Settings, float]) -> tuple[Painting, bool]:
        settings, share = asked
        return repainted(settings, None, share)

    def show(found: tuple[Painting, bool]) -> str:
        painting, preview = found
        result.set_pictures(painting.pixels[None], [painting.settings.prompt], preview=preview)
        return painting.remark

    before = Film(alt="The page to start from.")
    before.set_pictures(page()[None], ["the page to start from"])
    panel = Panel(
        [row(words, strength, seed_field), views(before, result)],
        alt="Image to image.",
        still=lambda: _still(page(), work(wanted())[0].pixels),
    )
    panel.asks(
        LatestOnlyWorker(work, show, panel.say, page_painting.busy([result])),
        wanted,
        words,
        strength,
        seed_field,
    )
    return panel


def _still(before: np.ndarray, after: np.ndarray) -> bytes:
    figure, axes = plots.panes(2)
    plots.picture(axes[0], before, "before")
    plots.picture(axes[1], after, "after")
    return plots.jpeg(figure)
