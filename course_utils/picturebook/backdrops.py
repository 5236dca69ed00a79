"""The six settings: everything behind the subject, by day and by night.

The page runs from (0, 0) at the bottom left to (1, 1). `dice` varies hills, trees, clouds and stars.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from course_utils.picturebook.palette import INK, LEAF, WHITE, WOOD, Colour, mix, shade, tint
from course_utils.picturebook.pen import Pen

NIGHT: Colour = (26, 30, 84)
MOON: Colour = (255, 244, 204)


@dataclass(frozen=True)
class Light:
    """How the hour of the day changes a paint."""

    night: bool

    def on(self, colour: Colour) -> Colour:
        """This paint in this light."""
        return mix(colour, NIGHT, 0.52) if self.night else colour


@dataclass(frozen=True)
class Setting:
    """One setting: its sky by day, top and bottom, and the painter of its land."""

    sky: tuple[Colour, Colour]
    land: Callable[[Pen, Random, Light], None]


def paint(page: Image.Image, pen: Pen, setting: str, night: bool, seed: int) -> None:
    """Fill the page with a setting."""
    dice, kind = Random(seed), SETTINGS[setting]
    light = Light(night and setting != "space")
    top, bottom = ((18, 20, 66), mix(NIGHT, kind.sky[1], 0.34)) if light.night else kind.sky
    page.paste(_gradient(_vary(top, dice), _vary(bottom, dice), page.size))
    if light.night:
        _stars(pen, dice, 6, 0.5)
        _moon(pen, dice)
    kind.land(pen, dice, light)


def _meadow(pen: Pen, dice: Random, light: Light) -> None:
    if not light.night:
        _sun(pen, dice, (255, 222, 92))
        _clouds(pen, dice, WHITE)
    _hill(pen, dice, 0.46, 0.05, light.on((150, 204, 110)))
    _hill(pen, dice, 0.33, 0.04, light.on((112, 186, 88)))
    for _ in range(4):
        x, y = dice.uniform(0.05, 0.95), dice.uniform(0.05, 0.24)
        petals = dice.choice([(255, 255, 255), (255, 214, 228)])
        pen.disc(x, y, 0.026, fill=light.on(petals))
        pen.disc(x, y, 0.012, fill=light.on((244, 186, 62)))


def _forest(pen: Pen, dice: Random, light: Light) -> None:
    for row, (base, tall, colour) in enumerate(((0.42, 0.42, (112, 164, 140)), (0.34, 0.5, (62, 126, 104)))):
        _hill(pen, dice, base, 0.02, light.on(colour))
        spots = [(k + dice.uniform(0.3, 0.7)) / 5 for k in range(5)] if row == 0 else _edges(dice)
        for x in spots:
            _pine(pen, x, base - 0.04, tall * dice.uniform(0.8, 1.0), light.on(colour), light)
    _hill(pen, dice, 0.26, 0.03, light.on((94, 128, 74)))


def _sea(pen: Pen, dice: Random, light: Light) -> None:
    if not light.night:
        _sun(pen, dice, (255, 232, 120))
        _clouds(pen, dice, WHITE)
    line = dice.uniform(0.46, 0.54)
    x = dice.choice([dice.uniform(0.1, 0.24), dice.uniform(0.76, 0.9)])
    pen.line([(x, line + 0.02), (x + 0.01, line + 0.1), (x + 0.03, line + 0.19)], light.on(WOOD), 0.03)
    for side, drop in ((-0.1, 0.03), (-0.07, -0.03), (0.1, 0.02), (0.07, -0.04)):
        pen.line(
            [
                (x + 0.03, line + 0.19),
                (x + 0.03 + side * 0.6, line + 0.23),
                (x + 0.03 + side, line + 0.17 + drop),
            ],
            light.on(LEAF),
            0.03,
        )
    pen.disc(x, line, 0.13, 0.045, fill=light.on((240, 214, 150)))
    water = light.on((46, 132, 196))
    pen.shape([(0, 0), (0, line), (1, line), (1, 0)], water)
    pen.shape([(0, 0), (0, 0.24), (1, 0.24), (1, 0)], mix(water, INK, 0.1))
    for y in (line - 0.07, line - 0.16, 0.2, 0.09):
        x = dice.uniform(0.1, 0.9)
        pen.line([(x - 0.06, y), (x, y + 0.012), (x + 0.06, y)], tint(water, 0.45), 0.02)


def _snow(pen: Pen, dice: Random, light: Light) -> None:
    _hill(pen, dice, 0.5, 0.07, light.on((206, 218, 236)))
    for x in _edges(dice):
        _pine(pen, x, 0.36, dice.uniform(0.34, 0.44), light.on((92, 136, 138)), light, snowy=True)
    _hill(pen, dice, 0.36, 0.04, light.on((240, 244, 250)))
    _hill(pen, dice, 0.14, 0.03, light.on((226, 233, 245)))
    for _ in range(8):
        x, y = dice.uniform(0.03, 0.97), dice.uniform(0.4, 0.97)
        pen.disc(x, y, dice.choice([0.015, 0.02]), fill=mix(WHITE, light.on(WHITE), 0.25))


def _desert(pen: Pen, dice: Random, light: Light) -> None:
    if not light.night:
        pen.disc(dice.uniform(0.15, 0.85), 0.5, 0.14, fill=(255, 226, 130))
    _hill(pen, dice, 0.46, 0.06, light.on((226, 158, 92)))
    for x in dice.sample([0.09, 0.22, 0.78, 0.91], 2):
        _cactus(pen, x, dice.uniform(0.3, 0.36), dice.uniform(0.8, 1.1), light.on((76, 140, 92)))
    _hill(pen, dice, 0.33, 0.05, light.on((238, 184, 108)))
    _hill(pen, dice, 0.14, 0.05, light.on((228, 168, 92)))


def _space(pen: Pen, dice: Random, light: Light) -> None:
    glow = dice.choice([(104, 50, 126), (52, 70, 148), (44, 92, 122)])
    for share, radius in ((0.3, 0.34), (0.55, 0.22)):
        pen.disc(
            0.5, 0.5, 1.5 * radius, radius, fill=mix((30, 22, 70), glow, share), turn=dice.uniform(10, 50)
        )
    _stars(pen, dice, 8, 0.05)
    corners = dice.sample([(0.14, 0.84), (0.86, 0.84), (0.14, 0.15), (0.86, 0.15)], 2)
    ringed, moon = corners
    colour = dice.choice([(226, 150, 96), (120, 190, 190), (214, 132, 160)])
    pen.disc(*ringed, 0.15, 0.035, fill=tint(colour, 0.55), turn=18)
    pen.disc(*ringed, 0.085, fill=colour, edge=shade(colour))
    pen.line(
        [
            (ringed[0] - 0.14, ringed[1] - 0.055),
            (ringed[0], ringed[1] - 0.02),
            (ringed[0] + 0.14, ringed[1] + 0.055),
        ],
        tint(colour, 0.55),
        0.016,
    )
    rock = (188, 188, 204)
    pen.disc(*moon, 0.075, fill=rock, edge=shade(rock))
    for x, y, radius in ((-0.025, 0.02, 0.02), (0.03, 0.0, 0.015), (-0.01, -0.035, 0.014)):
        pen.disc(moon[0] + x, moon[1] + y, radius, fill=shade(rock, 0.2))


def _hill(pen: Pen, dice: Random, height: float, swing: float, colour: Colour) -> None:
    phase, stretch = dice.uniform(0, 6.28), dice.uniform(4.5, 7.5)
    colour = _vary(colour, dice)
    ridge = [(k / 16, height + swing * math.sin(stretch * k / 16 + phase)) for k in range(17)]
    pen.shape([(0, 0), *ridge, (1, 0)], colour)


def _pine(
    pen: Pen, x: float, y: float, tall: float, colour: Colour, light: Light, snowy: bool = False
) -> None:
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


def _cactus(pen: Pen, x: float, y: float, size: float, colour: Colour) -> None:
    for path in (
        [(0, 0), (0, 0.2)],
        [(0, 0.08), (-0.06, 0.08), (-0.06, 0.15)],
        [(0, 0.05), (0.06, 0.06), (0.06, 0.12)],
    ):
        pen.line([(x + size * a, y + size * b) for a, b in path], colour, 0.036)


def _clouds(pen: Pen, dice: Random, colour: Colour) -> None:
    for _ in range(2):
        x, y, size = dice.uniform(0.1, 0.9), dice.uniform(0.72, 0.93), dice.uniform(0.8, 1.2)
        for dx, dy, radius in ((-0.07, 0, 0.035), (0.07, 0, 0.035), (0, 0.018, 0.05)):
            pen.disc(x + size * dx, y + size * dy, 1.3 * size * radius, size * radius, fill=colour)


def _sun(pen: Pen, dice: Random, colour: Colour) -> None:
    x, y = dice.choice([0.13, 0.87]) + dice.uniform(-0.03, 0.03), dice.uniform(0.83, 0.88)
    pen.disc(x, y, 0.105, fill=tint(colour, 0.62))
    pen.disc(x, y, 0.075, fill=colour)


def _moon(pen: Pen, dice: Random) -> None:
    x, y = dice.choice([0.14, 0.86]) + dice.uniform(-0.03, 0.03), dice.uniform(0.83, 0.88)
    pen.disc(x, y, 0.072, fill=MOON)
    pen.disc(x + 0.032, y + 0.022, 0.058, fill=(22, 25, 74))


def _stars(pen: Pen, dice: Random, count: int, lowest: float) -> None:
    for _ in range(count):
        x, y, size = dice.uniform(0.04, 0.96), dice.uniform(lowest, 0.96), dice.choice([0.02, 0.027])
        for wide, high in ((size, 0.42 * size), (0.42 * size, size)):
            pen.shape([(x - wide, y), (x, y + high), (x + wide, y), (x, y - high)], MOON)


def _edges(dice: Random) -> list[float]:
    """Three spots that leave the middle of the page to the subject."""
    return [dice.uniform(0.03, 0.14), dice.uniform(0.86, 0.97), dice.choice([0.25, 0.75])]


def _vary(colour: Colour, dice: Random) -> Colour:
    """This paint as another batch of it would look."""
    red, green, blue = (min(255, max(0, round(c * dice.uniform(0.96, 1.04)))) for c in colour)
    return red, green, blue


def _gradient(top: Colour, bottom: Colour, size: tuple[int, int]) -> Image.Image:
    strip = Image.new("RGB", (1, 2))
    strip.putdata([top, bottom])
    return strip.resize(size, Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))


SETTINGS: dict[str, Setting] = {
    "meadow": Setting(((126, 198, 242), (224, 242, 250)), _meadow),
    "forest": Setting(((178, 214, 196), (226, 238, 214)), _forest),
    "sea": Setting(((120, 200, 244), (232, 246, 250)), _sea),
    "snow": Setting(((164, 186, 216), (214, 226, 240)), _snow),
    "desert": Setting(((246, 150, 96), (254, 212, 150)), _desert),
    "space": Setting(((22, 16, 54), (40, 26, 84)), _space),
}
