"""What backdrops are made of: light, skies, hills and trees.

The page runs from (0, 0) at the bottom left to (1, 1). `dice` varies everything a little.
"""

import math
from dataclasses import dataclass
from random import Random

from PIL import Image

from course_utils.picturebook.palette import WHITE, Colour, mix, tint
from course_utils.picturebook.pen import Pen

NIGHT: Colour = (26, 30, 84)
MOON: Colour = (255, 244, 204)
SUN: Colour = (255, 222, 92)
LOW_SUN: Colour = (255, 202, 108)
DUSK: tuple[Colour, Colour] = ((196, 96, 138), (255, 196, 112))  # the evening sky, top and bottom
GLOW: Colour = (255, 132, 84)


@dataclass(frozen=True)
class Light:
    """How the hour of the day changes a paint; `kind` is "day", "night" or "sunset"."""

    kind: str = "day"

    @property
    def night(self) -> bool:
        """Whether the moon shines."""
        return self.kind == "night"

    def on(self, colour: Colour) -> Colour:
        """This paint in this light."""
        if self.night:
            return mix(colour, NIGHT, 0.52)
        return mix(colour, GLOW, 0.22) if self.kind == "sunset" else colour

    def sky(self, by_day: tuple[Colour, Colour]) -> tuple[Colour, Colour]:
        """The top and the bottom of the sky, from those by day."""
        if self.night:
            return (18, 20, 66), mix(NIGHT, by_day[1], 0.34)
        return DUSK if self.kind == "sunset" else by_day


def heavens(
    pen: Pen,
    dice: Random,
    light: Light,
    low: float,
    edge: float = 0.13,
    clouds: bool = True,
    sun: bool = True,
) -> None:
    """What is in the sky: moon and stars, or clouds and a sun, which sets at height `low`.

    `edge` is the distance of sun and moon from the left or right end of the page.
    """
    x = dice.choice([edge, 1 - edge]) + dice.uniform(-0.03, 0.03)
    if light.night:
        stars(pen, dice, 6, low)
        _moon(pen, x, dice.uniform(0.83, 0.88))
        return
    if light.kind == "sunset":
        x += 0.06 if x < 0.5 else -0.06
        pen.disc(x, low, 0.21, fill=mix(DUSK[1], LOW_SUN, 0.45))
        pen.disc(x, low, 0.155, fill=(255, 218, 132))
        pen.disc(x, low, 0.11, fill=(255, 246, 196))
    elif sun:
        y = dice.uniform(0.83, 0.88)
        pen.disc(x, y, 0.105, fill=tint(SUN, 0.62))
        pen.disc(x, y, 0.075, fill=SUN)
    if clouds:
        _clouds(pen, dice, (255, 206, 176) if light.kind == "sunset" else WHITE)


def hill(pen: Pen, dice: Random, height: float, swing: float, colour: Colour) -> None:
    """Rolling ground up to about `height`."""
    phase, stretch = dice.uniform(0, 6.28), dice.uniform(4.5, 7.5)
    colour = vary(colour, dice)
    ridge = [(k / 16, height + swing * math.sin(stretch * k / 16 + phase)) for k in range(17)]
    pen.shape([(0, 0), *ridge, (1, 0)], colour)


def pine(
    pen: Pen, x: float, y: float, tall: float, colour: Colour, light: Light, snowy: bool = False
) -> None:
    """A fir tree, its foot at (x, y)."""
    pen.line([(x, y), (x, y + 0.3 * tall)], light.on((112, 82, 66)), 0.03)
    for low, wide in ((0.15, 0.21), (0.48, 0.15)):
        foot, tip = y + low * tall, y + min(1.0, low + 0.52) * tall
        reach = wide * tall / 0.5 * 0.75
        pen.blob([(x - reach, foot), (x, tip + 0.04), (x + reach, foot)], colour, rounds=1)
        if snowy:
            top = foot + 0.62 * (tip - foot)
            pen.blob(
                [(x - 0.4 * reach, top), (x, tip + 0.035), (x + 0.4 * reach, top)], light.on(WHITE), rounds=1
            )


def cactus(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    """A cactus with two arms, its foot at (x, y)."""
    for path in (
        [(0, 0), (0, 0.2)],
        [(0, 0.08), (-0.06, 0.08), (-0.06, 0.15)],
        [(0, 0.05), (0.06, 0.06), (0.06, 0.12)],
    ):
        pen.line([(x + size * a, y + size * b) for a, b in path], colour, 0.036)


def stars(pen: Pen, dice: Random, count: int, lowest: float) -> None:
    """Four-pointed stars above `lowest`."""
    for _ in range(count):
        x, y, size = dice.uniform(0.04, 0.96), dice.uniform(lowest, 0.96), dice.choice([0.02, 0.027])
        for wide, high in ((size, 0.42 * size), (0.42 * size, size)):
            pen.shape([(x - wide, y), (x, y + high), (x + wide, y), (x, y - high)], MOON)


def edges(dice: Random) -> list[float]:
    """Three spots that leave the middle of the page to the subject."""
    return [dice.uniform(0.03, 0.14), dice.uniform(0.86, 0.97), dice.choice([0.25, 0.75])]


def vary(colour: Colour, dice: Random) -> Colour:
    """This paint as another batch of it would look."""
    red, green, blue = (min(255, max(0, round(c * dice.uniform(0.96, 1.04)))) for c in colour)
    return red, green, blue


def gradient(top: Colour, bottom: Colour, size: tuple[int, int]) -> Image.Image:
    """A sheet that runs from one colour to another."""
    strip = Image.new("RGB", (1, 2))
    strip.putdata([top, bottom])
    return strip.resize(size, Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))


def _clouds(pen: Pen, dice: Random, colour: Colour) -> None:
    for _ in range(2):
        x, y, size = dice.uniform(0.1, 0.9), dice.uniform(0.72, 0.93), dice.uniform(0.8, 1.2)
        for dx, dy, radius in ((-0.07, 0, 0.035), (0.07, 0, 0.035), (0, 0.018, 0.05)):
            pen.disc(x + size * dx, y + size * dy, 1.3 * size * radius, size * radius, fill=colour)


def _moon(pen: Pen, x: float, y: float) -> None:
    pen.disc(x, y, 0.072, fill=MOON)
    pen.disc(x + 0.032, y + 0.022, 0.058, fill=(22, 25, 74))
