"""The two settings that people built: the city, and a room with a window sill."""

from itertools import pairwise
from random import Random

from course_utils.picturebook.palette import GOLD, LEAF, WHITE, Colour, mix, shade, tint
from course_utils.picturebook.pen import Pen
from course_utils.picturebook.scenery import Light, heavens, hill, vary

SILL: Colour = (206, 158, 112)
PAVEMENT: Colour = (172, 172, 184)


def city(pen: Pen, dice: Random, light: Light) -> None:
    """A skyline with windows behind a street."""
    heavens(pen, dice, light, 0.7, clouds=False)
    far, near = light.on((164, 184, 212)), light.on((112, 128, 168))
    x = -0.04
    while x < 1:
        wide = dice.uniform(0.13, 0.19)
        _tower(pen, dice, x, wide, dice.uniform(0.5, 0.66), far, light)
        x += wide + 0.012
    for x, wide in ((dice.uniform(-0.06, -0.02), 0.2), (dice.uniform(0.82, 0.86), 0.2)):
        _tower(pen, dice, x, wide, dice.uniform(0.6, 0.74), near, light)
    pen.shape([(0, 0), (0, 0.25), (1, 0.25), (1, 0)], light.on(PAVEMENT))
    pen.shape([(0, 0.225), (0, 0.25), (1, 0.25), (1, 0.225)], light.on(tint(PAVEMENT, 0.4)))
    pen.shape([(0, 0), (0, 0.1), (1, 0.1), (1, 0)], light.on((92, 96, 112)))
    start = dice.uniform(0, 0.2)
    for k in range(-1, 5):
        left = start + 0.24 * k
        pen.shape([(left, 0.036), (left, 0.06), (left + 0.12, 0.06), (left + 0.12, 0.036)], light.on(WHITE))


def _tower(
    pen: Pen, dice: Random, left: float, wide: float, top: float, colour: Colour, light: Light
) -> None:
    colour = vary(colour, dice)
    pen.shape([(left, 0.2), (left, top), (left + wide, top), (left + wide, 0.2)], colour)
    roof = dice.choice(["flat", "step", "spire"])
    middle = left + wide / 2
    if roof == "step":
        step = 0.28 * wide
        pen.shape(
            [
                (middle - step, top),
                (middle - step, top + 0.05),
                (middle + step, top + 0.05),
                (middle + step, top),
            ],
            colour,
        )
    elif roof == "spire":
        pen.shape([(left, top), (middle, top + 0.09), (left + wide, top)], colour)
        pen.line([(middle, top + 0.06), (middle, top + 0.13)], colour)
    lit = {"day": 0.0, "sunset": 0.45, "night": 0.6}[light.kind]
    dark = tint(colour, 0.5) if light.kind == "day" else shade(colour, 0.3)
    columns = 2 if wide < 0.165 else 3
    for row in range(int((top - 0.3) / 0.085)):
        for column in range(columns):
            x = left + wide * (column + 0.5) / columns
            y = top - 0.055 - 0.085 * row
            paint = mix(GOLD, WHITE, 0.25) if dice.random() < lit else dark
            pen.shape(
                [
                    (x - 0.018, y - 0.024),
                    (x - 0.018, y + 0.024),
                    (x + 0.018, y + 0.024),
                    (x + 0.018, y - 0.024),
                ],
                paint,
            )


def room(pen: Pen, dice: Random, light: Light) -> None:
    """Inside: a large window with curtains, and its sill, on which the subject sits."""
    heavens(pen, dice, light, 0.46, edge=0.29)
    hill(pen, dice, 0.34, 0.03, light.on((150, 204, 110)))
    wall = light.on(dice.choice([(230, 204, 178), (196, 212, 198), (214, 200, 222)]))
    frame = light.on((250, 244, 232))
    left, right, low, high = 0.17, 0.83, 0.2, 0.94
    pen.shape([(0, 0), (0, 1), (left, 1), (left, 0)], wall)
    pen.shape([(right, 0), (right, 1), (1, 1), (1, 0)], wall)
    pen.shape([(0, high), (0, 1), (1, 1), (1, high)], wall)
    outline = [(left, low), (left, high), (right, high), (right, low)]
    for a, b in pairwise(outline):
        pen.line([a, b], shade(frame, 0.3), 0.045)
        pen.line([a, b], frame, 0.03)
    pen.line([(0.5, low), (0.5, high)], frame, 0.026)
    pen.line([(left, 0.68), (right, 0.68)], frame, 0.026)
    cloth, gold = dice.choice([(224, 108, 104), (92, 150, 186), (226, 172, 92)]), GOLD
    if light.night:
        cloth, gold = light.on(cloth), light.on(gold)
    for side in (-1, 1):
        fall = [(0.52, 1.02), (0.24, 1.02), (0.28, 0.78), (0.38, 0.56), (0.36, 0.2), (0.52, 0.2)]
        pen.blob([(0.5 + side * x, y) for x, y in fall], cloth, shade(cloth, 0.3), rounds=1)
        for x in (0.42, 0.465):
            pen.line(
                [(0.5 + side * (x - 0.05), 0.98), (0.5 + side * x, 0.6), (0.5 + side * x, 0.24)],
                shade(cloth, 0.18),
            )
        pen.disc(0.5 + side * 0.44, 0.55, 0.075, 0.025, fill=gold)
    wood = light.on(SILL)
    pen.shape([(0, 0), (0, 0.22), (1, 0.22), (1, 0)], wood)
    shine = {"day": (255, 244, 206), "sunset": (255, 196, 110), "night": (150, 166, 220)}[light.kind]
    pen.shape([(0.26, 0.215), (0.16, 0.05), (0.84, 0.05), (0.74, 0.215)], mix(wood, shine, 0.42))
    pen.shape([(0, 0), (0, 0.045), (1, 0.045), (1, 0)], shade(wood, 0.3))
    x = dice.choice([0.07, 0.93])
    _pot(pen.at(x, 0.19, 0.2), light)


def _pot(pen: Pen, light: Light) -> None:
    """A plant in its pot."""
    for side in (-1, 0, 1):
        pen.line(
            [(0, 0.3), (side * 0.16, 0.6), (side * 0.34, 0.86 + 0.1 * (side == 0))], light.on(LEAF), 0.15
        )
    pen.blob([(-0.22, 0), (-0.3, 0.4), (0.3, 0.4), (0.22, 0)], light.on((206, 112, 82)), rounds=1)
