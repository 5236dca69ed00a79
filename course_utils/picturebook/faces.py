"""Eyes, cheeks and smiles: everything in the picture book has a face."""

from course_utils.picturebook.palette import BLUSH, INK, WHITE, Colour, mix, tint
from course_utils.picturebook.pen import Pen


def eyes(pen: Pen, x: float, y: float, apart: float, radius: float, asleep: bool, skin: Colour) -> None:
    """Two eyes about (x, y), each `apart` to its side; asleep they are lids with a lash line."""
    for side in (-1, 1):
        eye(pen, x + side * apart, y, radius, asleep, skin)


def eye(pen: Pen, x: float, y: float, radius: float, asleep: bool, skin: Colour) -> None:
    """One eye: white with a dark pupil that looks at you, or a closed lid."""
    if asleep:
        pen.disc(x, y, radius, fill=tint(skin, 0.6))
        pen.arc(x, y + 0.15 * radius, radius, 195, 345, INK)
        return
    pen.disc(x, y, radius, 1.12 * radius, fill=WHITE)
    pen.disc(x + 0.1 * radius, y - 0.05 * radius, 0.68 * radius, 0.8 * radius, fill=INK)
    pen.disc(x + 0.34 * radius, y + 0.3 * radius, 0.27 * radius, fill=WHITE)


def face(pen: Pen, x: float, y: float, size: float, asleep: bool, skin: Colour) -> None:
    """Eyes, rosy cheeks and a smile on a surface of colour `skin`."""
    for side in (-1, 1):
        pen.disc(x + side * 0.62 * size, y - 0.3 * size, 0.17 * size, 0.12 * size, fill=mix(skin, BLUSH, 0.6))
    eyes(pen, x, y, 0.36 * size, 0.23 * size, asleep, skin)
    pen.arc(x, y - 0.26 * size, 0.17 * size, 200, 340, INK)
