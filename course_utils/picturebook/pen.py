"""A pen that draws in the coordinates of whatever it was placed on: x to the right, y upwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw

from course_utils.picturebook.coats import Coat, Point
from course_utils.picturebook.palette import Colour

Paint = Colour | Coat  # what a closed shape can be filled with

# No line is thinner than this share of the page: 1.7 pixels of 128.
HAIRLINE = 0.013


@dataclass(frozen=True)
class Pen:
    """Draws on `surface`, `pixels` wide; lengths are in units of `unit` pages about the origin (`x`, `y`).

    The page itself runs from (0, 0) at the bottom left to (1, 1). `turn` is in degrees, anticlockwise.
    """

    surface: ImageDraw.ImageDraw
    pixels: int
    x: float = 0.0
    y: float = 0.0
    unit: float = 1.0
    turn: float = 0.0
    flip: bool = False

    def at(self, x: float, y: float, unit: float, turn: float = 0.0, flip: bool = False) -> Pen:
        """A pen with its own origin, unit, tilt and mirror; x, y and unit are in this one's coordinates."""
        across, up = self._page(x, y)
        return replace(
            self, x=across, y=up, unit=self.unit * unit, turn=self.turn + turn, flip=self.flip != flip
        )

    def shape(self, points: Sequence[Point], fill: Paint, edge: Colour | None = None) -> None:
        """A closed shape with corners."""
        self._closed([self._pixel(*point) for point in points], fill, edge)

    def blob(self, points: Sequence[Point], fill: Paint, edge: Colour | None = None, rounds: int = 2) -> None:
        """A closed shape with its corners cut round (Chaikin's rule, `rounds` times)."""
        outline = list(points)
        for _ in range(rounds):
            outline = _cut_corners(outline, closed=True)
        self._closed([self._pixel(*point) for point in outline], fill, edge)

    def disc(
        self,
        x: float,
        y: float,
        wide: float,
        high: float | None = None,
        fill: Paint = (0, 0, 0),
        edge: Colour | None = None,
        turn: float = 0.0,
    ) -> None:
        """An ellipse about (x, y) with half axes `wide` and `high`."""
        tall = wide if high is None else high
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        ring = [
            self._pixel(x + wide * a * cos - tall * b * sin, y + wide * a * sin + tall * b * cos)
            for a, b in _CIRCLE
        ]
        self._closed(ring, fill, edge)

    def glaze(self, x: float, y: float, wide: float, high: float, fill: Colour, share: float) -> None:
        """A see-through ellipse: `share` (0..1) of its colour over what is there."""
        ring = [self._pixel(x + wide * a, y + high * b) for a, b in _CIRCLE]
        corner, mask = _mask(ring, [ring], round(255 * share))
        self.surface.bitmap(corner, mask, fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float = 0.0) -> None:
        """A soft open line with round ends; never thinner than the hairline."""
        path = list(points)
        if len(path) > 2:
            for _ in range(2):
                path = _cut_corners(path, closed=False)
        thick = max(width * self.unit, HAIRLINE) * self.pixels
        pixels = [self._pixel(*point) for point in path]
        self.surface.line(pixels, fill=fill, width=round(thick))
        # A wide line shows wedges where it bends, unless each bend is rounded.
        for px, py in pixels if width * self.unit > 2 * HAIRLINE else (pixels[0], pixels[-1]):
            self.surface.ellipse((px - thick / 2, py - thick / 2, px + thick / 2, py + thick / 2), fill=fill)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour) -> None:
        """Part of a circle, in degrees anticlockwise from the right."""
        steps = [math.radians(start + (end - start) * k / 8) for k in range(9)]
        self.line([(x + radius * math.cos(a), y + radius * math.sin(a)) for a in steps], fill)

    def ring(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        fill: Colour,
        width: float,
        start: float = 0,
        end: float = 360,
    ) -> None:
        """An ellipse's rim or a part of it, in degrees anticlockwise from the right."""
        steps = [math.radians(start + (end - start) * k / 24) for k in range(25)]
        self.line([(x + wide * math.cos(a), y + high * math.sin(a)) for a in steps], fill, width)

    def _page(self, x: float, y: float) -> Point:
        side = -x if self.flip else x
        cos, sin = math.cos(math.radians(self.turn)), math.sin(math.radians(self.turn))
        return self.x + self.unit * (side * cos - y * sin), self.y + self.unit * (side * sin + y * cos)

    def _pixel(self, x: float, y: float) -> Point:
        across, up = self._page(x, y)
        return across * self.pixels, (1 - up) * self.pixels

    def _closed(self, pixels: list[Point], fill: Paint, edge: Colour | None) -> None:
        if isinstance(fill, Coat):
            self.surface.polygon(pixels, fill=fill.colour)
            if marks := [[self._pixel(*point) for point in mark] for mark in fill.marks()]:
                corner, mask = _mask(pixels, marks)
                self.surface.bitmap(corner, mask, fill=fill.mark)
        else:
            self.surface.polygon(pixels, fill=fill)
        if edge is not None:
            width = round(HAIRLINE * self.pixels)
            self.surface.line([*pixels, pixels[0], pixels[1]], fill=edge, width=width)


def _mask(
    outline: Sequence[Point], marks: Sequence[Sequence[Point]], strength: int = 255
) -> tuple[tuple[int, int], Image.Image]:
    """Where marks lie within an outline: the upper left corner of a mask, and the mask."""
    xs, ys = zip(*outline, strict=True)
    left, top = math.floor(min(xs)), math.floor(min(ys))
    size = math.ceil(max(xs)) - left + 1, math.ceil(max(ys)) - top + 1
    masks = []
    for shapes in ([outline], marks):
        masks.append(Image.new("L", size))
        surface = ImageDraw.Draw(masks[-1])
        for shape in shapes:
            surface.polygon([(x - left, y - top) for x, y in shape], fill=strength)
    return (left, top), ImageChops.darker(*masks)


def _cut_corners(points: Sequence[Point], closed: bool) -> list[Point]:
    following = [*points[1:], points[0]] if closed else points[1:]
    cut: list[Point] = [] if closed else [points[0]]
    for (ax, ay), (bx, by) in zip(points, following, strict=False):
        cut.append((0.75 * ax + 0.25 * bx, 0.75 * ay + 0.25 * by))
        cut.append((0.25 * ax + 0.75 * bx, 0.25 * ay + 0.75 * by))
    return cut if closed else [*cut, points[-1]]


_CIRCLE = [(math.cos(2 * math.pi * k / 28), math.sin(2 * math.pi * k / 28)) for k in range(28)]
