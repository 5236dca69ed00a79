"""The animals of the picture book.

Each stands on the origin, about one unit tall, and returns the spot where a hat would sit.
"""

from dataclasses import replace

from course_utils.picturebook.coats import Coat, Point
from course_utils.picturebook.faces import eye, eyes
from course_utils.picturebook.palette import BLUSH, CREAM, GOLD, INK, WHITE, mix, shade, tint
from course_utils.picturebook.pen import Pen


def cat(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A sitting cat with whiskers and a curled tail."""
    colour = coat.colour
    edge, dark, light = shade(colour), shade(colour, 0.18), tint(colour, 0.6)
    tail = [(0.2, 0.08), (0.45, 0.06), (0.49, 0.32), (0.37, 0.38), (0.38, 0.46)]
    pen.line(tail, edge, 0.135)
    pen.line(tail, colour, 0.09)
    pen.blob([(-0.3, 0), (-0.32, 0.3), (-0.18, 0.52), (0.18, 0.52), (0.32, 0.3), (0.3, 0)], coat, edge)
    pen.disc(0, 0.2, 0.15, 0.18, fill=light)
    for side in (-1, 1):
        pen.disc(side * 0.14, 0.04, 0.11, 0.065, fill=colour, edge=edge)
    for side in (-1, 1):
        pen.blob([(side * 0.36, 0.66), (side * 0.37, 1.06), (side * 0.05, 0.86)], colour, edge, rounds=1)
        pen.blob([(side * 0.3, 0.78), (side * 0.32, 0.98), (side * 0.15, 0.87)], mix(colour, BLUSH, 0.7))
    pen.disc(0, 0.66, 0.385, 0.29, fill=coat, edge=edge)
    if coat.kind == "plain":
        for x in (-0.1, 0.0, 0.1):
            pen.line([(x, 0.93), (0.7 * x, 0.84)], dark, 0.04)
    pen.disc(0, 0.56, 0.17, 0.12, fill=light)
    eyes(pen, 0, 0.69, 0.17, 0.095, asleep, colour)
    pen.blob([(-0.05, 0.62), (0.05, 0.62), (0, 0.56)], mix(BLUSH, INK, 0.12))
    pen.arc(-0.045, 0.555, 0.045, 190, 350, INK)
    pen.arc(0.045, 0.555, 0.045, 190, 350, INK)
    for side in (-1, 1):
        for lift in (0.05, -0.04):
            pen.line([(side * 0.22, 0.56 + lift / 2), (side * 0.5, 0.56 + 1.6 * lift)], edge)
    return 0.0, 0.93


def dog(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A sitting dog with hanging ears, a patch over one eye and its tongue out."""
    colour = coat.colour
    edge, dark, light = shade(colour), shade(colour, 0.3), tint(colour, 0.6)
    tail = [(0.22, 0.16), (0.42, 0.22), (0.5, 0.44)]
    pen.line(tail, edge, 0.125)
    pen.line(tail, colour, 0.08)
    pen.blob([(-0.3, 0), (-0.33, 0.3), (-0.18, 0.54), (0.18, 0.54), (0.33, 0.3), (0.3, 0)], coat, edge)
    pen.disc(0, 0.22, 0.15, 0.19, fill=light)
    for side in (-1, 1):
        pen.disc(side * 0.15, 0.045, 0.12, 0.07, fill=colour, edge=edge)
    pen.blob([(-0.3, 0.9), (0.3, 0.9), (0.38, 0.64), (0.24, 0.4), (-0.24, 0.4), (-0.38, 0.64)], coat, edge)
    if coat.kind == "plain":
        pen.disc(-0.15, 0.7, 0.14, 0.15, fill=dark)
    ear = replace(coat, colour=dark)
    for side in (-1, 1):
        pen.blob(
            [
                (side * 0.2, 0.93),
                (side * 0.42, 0.9),
                (side * 0.52, 0.62),
                (side * 0.46, 0.4),
                (side * 0.33, 0.46),
                (side * 0.31, 0.74),
            ],
            ear,
            edge,
        )
    pen.disc(0, 0.53, 0.19, 0.14, fill=light, edge=mix(light, edge, 0.4))
    pen.blob([(-0.06, 0.49), (0.06, 0.49), (0.06, 0.36), (-0.06, 0.36)], BLUSH, shade(BLUSH, 0.3))
    pen.disc(0, 0.595, 0.075, 0.055, fill=INK)
    pen.arc(-0.06, 0.52, 0.06, 190, 350, INK)
    pen.arc(0.06, 0.52, 0.06, 190, 350, INK)
    eyes(pen, 0, 0.71, 0.15, 0.088, asleep, colour)
    return 0.0, 0.9


def rabbit(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A rabbit: tall ears, round cheeks, two teeth, a cotton tail."""
    colour = coat.colour
    edge, light = shade(colour), tint(colour, 0.6)
    pen.disc(0.3, 0.13, 0.12, fill=light, edge=edge)
    pen.blob([(-0.3, 0), (-0.3, 0.24), (-0.16, 0.44), (0.16, 0.44), (0.3, 0.24), (0.3, 0)], coat, edge)
    pen.disc(0, 0.17, 0.14, 0.15, fill=light)
    for side in (-1, 1):
        pen.disc(side * 0.15, 0.035, 0.15, 0.06, fill=colour, edge=edge)
        pen.disc(side * 0.15, 0.86, 0.1, 0.27, fill=coat, edge=edge, turn=-side * 9)
        pen.disc(side * 0.15, 0.86, 0.05, 0.19, fill=mix(colour, BLUSH, 0.65), turn=-side * 9)
    pen.disc(0, 0.53, 0.32, 0.25, fill=coat, edge=edge)
    for side in (-1, 1):
        pen.disc(side * 0.21, 0.45, 0.06, 0.045, fill=mix(colour, BLUSH, 0.6))
        pen.disc(side * 0.065, 0.43, 0.085, 0.07, fill=light)
    pen.shape([(-0.05, 0.41), (0.05, 0.41), (0.05, 0.33), (-0.05, 0.33)], WHITE, mix(edge, WHITE, 0.3))
    pen.blob([(-0.05, 0.5), (0.05, 0.5), (0, 0.44)], mix(BLUSH, INK, 0.15))
    eyes(pen, 0, 0.56, 0.15, 0.09, asleep, colour)
    return 0.0, 0.74


def owl(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """An owl: an egg with wings, ear tufts and very large eyes."""
    colour = coat.colour
    edge, dark, light = shade(colour), shade(colour, 0.22), tint(colour, 0.55)
    for side in (-1, 1):
        for toe in (0.07, 0.15):
            pen.disc(side * toe, 0.03, 0.045, 0.04, fill=mix(GOLD, INK, 0.12))
    pen.blob(
        [
            (-0.3, 0.03),
            (-0.42, 0.4),
            (-0.42, 0.78),
            (-0.4, 1.04),
            (-0.16, 0.9),
            (0.16, 0.9),
            (0.4, 1.04),
            (0.42, 0.78),
            (0.42, 0.4),
            (0.3, 0.03),
        ],
        coat,
        edge,
    )
    pen.disc(0, 0.29, 0.2, 0.23, fill=light)
    for y, xs in ((0.38, (-0.08, 0.08)), (0.27, (0.0,))):
        for x in xs:
            pen.arc(x, y, 0.06, 200, 340, dark)
    wing = replace(coat, colour=dark)
    for side in (-1, 1):
        pen.disc(side * 0.36, 0.36, 0.1, 0.24, fill=wing, edge=edge, turn=side * 8)
        pen.disc(side * 0.175, 0.69, 0.17, fill=light)
        eye(pen, side * 0.165, 0.69, 0.125, asleep, colour)
    pen.blob([(-0.06, 0.62), (0.06, 0.62), (0, 0.49)], mix(GOLD, INK, 0.08), shade(GOLD), rounds=1)
    return 0.0, 0.9


def fish(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A round fish from the side, with fins, scales and a bubble."""
    colour = coat.colour
    edge, dark, light = shade(colour), shade(colour, 0.25), tint(colour, 0.5)
    fin = replace(coat, colour=dark)
    pen.blob(
        [(-0.22, 0.42), (-0.5, 0.72), (-0.56, 0.7), (-0.48, 0.42), (-0.56, 0.14), (-0.5, 0.12)], fin, edge
    )
    pen.blob([(-0.12, 0.62), (-0.06, 0.86), (0.2, 0.84), (0.26, 0.64)], fin, edge)
    pen.blob([(-0.02, 0.2), (-0.1, 0.02), (0.12, 0.04), (0.2, 0.18)], dark, edge)
    pen.blob(
        [(-0.36, 0.42), (-0.12, 0.72), (0.26, 0.74), (0.54, 0.44), (0.26, 0.12), (-0.12, 0.14)], coat, edge
    )
    pen.disc(0.14, 0.25, 0.2, 0.07, fill=light)
    if coat.kind == "plain":
        for x, y in ((-0.16, 0.42), (-0.02, 0.52)):
            pen.arc(x, y, 0.09, 110, 250, dark)
    eye(pen, 0.26, 0.5, 0.105, asleep, colour)
    pen.disc(0.26, 0.345, 0.055, 0.04, fill=mix(colour, BLUSH, 0.6))
    pen.arc(0.42, 0.4, 0.06, 190, 330, INK)
    pen.blob([(0.02, 0.42), (-0.1, 0.3), (0.1, 0.26)], dark, edge, rounds=1)
    pen.disc(0.6, 0.66, 0.05, fill=CREAM, edge=mix(CREAM, (60, 130, 190), 0.6))
    return 0.1, 0.8
