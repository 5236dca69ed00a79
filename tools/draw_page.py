"""Draw the bundled drawing: an orange cat with a scarf, on a hill, at night.

    python tools/draw_page.py data/pictures/page.png

Everything is placed on a square of side 100, y downwards, drawn large and reduced for smooth edges.
"""

import argparse
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw

SIDE = 512
FINE = 4  # drawn this many times larger, then reduced
UNIT = SIDE * FINE / 100

INK = "#33263f"
CAT, CAT_SHADE, CREAM = "#f2913d", "#d9702a", "#fff1dc"
SCARF, SCARF_SHADE = "#3f8fd2", "#2c6fae"


class Page:
    """A drawing surface that counts in hundredths of its side."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (SIDE * FINE, SIDE * FINE))
        self.pen = ImageDraw.Draw(self.image)

    def sky(self, top: tuple[int, int, int], bottom: tuple[int, int, int]) -> None:
        """Fill the page from one colour above to another below."""
        height = self.image.height
        for y in range(height):
            share = y / height
            colour = tuple(round(a + share * (b - a)) for a, b in zip(top, bottom, strict=True))
            self.pen.line((0, y, self.image.width, y), fill=colour)

    def disc(self, x: float, y: float, rx: float, ry: float, fill: str, edge: float = 0) -> None:
        """An ellipse about (x, y), outlined where `edge` is given."""
        box = [UNIT * v for v in (x - rx, y - ry, x + rx, y + ry)]
        self.pen.ellipse(box, fill=fill, outline=INK if edge else None, width=round(edge * UNIT))

    def shape(self, corners: list[tuple[float, float]], fill: str, edge: float = 0) -> None:
        """A polygon, outlined where `edge` is given."""
        points = [(UNIT * x, UNIT * y) for x, y in corners]
        self.pen.polygon(points, fill=fill)
        if edge:
            self.pen.line([*points, points[0], points[1]], fill=INK, width=round(edge * UNIT), joint="curve")

    def line(self, corners: list[tuple[float, float]], fill: str, width: float) -> None:
        """A line through the corners with round joints."""
        points = [(UNIT * x, UNIT * y) for x, y in corners]
        self.pen.line(points, fill=fill, width=round(width * UNIT), joint="curve")

    def arc(self, x: float, y: float, radius: float, start: float, end: float, width: float) -> None:
        """A part of a circle in ink, degrees clockwise from the right."""
        box = [UNIT * v for v in (x - radius, y - radius, x + radius, y + radius)]
        self.pen.arc(box, start, end, fill=INK, width=round(width * UNIT))


def wave(y: float, height: float, phase: float) -> list[tuple[float, float]]:
    """The outline of a hill: a line that swings about y, closed along the bottom of the page."""
    ridge = [(x, y + height * math.sin(x / 16 + phase)) for x in range(0, 102, 2)]
    return [*ridge, (102, 102), (-2, 102)]


def draw_night(page: Page, dice: random.Random) -> None:
    """Sky, stars, moon and the hills far and near."""
    page.sky((28, 32, 82), (142, 108, 168))
    for _ in range(46):
        x, y, size = dice.uniform(2, 98), dice.uniform(2, 52), dice.choice([0.35, 0.5, 0.8])
        page.shape([(x, y - 2 * size), (x + size / 2, y), (x, y + 2 * size), (x - size / 2, y)], "#fff6c9")
        page.shape([(x - 2 * size, y), (x, y - size / 2), (x + 2 * size, y), (x, y + size / 2)], "#fff6c9")
    page.disc(78, 20, 11, 11, "#fdf3c4")
    for x, y, radius in ((74, 17, 2.2), (81, 24, 2.8), (82, 15, 1.5)):
        page.disc(x, y, radius, radius, "#efdfa0")
    page.shape(wave(60, 4, 1.0), "#4d4f86")
    page.shape(wave(68, 4, 3.4), "#3c6a78")


def draw_house(page: Page) -> None:
    """A small house with lit windows and smoke."""
    for step, radius in enumerate((1.2, 1.6, 2.1, 2.6)):
        page.disc(27.5 + 1.3 * step, 42 - 3.4 * step, radius, radius, "#b9a8d0")
    page.shape([(26, 52), (26, 45), (29, 45), (29, 55)], "#8d4a4a", 0.6)
    page.shape([(11, 73), (11, 57), (32, 57), (32, 73)], "#f3dcc0", 0.8)
    page.shape([(8, 58), (21.5, 46), (35, 58)], "#b8504e", 0.8)
    for x in (14, 25):
        page.shape([(x, 61), (x + 4.5, 61), (x + 4.5, 66), (x, 66)], "#ffd75e", 0.6)
        page.line([(x + 2.25, 61), (x + 2.25, 66)], INK, 0.4)
        page.line([(x, 63.5), (x + 4.5, 63.5)], INK, 0.4)
    page.shape([(19.3, 73), (19.3, 65), (23.7, 65), (23.7, 73)], "#7a4f3a", 0.6)


def draw_meadow(page: Page, dice: random.Random) -> None:
    """The near hill with a tree and flowers."""
    page.shape(wave(78, 3, 5.2), "#3f8a5c")
    page.shape([(86, 82), (87, 62), (91, 62), (92, 82)], "#6e4a3c", 0.8)
    for x, y, radius in ((83.0, 58.0, 7.0), (95, 58, 7), (89, 50, 9), (89, 60, 7)):
        page.disc(x, y, radius, radius, "#2f7450", 0.8)
    for x, y, radius in ((83, 58, 6.3), (95, 58, 6.3), (89, 50, 8.3), (89, 60, 6.5)):
        page.disc(x, y, radius, radius, "#2f7450")
    for apple in ((84, 55), (91, 47), (94, 60), (87, 61), (96, 53)):
        page.disc(*apple, 1.3, 1.3, "#e4574c")
    for _ in range(14):
        draw_flower(page, dice.uniform(3, 97), dice.uniform(88, 98), dice.choice(["#ffe3f0", "#ffffff"]))


def draw_flower(page: Page, x: float, y: float, petals: str) -> None:
    """Five petals about a yellow middle."""
    for k in range(5):
        angle = 2 * math.pi * k / 5
        page.disc(x + 0.9 * math.cos(angle), y + 0.9 * math.sin(angle), 0.75, 0.75, petals)
    page.disc(x, y, 0.6, 0.6, "#ffcf4a")


def draw_cat(page: Page) -> None:
    """The cat: tail, body, scarf, head, face."""
    tail = [(66 + 9 * math.sin(k / 6.5), 88 - 1.5 * k) for k in range(17)]
    page.line(tail, INK, 5.4)
    page.disc(*tail[-1], 2.7, 2.7, INK)
    page.line(tail, CAT, 3.9)
    page.disc(*tail[-1], 1.95, 1.95, CREAM)
    page.disc(55, 80, 13, 15, CAT, 0.9)
    page.disc(55, 84, 7.5, 10, CREAM)
    for x in (47.5, 62.5):
        page.disc(x, 93.5, 5, 3, CAT, 0.9)
    for y in (74, 79, 84):  # stripes
        page.line([(44.2, y), (47.6, y + 0.7)], CAT_SHADE, 1.3)
        page.line([(65.8, y), (62.4, y + 0.7)], CAT_SHADE, 1.3)
    page.shape([(60, 68), (66, 68), (67.5, 81), (62, 82)], SCARF_SHADE, 0.8)
    page.shape([(44, 65), (66, 65), (67, 70), (43, 70)], SCARF, 0.8)
    for left, inner in (((39.5, 52), (41, 47)), ((70.5, 52), (69, 47))):
        side = 1 if left[0] < 55 else -1
        tip = (left[0] + 1 * side, 36)
        page.shape([left, tip, (left[0] + 12 * side, 44)], CAT, 0.9)
        page.shape(
            [(inner[0] + 1.4 * side, 47), (tip[0] + 1.4 * side, 40), (inner[0] + 7 * side, 44)], "#f7b7a3"
        )
    page.disc(55, 54, 17, 13.5, CAT, 0.9)
    for x in (51, 55, 59):  # stripes on the forehead
        page.line([(x, 41.5), (55 + 0.7 * (x - 55), 45.5)], CAT_SHADE, 1.2)
    page.disc(51.6, 60.2, 4.6, 4, CREAM)
    page.disc(58.4, 60.2, 4.6, 4, CREAM)
    for x in (48, 62):
        page.disc(x, 53.5, 3.3, 4, "#ffffff", 0.7)
        page.disc(x + 0.4, 54, 1.9, 2.8, INK)
        page.disc(x + 1, 52.8, 0.8, 0.8, "#ffffff")
    page.shape([(53.2, 57.4), (56.8, 57.4), (55, 59.6)], "#e0685f", 0.5)
    page.arc(52.7, 60, 2.4, 10, 150, 0.7)
    page.arc(57.3, 60, 2.4, 30, 170, 0.7)
    for lift in (-2.4, 0, 2.4):  # whiskers
        page.line([(44.5, 60 + lift / 3), (33, 59 + lift)], CREAM, 0.65)
        page.line([(65.5, 60 + lift / 3), (77, 59 + lift)], CREAM, 0.65)


def main() -> None:
    """Read the command line and write the drawing."""
    parser = argparse.ArgumentParser(description="Draw the bundled picture-book page.")
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    page, dice = Page(), random.Random(7)
    draw_night(page, dice)
    draw_house(page)
    draw_meadow(page, dice)
    draw_cat(page)
    page.image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(options.file, optimize=True)


if __name__ == "__main__":
    main()
