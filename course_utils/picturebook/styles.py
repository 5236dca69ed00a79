"""The same page as different hands would make it: seven styles, each a filter of the drawn page.

Textures are coarse on purpose. Pages go through an autoencoder that keeps four numbers of every 8 x 8 pixels:
strokes, hatching and leading finer than about 7 pixels of 128 would be lost in it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from course_utils.picturebook.brushes import GRAY, halve, to_page, vivid
from course_utils.picturebook.lights import neon, stained_glass
from course_utils.picturebook.oils import oil_painting
from course_utils.picturebook.papers import crayon, watercolour

CELL = 4  # pixels of a cell of pixel art: two by two of them fill a patch of the autoencoder
INKS = 20  # colours on a page of pixel art


def paint_in(style: str, page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A page drawn at (256, 256, 3) uint8 as a page (128, 128, 3) uint8 in one of the STYLES.

    The same page and generator give the same result; the generator decides strokes, panes and edges. Another
    style is a ValueError.
    """
    if style not in PAINTERS:
        raise ValueError(f"style is {style!r}, but a page knows {', '.join(STYLES)}.")
    return PAINTERS[style](page, rng)


def _picture_book(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(Image.fromarray(page).reduce(2))


def _pixel_art(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Square cells of few flat colours, as early consoles had them."""
    fresh = to_page(vivid(halve(page), rng.uniform(0.15, 0.3)))
    few = Image.fromarray(fresh).quantize(INKS, Image.Quantize.MAXCOVERAGE, kmeans=2)
    palette = np.array(few.getpalette(), np.uint8).reshape(-1, 3)
    rows = len(fresh) // CELL
    cells = np.asarray(few).reshape(rows, CELL, rows, CELL).transpose(0, 2, 1, 3).reshape(rows, rows, -1)
    share = (cells[..., None] == np.arange(len(palette))).mean(2)
    # A cell takes its commonest colour; dark and white features count for more, or eyes would vanish.
    light = palette @ GRAY / 255
    chosen = palette[(share * (1 + (1 - light) ** 2 + 0.4 * light**4)).argmax(-1)]
    return chosen.repeat(CELL, 0).repeat(CELL, 1)


PAINTERS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "picture book": _picture_book,
    "oil painting": oil_painting,
    "watercolour": watercolour,
    "crayon": crayon,
    "pixel art": _pixel_art,
    "stained glass": stained_glass,
    "neon": neon,
}
STYLES = tuple(PAINTERS)
