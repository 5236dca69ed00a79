"""The picture book's penguin, dragon and robot.

Each stands on the origin, about one unit tall, and returns the spot where a hat would sit.
"""

from course_utils.picturebook.coats import Coat, Point
from course_utils.picturebook.faces import eyes, face
from course_utils.picturebook.palette import BLUSH, CREAM, GLASS, GOLD, INK, WHITE, mix, shade, tint
from course_utils.picturebook.pen import Pen


def dragon(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A sitting dragon: bat wings, horns, a ridged belly and a tail with an arrow's head."""
    colour = coat.colour
    edge, dark, light = shade(colour), shade(colour, 0.25), tint(colour, 0.6)
    for side in (-1, 1):
        wing = [(0.16, 0.4), (0.3, 0.7), (0.54, 0.86), (0.55, 0.56), (0.46, 0.58), (0.42, 0.4), (0.32, 0.44)]
        pen.shape([(side * x, y) for x, y in wing], mix(light, BLUSH, 0.25), edge)
        for x, y in ((0.54, 0.86), (0.46, 0.58), (0.32, 0.44)):
            pen.line([(side * 0.2, 0.46), (side * x, y)], edge)
    pen.line([(0.2, 0.07), (0.4, 0.05), (0.48, 0.2)], edge, 0.125)
    pen.line([(0.2, 0.07), (0.4, 0.05), (0.48, 0.2)], colour, 0.08)
    pen.shape([(0.39, 0.19), (0.49, 0.38), (0.55, 0.16)], dark, edge)
    pen.blob([(-0.31, 0), (-0.33, 0.3), (-0.18, 0.54), (0.18, 0.54), (0.33, 0.3), (0.31, 0)], coat, edge)
    pen.disc(0, 0.22, 0.16, 0.2, fill=light)
    for y, half in ((0.3, 0.12), (0.2, 0.13)):
        pen.line([(-half, y), (0, y - 0.02), (half, y)], mix(light, edge, 0.45))
    for side in (-1, 1):
        pen.disc(side * 0.17, 0.045, 0.12, 0.07, fill=colour, edge=edge)
        horn = [(0.13, 0.86), (0.19, 1.02), (0.33, 1.12), (0.31, 0.96), (0.27, 0.82)]
        pen.blob([(side * x, y) for x, y in horn], CREAM, mix(CREAM, INK, 0.5), rounds=1)
    pen.shape([(-0.09, 0.9), (0, 1.06), (0.09, 0.9)], dark, edge)
    skull = [(-0.24, 0.95), (0.24, 0.95), (0.37, 0.74), (0.33, 0.5), (-0.33, 0.5), (-0.37, 0.74)]
    pen.blob(skull, coat, edge)
    pen.blob(
        [(-0.24, 0.66), (0.24, 0.66), (0.34, 0.54), (0.24, 0.4), (-0.24, 0.4), (-0.34, 0.54)], light, edge
    )
    for side in (-1, 1):
        pen.disc(side * 0.09, 0.58, 0.028, 0.022, fill=shade(colour, 0.5))
        pen.shape(
            [(side * 0.12, 0.485), (side * 0.17, 0.5), (side * 0.155, 0.43)], WHITE, mix(WHITE, edge, 0.5)
        )
    pen.arc(0, 0.6, 0.15, 225, 315, INK)
    eyes(pen, 0, 0.76, 0.165, 0.09, asleep, colour)
    return 0.0, 0.93


def robot(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A robot: a square head with a screen for a face, two feelers, hooks for hands."""
    colour = coat.colour
    edge, dark = shade(colour), shade(colour, 0.28)
    steel = (172, 180, 192)
    for side in (-1, 1):
        pen.line([(side * 0.16, 0.2), (side * 0.16, 0.06)], shade(steel, 0.2), 0.1)
        pen.blob(
            [(side * x, y) for x, y in ((0.04, 0), (0.06, 0.1), (0.26, 0.1), (0.3, 0))], dark, edge, rounds=1
        )
        pen.line([(side * 0.28, 0.44), (side * 0.47, 0.42), (side * 0.47, 0.26)], edge, 0.1)
        pen.line([(side * 0.28, 0.44), (side * 0.47, 0.42), (side * 0.47, 0.26)], steel, 0.055)
        pen.disc(side * 0.47, 0.21, 0.065, fill=dark, edge=edge)
        pen.line([(side * 0.28, 0.9), (side * 0.34, 1.06)], edge, 0.04)
        pen.disc(side * 0.345, 1.07, 0.055, fill=GOLD, edge=shade(GOLD))
        pen.disc(side * 0.4, 0.72, 0.07, 0.1, fill=steel, edge=shade(steel))
    pen.blob([(-0.3, 0.12), (-0.32, 0.5), (0.32, 0.5), (0.3, 0.12)], coat, edge, rounds=1)
    pen.blob([(-0.15, 0.2), (-0.15, 0.38), (0.15, 0.38), (0.15, 0.2)], tint(steel, 0.5), edge, rounds=1)
    pen.disc(-0.065, 0.29, 0.038, fill=(232, 70, 84))
    pen.disc(0.065, 0.29, 0.038, fill=GOLD)
    pen.blob([(-0.4, 0.5), (-0.4, 0.96), (0.4, 0.96), (0.4, 0.5)], coat, edge, rounds=1)
    pen.blob([(-0.29, 0.585), (-0.29, 0.87), (0.29, 0.87), (0.29, 0.585)], GLASS, edge, rounds=1)
    face(pen, 0, 0.755, 0.4, asleep, GLASS)
    return 0.0, 0.95


def penguin(pen: Pen, coat: Coat, asleep: bool) -> Point:
    """A penguin: a white bib and face, flippers held out, an orange beak and feet."""
    colour = coat.colour
    edge, dark = shade(colour), shade(colour, 0.22)
    orange = (250, 160, 50)
    bib = mix(CREAM, WHITE, 0.6)
    for side in (-1, 1):
        flipper = [(0.28, 0.62), (0.42, 0.52), (0.57, 0.26), (0.48, 0.22), (0.3, 0.36)]
        pen.blob([(side * x, y) for x, y in flipper], dark, edge)
        pen.disc(side * 0.15, 0.04, 0.14, 0.06, fill=orange, edge=shade(orange, 0.4))
    body = [(0.28, 0.03), (0.42, 0.24), (0.38, 0.6), (0.38, 0.86), (0.2, 1.03)]
    pen.blob(body + [(-x, y) for x, y in body[::-1]], coat, edge)
    pen.disc(0, 0.28, 0.24, 0.24, fill=bib, edge=mix(bib, edge, 0.4))
    for side in (-1, 1):
        pen.disc(side * 0.12, 0.7, 0.155, 0.16, fill=bib)
    pen.disc(0, 0.62, 0.2, 0.12, fill=bib)
    eyes(pen, 0, 0.73, 0.135, 0.085, asleep, bib)
    for side in (-1, 1):
        pen.disc(side * 0.2, 0.6, 0.055, 0.04, fill=mix(bib, BLUSH, 0.6))
    pen.blob([(-0.1, 0.66), (0.1, 0.66), (0, 0.53)], orange, shade(orange, 0.4), rounds=1)
    return 0.0, 0.95
