"""Shapes as two-dimensional distributions: what a cloud of points should become.

Every shape is a function `(count, generator) -> (count, 2)` whose points have mean near 0 and stay
within about 1.8 of it, so that one network and one set of axes serve them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import torch
from PIL import Image, ImageDraw, ImageFont

from course_utils.runtime import CourseError

Sampler = Callable[[int, torch.Generator], torch.Tensor]

COUNT = 1200
PEN = 0.035  # standard deviation of the pen stroke every outline is drawn with
MAX_LETTERS = 6
_LETTER_HEIGHT = 100
_NO_GLYPH = "\uffff"  # never a character: a font draws its empty box for it
_GRID = 160  # pixels a side of the raster that letters and the cat are sampled from


def _uniform(count: int, generator: torch.Generator) -> torch.Tensor:
    return torch.rand(count, generator=generator)


def _stroke(x: torch.Tensor, y: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    points = torch.stack([x, y], dim=1)  # (n, 2)
    return points + PEN * torch.randn(points.shape, generator=generator)


def ring(count: int, generator: torch.Generator) -> torch.Tensor:
    """Points (count, 2) on a circle of radius 1.3."""
    angle = 2 * math.pi * _uniform(count, generator)
    return _stroke(1.3 * angle.cos(), 1.3 * angle.sin(), generator)


def spiral(count: int, generator: torch.Generator) -> torch.Tensor:
    """Points (count, 2) on two turns outwards, evenly spread along the line."""
    turn = 0.15 + 0.85 * _uniform(count, generator).sqrt()
    angle = 4 * math.pi * turn
    return _stroke(1.6 * turn * angle.cos(), 1.6 * turn * angle.sin(), generator)


def heart(count: int, generator: torch.Generator) -> torch.Tensor:
    """Points (count, 2) on the outline of a heart."""
    angle = 2 * math.pi * _uniform(count, generator)
    x = 16 * angle.sin() ** 3
    y = 13 * angle.cos() - 5 * (2 * angle).cos() - 2 * (3 * angle).cos() - (4 * angle).cos()
    return _stroke(x / 11, (y + 2.5) / 11, generator)


def moons(count: int, generator: torch.Generator) -> torch.Tensor:
    """Points (count, 2) on two interlocked half circles."""
    angle = math.pi * _uniform(count, generator)
    upper = _uniform(count, generator) < 0.5
    x = torch.where(upper, angle.cos() - 0.5, 0.5 - angle.cos())
    y = torch.where(upper, angle.sin() - 0.25, 0.25 - angle.sin())
    return _stroke(1.1 * x, 1.3 * y, generator)


def star(count: int, generator: torch.Generator) -> torch.Tensor:
    """Points (count, 2) on the outline of a five-pointed star."""
    corner = torch.arange(11)
    radius = torch.where(corner % 2 == 0, 1.65, 0.7)
    angle = math.pi / 2 + corner * math.pi / 5
    x, y = radius * angle.cos(), radius * angle.sin()
    place = 10 * _uniform(count, generator)
    side, along = place.long(), place.frac()
    return _stroke(x[side].lerp(x[side + 1], along), y[side].lerp(y[side + 1], along), generator)


def _draw_cat(draw: ImageDraw.ImageDraw) -> None:
    ears = [(30, 78), (28, 14), (64, 40), (96, 40), (132, 14), (130, 78)]
    draw.line(ears, fill=255, width=6, joint="curve")
    draw.arc((26, 34, 134, 142), -30, 210, fill=255, width=6)  # cheeks and chin
    for left in (52, 92):
        draw.ellipse((left, 70, left + 16, 90), fill=255)  # eyes
    draw.polygon([(72, 100), (88, 100), (80, 109)], fill=255)  # nose
    draw.arc((62, 100, 80, 120), 10, 160, fill=255, width=4)  # mouth
    draw.arc((80, 100, 98, 120), 20, 170, fill=255, width=4)
    for end in (98, 112, 126):  # whiskers
        draw.line((52, 108, 4, end), fill=255, width=3)
        draw.line((108, 108, 156, end), fill=255, width=3)


def cat(count: int, generator: torch.Generator) -> torch.Tensor:
    """Points (count, 2) on a cat's face in outline: ears, eyes, nose, mouth, whiskers."""
    raster = Image.new("L", (_GRID, _GRID))
    _draw_cat(ImageDraw.Draw(raster))
    return _from_raster(raster, count, generator)


def letters(text: str) -> Sampler:
    """Return the shape of a short typed word (1 to 6 characters that the font can draw)."""
    text = text.strip()
    if not 1 <= len(text) <= MAX_LETTERS:
        raise CourseError(f"Type one to {MAX_LETTERS} letters to make a shape of them.")
    strangers = [letter for letter in text if _is_strange(letter)]
    if strangers:
        raise CourseError(f"The font cannot draw {', '.join(map(repr, strangers))}; type other letters.")
    raster = _raster_of(text)
    if raster.getbbox() is None:
        raise CourseError(f"The letters {text!r} leave no ink; type others.")

    def sample(count: int, generator: torch.Generator) -> torch.Tensor:
        return _from_raster(raster, count, generator)

    return sample


def _is_strange(letter: str) -> bool:
    font = ImageFont.load_default(_LETTER_HEIGHT)
    return bytes(font.getmask(letter)) == bytes(font.getmask(_NO_GLYPH))


@lru_cache(maxsize=32)
def _raster_of(text: str) -> Image.Image:
    font = ImageFont.load_default(_LETTER_HEIGHT)
    left, top, right, bottom = font.getbbox(text)
    raster = Image.new("L", (max(1, math.ceil(right - left)), max(1, math.ceil(bottom - top))))
    ImageDraw.Draw(raster).text((-left, -top), text, fill=255, font=font)
    return raster


def _from_raster(raster: Image.Image, count: int, generator: torch.Generator) -> torch.Tensor:
    """Sample points with probability proportional to brightness; the longer side spans -1.6..1.6."""
    width, height = raster.size
    ink = torch.tensor(list(raster.tobytes()), dtype=torch.float32)
    pixel = torch.multinomial(ink, count, replacement=True, generator=generator)
    jitter = torch.rand(count, 2, generator=generator)
    x = (pixel % width + jitter[:, 0]) - width / 2
    y = height / 2 - (torch.div(pixel, width, rounding_mode="floor") + jitter[:, 1])
    return torch.stack([x, y], dim=1) * (3.2 / max(width, height))


SHAPES: dict[str, Sampler] = {
    "ring": ring,
    "spiral": spiral,
    "heart": heart,
    "cat": cat,
    "moons": moons,
    "star": star,
    "hi": letters("hi"),
}


def shape(name: str) -> Sampler:
    """Return a shape by name, or the shape of the letters in quotation marks, as in `shape("'Ada'")`."""
    if name in SHAPES:
        return SHAPES[name]
    if len(name) > 2 and name[0] == name[-1] and name[0] in "'\"":
        return letters(name[1:-1])
    raise CourseError(
        f"There is no shape {name!r}; choose one of {', '.join(SHAPES)}, or type letters in quotes."
    )


def sample(name: str, count: int, generator: torch.Generator) -> torch.Tensor:
    """Draw `count` >= 1 fresh points (count, 2) of the shape called `name`."""
    if count < 1:
        raise CourseError(f"A cloud has at least one point, not {count}.")
    return shape(name)(count, generator)
