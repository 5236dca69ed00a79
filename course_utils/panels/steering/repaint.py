"""Episode 3, on pages: repaint a hole, or the whole page, starting from what is there."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from course_utils import pictures, plots
from course_utils.painters import Canvas, Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, seed_box, slider, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.picturebook.captions import in_style
from course_utils.picturebook.draw import draw
from course_utils.picturebook.palette import BODY, INK
from course_utils.picturebook.scene import Scene
from course_utils.widgets import Brush, DrawingPad, Film, Upload

PAGE = Scene("cat", "orange", "meadow", size="medium", detail="hat", backdrop=5)


@lru_cache(maxsize=1)
def page() -> np.ndarray:
    """The page to mend, (128, 128, 3)."""
    return draw(PAGE)


@lru_cache(maxsize=4)
def latent(picture: bytes) -> torch.Tensor:
    """A page, uint8 (128, 128, 3), as the painter holds it, (4, 16, 16)."""
    pixels = np.frombuffer(picture, np.uint8).reshape(page().shape)
    return page_painting.painter().encode_image(pixels)


def repainted(
    settings: Settings, hole: np.ndarray | None, strength: float, begin: bytes | None = None
) -> tuple[Painting, bool]:
    """A page, as bytes, or else the one to mend, with new paint in the hole, (16, 16) bool.

    Without a hole all of it is repainted, from `strength` (0..1) on. And whether it is a preview, as in
    `page_painting.sketch`.
    """
    marked = None if hole is None else torch.tensor(hole)
    canvas = Canvas(latent(begin or page().tobytes()), strength, marked)
    who, chosen, preview = page_painting.brisk(settings)
    return page_painting.watched_paint(who, chosen, canvas=canvas), preview


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


def redraw_panel(prompt: str = "an orange cat with a hat in the meadow", seed: int = 7) -> Panel:
    """Image to image: how far is a page, or your own drawing, drowned before the prompt paints it back?"""
    pad = DrawingPad(title="begin from", alt="The page to begin from; draw on it.")
    pad.set_paints({**BODY, "black": INK})
    pad.set_picture(page())
    result = Film(badge="learned", alt="The page, repainted from a drowned start.")
    words, seed_field, style = (
        text_field("prompt", prompt),
        seed_box(seed),
        page_painting.style_choice("watercolour"),
    )
    strength = slider("strength in %", 0, 100, 60, step=5)
    upload = Upload(description="begin from your own picture", alt="Choose a picture file to begin from.")
    upload.on_file(lambda name, data: pad.set_picture(pictures.decode_upload(data, name, pad.side)))

    def wanted() -> tuple[Settings, bytes, float]:
        text = in_style(words.value, style.value)
        asked = page_painting.settings(text, seed=seed_field.value)
        return asked, pad.pixels.tobytes(), strength.value / 100

    def work(asked: tuple[Settings, bytes, float]) -> tuple[Painting, bool]:
        settings, picture, share = asked
        return repainted(settings, None, share, picture)

    def show(found: tuple[Painting, bool]) -> str:
        painting, preview = found
        result.set_pictures(painting.pixels[None], [painting.settings.prompt], preview=preview)
        return painting.remark

    panel = Panel(
        [row(words, style), row(strength, seed_field), views(pad, result), upload],
        alt="Image to image.",
        still=lambda: _still(pad.pixels, work(wanted())[0].pixels),
    )
    worker = LatestOnlyWorker(work, show, panel.say, page_painting.busy([result]))
    panel.asks(worker, wanted, words, style, strength, seed_field, also=[(pad, "picture")])
    return panel


def _still(before: np.ndarray, after: np.ndarray) -> bytes:
    figure, axes = plots.panes(2)
    plots.picture(axes[0], before, "before")
    plots.picture(axes[1], after, "after")
    return plots.jpeg(figure)
