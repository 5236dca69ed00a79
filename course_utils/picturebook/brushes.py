"""What the styles share: noise, outlines, surfaces, and the way a picture runs.

Pictures are float32 arrays (side, side, 3) in 0..1 here, the first row at the top; lengths are in pixels.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

GRAY = np.array([0.299, 0.587, 0.114], np.float32)
PAPER = np.array([0.985, 0.978, 0.955], np.float32)
THICK = 5  # an outline on a page of 128 with its soft rims is thinner than this


def halve(page: np.ndarray) -> np.ndarray:
    """A page (side, side, 3) uint8 at half its size, as a picture in 0..1."""
    return np.asarray(Image.fromarray(page).reduce(2), np.float32) / 255


def to_page(picture: np.ndarray) -> np.ndarray:
    """A picture as a page of uint8; what is beyond 0..1 is cut off."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)


def cloud(rng: np.random.Generator, side: int, period: float) -> np.ndarray:
    """Smooth noise (side, side), up and down about every `period` pixels: mean 0, mostly in -1..1."""
    reach = 2 * side / period
    knots = int(np.ceil(reach)) + 2
    coarse = Image.fromarray(rng.uniform(-1.5, 1.5, (knots, knots)).astype(np.float32))
    x, y = rng.uniform(0, 1, 2)
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC, (x, y, x + reach, y + reach)))


def streaks(rng: np.random.Generator, side: int, angle: float, wide: float, long: float) -> np.ndarray:
    """A `cloud` drawn out along `angle` (radians, rows downwards): `wide` across it, `long` along it."""
    size = round(1.5 * side)  # its middle still fills the page when it is turned
    knots = [int(np.ceil(2 * size / period)) + 1 for period in (wide, long)]
    coarse = Image.fromarray(rng.uniform(-1.5, 1.5, knots).astype(np.float32))
    lying = coarse.resize((size, size), Image.Resampling.BICUBIC)
    turned = lying.rotate(-np.degrees(angle), Image.Resampling.BILINEAR)
    margin = (size - side) // 2
    return np.asarray(turned)[margin : margin + side, margin : margin + side]


def inset(side: int) -> np.ndarray:
    """How far each pixel (side, side) is from the nearest edge of the page."""
    rows, columns = np.indices((side, side), np.float32)
    return np.minimum(np.minimum(rows, columns), side - 1 - np.maximum(rows, columns))


def soften(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Blurred over the page, not over its colours; (side, side) or (side, side, channels)."""
    return ndimage.gaussian_filter(picture, (sigma, sigma, 0)[: picture.ndim], mode="nearest", truncate=3)


def shake(page: np.ndarray, rng: np.random.Generator, reach: float, period: float) -> np.ndarray:
    """The page as an unsteady hand would trace it: every point off by about `reach` pixels."""
    side = len(page)
    rows, columns = np.indices((side, side), np.float32)
    rows += reach * cloud(rng, side, period)
    columns += reach * cloud(rng, side, period)
    near = [np.clip(np.rint(place), 0, side - 1).astype(np.intp) for place in (rows, columns)]
    return page[near[0], near[1]]


def flats(picture: np.ndarray) -> np.ndarray:
    """The surfaces without the dark outlines between them: a closing, colour by colour.

    Thin things of a strong colour stay what they are: only dark ones are closed.
    """
    box = (THICK, THICK, 1)
    closed = ndimage.minimum_filter(ndimage.maximum_filter(picture, box), box)
    return blend(closed, picture, ramp(most(picture), 0.7, 0.85))


def outlines(picture: np.ndarray, surface: np.ndarray) -> np.ndarray:
    """Where the picture is darker than its `surface` (see `flats`), in 0..1: on dark things too."""
    light = surface @ GRAY
    return np.clip(3.2 * (light - picture @ GRAY) / (light + 0.15), 0, 1)


def edges(picture: np.ndarray) -> np.ndarray:
    """How strongly the colour changes at each pixel, about 0..1."""
    rows, columns = (ndimage.sobel(picture, axis, mode="nearest") for axis in (0, 1))
    return np.sqrt(most(rows**2 + columns**2)) / 4


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def blend(under: np.ndarray, over: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`over` laid on `under` with a share (side, side) at each pixel."""
    return under + share[..., None] * (over - under)


def most(picture: np.ndarray) -> np.ndarray:
    """The greatest of each pixel's three values: several times faster than `picture.max(-1)`."""
    return np.maximum(np.maximum(picture[..., 0], picture[..., 1]), picture[..., 2])


def least(picture: np.ndarray) -> np.ndarray:
    """The smallest of each pixel's three values."""
    return np.minimum(np.minimum(picture[..., 0], picture[..., 1]), picture[..., 2])


def vivid(picture: np.ndarray, share: float) -> np.ndarray:
    """Colours purer by `share` at the same lightness."""
    gray = (picture @ GRAY)[..., None]
    return gray + (1 + share) * (picture - gray)
