"""The six settings out of doors: meadow, forest, sea, snow, desert, space."""

from random import Random

from course_utils.picturebook.palette import INK, LEAF, WHITE, WOOD, mix, shade, tint
from course_utils.picturebook.pen import Pen
from course_utils.picturebook.scenery import Light, cactus, edges, heavens, hill, pine, stars


def meadow(pen: Pen, dice: Random, light: Light) -> None:
    """Green hills with daisies."""
    heavens(pen, dice, light, 0.5)
    hill(pen, dice, 0.46, 0.05, light.on((150, 204, 110)))
    hill(pen, dice, 0.33, 0.04, light.on((112, 186, 88)))
    for _ in range(4):
        x, y = dice.uniform(0.05, 0.95), dice.uniform(0.05, 0.24)
        petals = dice.choice([(255, 255, 255), (255, 214, 228)])
        pen.disc(x, y, 0.026, fill=light.on(petals))
        pen.disc(x, y, 0.012, fill=light.on((244, 186, 62)))


def forest(pen: Pen, dice: Random, light: Light) -> None:
    """Two rows of firs."""
    heavens(pen, dice, light, 0.66, clouds=False, sun=False)
    for row, (base, tall, colour) in enumerate(((0.42, 0.42, (112, 164, 140)), (0.34, 0.5, (62, 126, 104)))):
        hill(pen, dice, base, 0.02, light.on(colour))
        spots = [(k + dice.uniform(0.3, 0.7)) / 5 for k in range(5)] if row == 0 else edges(dice)
        for x in spots:
            pine(pen, x, base - 0.04, tall * dice.uniform(0.8, 1.0), light.on(colour), light)
    hill(pen, dice, 0.26, 0.03, light.on((94, 128, 74)))


def sea(pen: Pen, dice: Random, light: Light) -> None:
    """The open sea, with an island far out."""
    line = dice.uniform(0.46, 0.54)
    heavens(pen, dice, light, line + 0.04)
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


def snow(pen: Pen, dice: Random, light: Light) -> None:
    """Snowy hills and firs while it snows."""
    heavens(pen, dice, light, 0.56, clouds=False, sun=False)
    hill(pen, dice, 0.5, 0.07, light.on((206, 218, 236)))
    for x in edges(dice):
        pine(pen, x, 0.36, dice.uniform(0.34, 0.44), light.on((92, 136, 138)), light, snowy=True)
    hill(pen, dice, 0.36, 0.04, light.on((240, 244, 250)))
    hill(pen, dice, 0.14, 0.03, light.on((226, 233, 245)))
    for _ in range(8):
        x, y = dice.uniform(0.03, 0.97), dice.uniform(0.4, 0.97)
        pen.disc(x, y, dice.choice([0.015, 0.02]), fill=mix(WHITE, light.on(WHITE), 0.25))


def desert(pen: Pen, dice: Random, light: Light) -> None:
    """Dunes with cacti."""
    heavens(pen, dice, light, 0.52, clouds=False)
    hill(pen, dice, 0.46, 0.06, light.on((226, 158, 92)))
    for x in dice.sample([0.09, 0.22, 0.78, 0.91], 2):
        cactus(pen, x, dice.uniform(0.3, 0.36), dice.uniform(0.8, 1.1), light.on((76, 140, 92)))
    hill(pen, dice, 0.33, 0.05, light.on((238, 184, 108)))
    hill(pen, dice, 0.14, 0.05, light.on((228, 168, 92)))


def space(pen: Pen, dice: Random, light: Light) -> None:
    """Planets, a moon and stars, and no ground."""
    glow = dice.choice([(104, 50, 126), (52, 70, 148), (44, 92, 122)])
    for share, radius in ((0.3, 0.34), (0.55, 0.22)):
        pen.disc(
            0.5, 0.5, 1.5 * radius, radius, fill=mix((30, 22, 70), glow, share), turn=dice.uniform(10, 50)
        )
    stars(pen, dice, 8, 0.05)
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
