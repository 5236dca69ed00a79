"""What a subject wears or has beside it: hat, crown, butterfly, helmet, balloon, scarf."""

from dataclasses import dataclass
from typing import NamedTuple

from course_utils.picturebook.coats import Point
from course_utils.picturebook.palette import CREAM, GLASS, GOLD, INK, TEAL, WHITE, Colour, mix, shade, tint
from course_utils.picturebook.pen import Pen

RUBY: Colour = (232, 70, 84)
CRIMSON: Colour = (204, 48, 84)
BALLOON: Colour = (240, 70, 134)
HAT = 0.5  # the most a hat or crown grows with its wearer: there must be room for it on the page


@dataclass(frozen=True)
class Fit:
    """Where a subject's helmet and scarf sit, in its own units.

    `dome` is the helmet's middle and half axes; `neck` the scarf's middle, half width and turn in degrees.
    """

    dome: tuple[float, float, float, float]
    neck: tuple[float, float, float, float]


FITS: dict[str, Fit] = {
    "cat": Fit((0, 0.72, 0.5, 0.43), (0, 0.41, 0.25, 0)),
    "dog": Fit((0, 0.68, 0.55, 0.4), (0, 0.41, 0.25, 0)),
    "rabbit": Fit((0, 0.7, 0.42, 0.5), (0, 0.31, 0.24, 0)),
    "owl": Fit((0, 0.72, 0.5, 0.4), (0, 0.49, 0.38, 0)),
    "fish": Fit((0.17, 0.44, 0.46, 0.44), (0.0, 0.44, 0.27, 90)),
    "house": Fit((0, 0.54, 0.58, 0.56), (0, 0.55, 0.4, 0)),
    "tree": Fit((0, 0.68, 0.52, 0.45), (0, 0.27, 0.17, 0)),
    "flower": Fit((0, 0.66, 0.47, 0.46), (0, 0.34, 0.16, 0)),
    "mushroom": Fit((0, 0.7, 0.565, 0.42), (0, 0.13, 0.26, 0)),
    "boat": Fit((0.04, 0.74, 0.52, 0.42), (0, 0.12, 0.42, 0)),
    "rocket": Fit((0, 0.7, 0.38, 0.42), (0, 0.35, 0.24, 0)),
    "car": Fit((0, 0.68, 0.46, 0.32), (0, 0.13, 0.43, 0)),
    "dragon": Fit((0, 0.74, 0.48, 0.46), (0, 0.38, 0.24, 0)),
    "robot": Fit((0, 0.78, 0.52, 0.42), (0, 0.48, 0.28, 0)),
    "penguin": Fit((0, 0.78, 0.46, 0.38), (0, 0.5, 0.36, 0)),
    "castle": Fit((0, 0.63, 0.64, 0.65), (0, 0.13, 0.5, 0)),
}


class Stand(NamedTuple):
    """Where a subject stands: x of its middle, y of its foot (upwards), its height; shares of a page."""

    x: float
    y: float
    height: float

    @property
    def emptier(self) -> int:
        """The side of the page with more room: -1 left, 1 right."""
        return -1 if self.x > 0.5 else 1


def behind(detail: str, subject: str, page: Pen, body: Pen, stand: Stand) -> None:
    """The part of a detail that the subject will cover; `body` is the subject's own pen."""
    if detail == "helmet":
        body.glaze(*FITS[subject].dome, GLASS, 0.35)
    elif detail == "balloon":
        _balloon(page, stand)


def before(detail: str, subject: str, page: Pen, body: Pen, stand: Stand, spot: Point) -> None:
    """The part of a detail that covers the subject; `spot` is where a hat sits."""
    head = body.at(*spot, min(1.0, HAT / stand.height))
    if detail == "hat":
        _hat(head)
    elif detail == "crown":
        _crown(head)
    elif detail == "butterfly":
        _butterfly(page, stand)
    elif detail == "helmet":
        _helmet(body, *FITS[subject].dome)
    elif detail == "scarf":
        across, up, half, turn = FITS[subject].neck
        _scarf(body.at(across, up, 1.0, turn), half, min(0.27, up - 0.01))


def _hat(pen: Pen) -> None:
    """A party hat, striped, with a bobble."""
    pen.blob([(-0.19, -0.03), (0, 0.36), (0.19, -0.03), (0, -0.06)], TEAL, shade(TEAL, 0.5), rounds=1)
    pen.line([(-0.09, 0.07), (0.09, 0.05)], WHITE, 0.05)
    pen.line([(-0.05, 0.17), (0.05, 0.16)], WHITE, 0.04)
    pen.disc(0, 0.3, 0.06, fill=WHITE, edge=shade(TEAL, 0.5))


