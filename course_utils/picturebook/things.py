"""Houses, plants and vehicles of the picture book.

Each stands on the origin, about one unit tall, and returns the spot where a hat would sit.
"""

import math
from dataclasses import replace

from course_utils.picturebook.coats import Coat, Point
from course_utils.picturebook.faces import eyes, face
from course_utils.picturebook.palette import (
    BLUSH,
    CREAM,
    GLASS,
    GOLD,
    INK,
    LEAF,
    WHITE,
    WOOD,
    mix,
    shade,
    tint,
)
from course_utils.picturebook.pen import Pen


def house(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A cottage with a chimney, and windows on either side of its nose: the door."""
    colour = coat.colour
    edge, dark = shade(colour), shade(colour, 0.3)
    pen.shape([(0.2, 0.7), (0.2, 0.98), (0.34, 0.98), (0.34, 0.6)], mix(WOOD, INK, 0.1), shade(WOOD))
    pen.shape([(-0.4, 0), (-0.4, 0.58), (0.4, 0.58), (0.4, 0)], coat, edge)
    pen.blob([(-0.54, 0.54), (0, 1.02), (0.54, 0.54)], dark, edge, rounds=1)
    pen.disc(0, 0.72, 0.075, fill=GOLD, edge=edge)
    for side in (-1, 1):
        pen.shape(
            [
                (side * 0.35, 0.27),
                (side * 0.35, 0.5),
                (side * 0.1, 0.5),
                (side * 0.1, 0.27),
            ],
            tint(GOLD, 0.3) if not asleep else shade(colour, 0.2),
            edge,
        )
    eyes(pen, 0, 0.385, 0.225, 0.09, asleep, colour)
    pen.blob([(-0.1, 0), (-0.1, 0.26), (0.1, 0.26), (0.1, 0)], WOOD, edge, rounds=1)
    pen.disc(0.05, 0.1, 0.022, fill=GOLD)
    for side in (-1, 1):
        pen.disc(side * 0.26, 0.17, 0.06, 0.045, fill=mix(colour, BLUSH, 0.55))
    return -0.08, 0.9


def castle(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A castle: battlements between two towers with pointed roofs; the gate is its mouth."""
    colour = coat.colour
    edge, dark = shade(colour), shade(colour, 0.34)
    for side in (-1, 1):
        pen.line([(side * 0.42, 0.96), (side * 0.42, 1.13)], WOOD, 0.03)
        pen.shape([(side * 0.42, 1.15), (side * 0.42, 1.03), (side * 0.26, 1.09)], GOLD, shade(GOLD))
        pen.blob([(side * 0.6, 0.68), (side * 0.42, 1.06), (side * 0.24, 0.68)], dark, edge, rounds=1)
        pen.shape([(side * x, y) for x, y in ((0.55, 0), (0.55, 0.7), (0.29, 0.7), (0.29, 0))], coat, edge)
        pen.blob(
            [(side * x, y) for x, y in ((0.49, 0.44), (0.49, 0.62), (0.36, 0.62), (0.36, 0.44))],
            shade(colour, 0.62),
            rounds=1,
        )
    wall = [(-0.31, 0), (-0.31, 0.62)]
    for x in (-0.31, -0.083, 0.144):
        wall += [(x, 0.62), (x + 0.166, 0.62), (x + 0.166, 0.54), (x + 0.227, 0.54)]
    pen.shape([*wall[:-1], (0.31, 0.62), (0.31, 0)], coat, edge)
    pen.blob([(-0.13, 0), (-0.13, 0.2), (0, 0.27), (0.13, 0.2), (0.13, 0)], WOOD, edge, rounds=1)
    pen.line([(0, 0.01), (0, 0.2)], shade(WOOD, 0.35))
    for side in (-1, 1):
        pen.disc(side * 0.23, 0.27, 0.055, 0.04, fill=mix(colour, BLUSH, 0.6))
    eyes(pen, 0, 0.4, 0.15, 0.09, asleep, colour)
    return 0.0, 0.6


def tree(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A round tree: a cloud of leaves on a trunk, with a face among the leaves."""
    colour = coat.colour
    edge, light = shade(colour), tint(colour, 0.28)
    bark = (116, 78, 60)
    pen.blob([(-0.16, 0), (-0.08, 0.2), (-0.09, 0.5), (0.09, 0.5), (0.08, 0.2), (0.16, 0)], bark, shade(bark))
    lobes = [(-0.28, 0.5, 0.2), (0.28, 0.5, 0.2), (-0.24, 0.74, 0.2), (0.24, 0.74, 0.2), (0, 0.82, 0.22)]
    for x, y, radius in lobes:
        pen.disc(x, y, radius, fill=colour, edge=edge)
    for x, y, radius in lobes:
        pen.disc(x, y, radius - 0.015, fill=coat)
    pen.disc(0, 0.6, 0.3, 0.24, fill=colour)
    for x, y in ((-0.3, 0.8), (0.06, 0.93), (0.33, 0.72)):
        pen.arc(x, y, 0.08, 40, 150, light)
    face(pen, 0, 0.63, 0.4, asleep, colour)
    return 0.0, 0.98


def flower(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A flower with a smiling middle, a stem and two leaves."""
    colour = coat.colour
    edge = shade(colour)
    pen.line([(0, 0), (0.02, 0.25), (0, 0.5)], shade(LEAF, 0.15), 0.07)
    for side in (-1, 1):
        pen.blob([(0, 0.08), (side * 0.14, 0.24), (side * 0.38, 0.26), (side * 0.2, 0.06)], LEAF, shade(LEAF))
    for k in range(8):
        angle = 2 * math.pi * k / 8 + 0.2
        pen.disc(
            0.25 * math.cos(angle),
            0.66 + 0.25 * math.sin(angle),
            0.15,
            0.115,
            fill=coat,
            edge=edge,
            turn=math.degrees(angle),
        )
    middle = mix(GOLD, CREAM, 0.35)
    pen.disc(0, 0.66, 0.23, fill=middle, edge=shade(GOLD, 0.35))
    face(pen, 0, 0.69, 0.31, asleep, middle)
    return 0.0, 0.98


def mushroom(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A toadstool: a spotted cap in the subject's colour, the face on its stem."""
    colour = coat.colour
    edge = shade(colour)
    pen.blob(
        [(-0.26, 0), (-0.3, 0.1), (-0.18, 0.52), (0.18, 0.52), (0.3, 0.1), (0.26, 0)],
        CREAM,
        mix(CREAM, INK, 0.5),
    )
    face(pen, 0, 0.3, 0.34, asleep, CREAM)
    pen.blob(
        [
            (-0.52, 0.44),
            (-0.54, 0.6),
            (-0.34, 0.96),
            (0, 1.02),
            (0.34, 0.96),
            (0.54, 0.6),
            (0.52, 0.44),
            (0, 0.52),
        ],
        coat,
        edge,
    )
    if coat.kind == "plain":
        pen.arc(0, 0.55, 0.36, 105, 150, tint(colour, 0.55))
    return 0.0, 0.95


def boat(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A sailing boat; its hull wears the colour and the face, its sails the coat."""
    colour = coat.colour
    edge = shade(colour)
    sail, cloth = mix(CREAM, INK, 0.35), Coat(CREAM, coat.kind, colour if min(colour) < 200 else coat.mark)
    pen.line([(0, 0.3), (0, 1.0)], WOOD, 0.05)
    pen.shape([(0.06, 0.44), (0.06, 0.94), (0.46, 0.44)], cloth, sail)
    pen.shape(
        [(-0.06, 0.44), (-0.06, 0.82), (-0.36, 0.44)],
        tint(colour, 0.55) if coat.kind == "plain" else cloth,
        sail,
    )
    pen.shape([(0, 1.08), (0, 0.97), (-0.17, 1.02)], colour, edge)
    pen.blob(
        [(-0.58, 0.4), (-0.5, 0.16), (-0.34, 0), (0.34, 0), (0.5, 0.16), (0.58, 0.4), (0, 0.36)],
        colour,
        edge,
    )
    face(pen, 0, 0.235, 0.34, asleep, colour)
    return 0.0, 1.0


def rocket(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A rocket with fins and a flame; someone looks out of the window."""
    colour = coat.colour
    pen = pen.at(0, 0.1, 0.9)  # its flame, too, stands on the ground
    edge, dark = shade(colour), shade(colour, 0.32)
    fin = replace(coat, colour=dark)
    pen.blob([(-0.14, 0.16), (-0.1, -0.02), (0, -0.1), (0.1, -0.02), (0.14, 0.16)], (250, 150, 50))
    pen.blob([(-0.07, 0.16), (-0.05, 0.05), (0, 0), (0.05, 0.05), (0.07, 0.16)], (255, 225, 110))
    for side in (-1, 1):
        pen.blob(
            [(side * 0.16, 0.46), (side * 0.42, 0.24), (side * 0.44, 0.02), (side * 0.14, 0.16)],
            fin,
            edge,
            rounds=1,
        )
    pen.blob(
        [
            (-0.16, 0.12),
            (-0.28, 0.4),
            (-0.24, 0.74),
            (0, 1.06),
            (0.24, 0.74),
            (0.28, 0.4),
            (0.16, 0.12),
        ],
        coat,
        edge,
    )
    pen.blob([(-0.13, 0.82), (0, 1.03), (0.13, 0.82)], dark, rounds=1)
    pen.disc(0, 0.52, 0.195, fill=GLASS, edge=edge)
    face(pen, 0, 0.55, 0.29, asleep, GLASS)
    pen.line([(-0.12, 0.2), (0.12, 0.2)], dark, 0.05)
    return 0.0, 0.99


def car(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A car from the front: eyes behind the windscreen, a grin for a grille."""
    colour = coat.colour
    edge, dark = shade(colour), shade(colour, 0.25)
    for side in (-1, 1):
        pen.blob(
            [(side * 0.46, 0), (side * 0.46, 0.22), (side * 0.24, 0.22), (side * 0.24, 0)],
            mix(INK, WHITE, 0.12),
            INK,
            rounds=1,
        )
    pen.blob([(-0.4, 0.4), (-0.33, 0.86), (0.33, 0.86), (0.4, 0.4)], coat, edge)
    pen.blob([(-0.34, 0.42), (-0.28, 0.77), (0.28, 0.77), (0.34, 0.42)], GLASS, edge, rounds=1)
    eyes(pen, 0, 0.58, 0.13, 0.105, asleep, GLASS)
    pen.blob([(-0.5, 0.1), (-0.52, 0.4), (-0.36, 0.5), (0.36, 0.5), (0.52, 0.4), (0.5, 0.1)], coat, edge)
    for side in (-1, 1):
        pen.disc(side * 0.36, 0.32, 0.085, fill=tint(GOLD, 0.35), edge=edge)
    pen.blob([(-0.19, 0.36), (0.19, 0.36), (0.13, 0.21), (-0.13, 0.21)], WHITE, edge)
    pen.line([(-0.42, 0.145), (0.42, 0.145)], dark, 0.05)
    return 0.0, 0.84
