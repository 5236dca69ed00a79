"""What spoils a page: the faults of poor pictures, so that "blurry, low quality" means something."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from course_utils.picturebook.brushes import GRAY, soften, to_page


def spoil(quality: str, page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A page (side, side, 3) uint8 with one of the QUALITIES.

    "clean" and "cut off" leave it as it is: what leaves the page is a matter of the drawing. Another quality
    is a ValueError.
    """
    if quality not in QUALITIES:
        raise ValueError(f"quality is {quality!r}, but a page knows {', '.join(QUALITIES)}.")
    return FAULTS[quality](page, rng) if quality in FAULTS else page


def _blurry(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Out of focus, or moved while the shutter was open."""
    picture = page.astype(np.float32) / 255
    if rng.random() < 0.65:
        return to_page(soften(picture, rng.uniform(2.0, 3.0)))
    angle, length = rng.uniform(0, np.pi), rng.uniform(8, 12)
    along = np.linspace(-length / 2, length / 2, 9)
    ways = [(t * np.sin(angle), t * np.cos(angle), 0) for t in along]
    moved = [ndimage.shift(picture, way, order=1, mode="nearest") for way in ways]
    return to_page(soften(np.mean(moved, axis=0), 0.8))


def _washed_out(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pale and flat: no blacks, little colour."""
    picture = page.astype(np.float32) / 255
    gray = (picture @ GRAY)[..., None]
    pale = gray + 0.55 * (picture - gray)
    haze = 0.80 + 0.04 * rng.uniform(-1, 1, 3)
    return to_page(pale + rng.uniform(0.58, 0.68) * (haze - pale))


def _badly_lit(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Much too dark, or burnt out, with hardly any light left on the far side."""
    picture = page.astype(np.float32) / 255
    rows, columns = np.indices(page.shape[:2], np.float32) / len(page) - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    far = np.clip(0.5 + 0.75 * (rows * np.sin(angle) + columns * np.cos(angle)), 0, 1)[..., None]
    if rng.random() < 0.6:
        return to_page(picture * (0.62 - 0.52 * far))
    return to_page(picture * (0.75 + 1.6 * far) + 0.75 * np.clip(far - 0.35, 0, 1))


FAULTS: dict[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]] = {
    "blurry": _blurry,
    "washed out": _washed_out,
    "badly lit": _badly_lit,
}
QUALITIES = ("clean", *FAULTS, "cut off")