def _crown(pen: Pen) -> None:
    """A golden crown with three points and a jewel."""
    points = [(-0.19, -0.04), (-0.23, 0.2), (-0.1, 0.1), (0, 0.25), (0.1, 0.1), (0.23, 0.2), (0.19, -0.04)]
    pen.shape(points, GOLD, shade(GOLD, 0.55))
    for x, y in ((-0.22, 0.2), (0, 0.25), (0.22, 0.2)):
        pen.disc(x, y, 0.035, fill=RUBY)
    pen.disc(0, 0.05, 0.045, fill=RUBY)


def _butterfly(pen: Pen, stand: Stand) -> None:
    """A butterfly in the air beside the subject, on the emptier side."""
    x, y = stand.x + stand.emptier * 0.3, stand.y + stand.height
    spot = pen.at(min(0.9, max(0.1, x)), min(0.86, max(0.56, y)), 0.115, turn=14 * stand.emptier)
    wing = (104, 214, 236)
    for left in (-1, 1):
        spot.disc(left * 0.48, 0.34, 0.48, 0.38, fill=wing, edge=shade(wing, 0.6), turn=left * 30)
        spot.disc(left * 0.36, -0.36, 0.34, 0.3, fill=tint(wing, 0.4), edge=shade(wing, 0.6), turn=-left * 30)
    spot.line([(0, -0.5), (0, 0.5)], INK, 0.18)


def _helmet(pen: Pen, x: float, y: float, wide: float, high: float) -> None:
    """An astronaut's round glass helmet with its collar."""
    metal = (226, 230, 240)
    pen.glaze(x, y, wide, high, GLASS, 0.07)
    pen.ring(x, y, wide, high, shade(metal, 0.5), 0.05)
    pen.ring(x, y, wide, high, metal, 0.028)
    pen.ring(x, y, 0.82 * wide, 0.8 * high, WHITE, 0.045, 115, 160)
    foot = y - 0.93 * high
    pen.blob(
        [
            (x - 0.62 * wide, foot + 0.07),
            (x + 0.62 * wide, foot + 0.07),
            (x + 0.56 * wide, foot - 0.07),
            (x - 0.56 * wide, foot - 0.07),
        ],
        metal,
        shade(metal, 0.5),
        rounds=1,
    )
    for side, colour in ((-1, RUBY), (1, TEAL)):
        pen.disc(x + side * 0.3 * wide, foot, 0.035, fill=colour)


def _scarf(pen: Pen, half: float, drop: float) -> None:
    """A woollen scarf about a neck twice `half` wide, crimson with cream stripes; one end hangs by `drop`."""
    edge = shade(CRIMSON, 0.5)
    x = 0.55 * half
    pen.shape([(x - 0.07, 0), (x + 0.08, 0), (x + 0.11, -drop), (x - 0.04, -drop)], CRIMSON, edge)
    low, high = -0.74 * drop, -0.48 * drop
    pen.shape([(x - 0.05, high), (x + 0.095, high), (x + 0.105, low), (x - 0.045, low)], CREAM)
    for thick, colour in ((0.15, edge), (0.11, CRIMSON)):
        pen.line([(-half, 0.035), (-0.4 * half, -0.03), (0.4 * half, -0.03), (half, 0.035)], colour, thick)
    for share in (-0.6, 0.0, 0.6):
        pen.line([(share * half, 0.03), (share * half, -0.055)], CREAM, 0.055)


def _balloon(pen: Pen, stand: Stand) -> None:
    """A balloon on a string, on the emptier side of the page."""
    x, y, height = stand
    side = stand.emptier
    across, up = min(0.89, max(0.11, x + side * (0.42 * height + 0.09))), min(0.87, max(0.62, y + height))
    hand = x + side * 0.3 * height, y + 0.35 * height
    pen.line([(across, up - 0.1), (across - side * 0.015, up - 0.22), hand], mix(INK, WHITE, 0.35))
    air = pen.at(across, up, 1.0)
    air.shape([(-0.025, -0.125), (0, -0.08), (0.025, -0.125)], BALLOON, shade(BALLOON))
    air.disc(0, 0, 0.085, 0.105, fill=BALLOON, edge=shade(BALLOON))
    air.disc(-0.03, 0.04, 0.022, 0.03, fill=tint(BALLOON, 0.75), turn=-25)
