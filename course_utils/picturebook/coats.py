"""Coats: a surface in the subject's colour, plain, striped or spotted."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from course_utils.picturebook.palette import Colour, mix, shade, tint

Point = tuple[float, float]

# Coarse on purpose: the marks of a small subject are 3 pixels of 128 thick; an autoencoder loses finer ones.
STRIPE, EVERY = 0.088, 0.215  # thickness of a stripe, and from one to the next
SPOT, APART = 0.072, 0.235  # radius of a spot, and from one to the next

RUSSET: Colour = (104, 46, 28)  # the marks of yellow and orange coats, which ink would turn to olive


@dataclass(frozen=True)
class Coat:
    """A colour to fill shapes with, and the marks on it: `kind` is "plain", "striped" or "spotted"."""

    colour: Colour
    kind: str = "plain"
    own: Colour | None = None  # the colour of the marks, if it does not follow from the coat's

    @property
    def mark(self) -> Colour:
        """The colour of the marks: dark on light coats, light on dark ones."""
        if self.own:
            return self.own
        red, green, blue = self.colour
        if 0.3 * red + 0.59 * green + 0.11 * blue < 125:
            return tint(self.colour, 0.66)
        return mix(self.colour, RUSSET, 0.58) if red > blue + 100 else shade(self.colour, 0.6)

    def marks(self) -> list[list[Point]]:
        """Closed outlines, in the subject's coordinates, that cover all of it."""
        return {"plain": [], "striped": _stripes(), "spotted": _spots()}[self.kind]


@cache
def _stripes() -> list[list[Point]]:
    """Bands that rise to both sides, as on a tabby."""
    across = [0.1 * k for k in range(-8, 9)]

    def height(x: float) -> float:
        return 0.34 * math.sqrt(x * x + 0.008)

    lines = []
    for k in range(-2, 6):
        low = k * EVERY
        lines.append(
            [(x, low + height(x)) for x in across] + [(x, low + STRIPE + height(x)) for x in across[::-1]]
        )
    return lines


@cache
def _spots() -> list[list[Point]]:
    """Round spots, every second row shifted."""
    circle = [(SPOT * math.cos(math.pi * k / 7), SPOT * math.sin(math.pi * k / 7)) for k in range(14)]
    spots = []
    for row in range(-1, 6):
        for column in range(-3, 4):
            x = APART * (column + 0.5 * (row % 2))
            y = 0.06 + 0.85 * APART * row
            spots.append([(x + a, y + b) for a, b in circle])
    return spots
