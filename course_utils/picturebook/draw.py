"""How a page looks: the backdrop, the subject at its place, and what it wears."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from course_utils.picturebook import animals, backdrops, things
from course_utils.picturebook.palette import BODY, GOLD, INK, TEAL, WHITE, Colour, mix, shade, tint
from course_utils.picturebook.pen import Pen, Point
from course_utils.picturebook.scene import Scene

SIDE = 128  # pixels of a page
FINE = 4  # drawn this many times larger, then reduced: smooth edges

SUBJECT: dict[str, Callable[[Pen, Colour, bool], Point]] = {
    "cat": animals.cat,
    "dog": animals.dog,
    "rabbit": animals.rabbit,
    "owl": animals.owl,
    "fish": animals.fish,
    "house": things.house,
    "tree": things.tree,
    "flower": things.flower,
    "mushroom": things.mushroom,
    "boat": things.boat,
    "rocket": things.rocket,
    "car": things.car,
}
# Heights as shares of the page. The gaps between the classes are wide enough to see.
HEIGHT = {"small": (0.38, 0.42), "medium": (0.51, 0.55), "big": (0.65, 0.69)}
# Distance of the subject's middle from the page's, for left and right.
ASIDE = {"small": (0.18, 0.25), "medium": (0.16, 0.20), "big": (0.12, 0.14)}
# Wide subjects are drawn a little smaller, so that none is cut off at an edge.
FIT = {"fish": 0.79, "boat": 0.86, "mushroom": 0.92, "house": 0.92, "cat": 0.92, "dog": 0.92, "car": 0.94}
HAT = 0.5  # the most a hat or crown grows with its wearer: there must be room for it on the page
WOBBLE = 0.02  # how far off the middle "in the middle" may be


def draw(scene: Scene, side: int = SIDE) -> np.ndarray:
    """Paint a page: (side, side, 3) uint8. The drawing is the same at every size."""
    page, pen = _begin(scene, side)
    x, y, height = place(scene)
    _stand(pen, scene, x, y, height)
    lean = 0.5 * height * math.sin(math.radians(scene.turn))  # it tilts about its middle, not about its foot
    body = pen.at(x + lean, y, height, scene.turn, scene.flip)
    spot = SUBJECT[scene.subject](body, BODY[scene.colour], scene.eyes == "asleep")
    wear = body.at(*spot, min(1.0, HAT / height))
    if scene.detail == "hat":
        _hat(wear)
    elif scene.detail == "crown":
        _crown(wear)
    elif scene.detail == "butterfly":
        _butterfly(pen, x, y + height)
    return np.asarray(page.reduce(FINE))


def draw_backdrop(scene: Scene, side: int = SIDE) -> np.ndarray:
    """A page before its subject arrives: (side, side, 3) uint8."""
    page, _ = _begin(scene, side)
    return np.asarray(page.reduce(FINE))


def place(scene: Scene) -> tuple[float, float, float]:
    """Where the subject stands: x of its middle, y of its foot (upwards), its height; shares of a page."""
    grow, across, up = scene.spread
    low, high = HEIGHT[scene.size]
    height = (low + grow * (high - low)) * FIT.get(scene.subject, 1.0)
    near, far = ASIDE[scene.size]
    aside = {"left": -1, "middle": 0, "right": 1}[scene.place]
    x = 0.5 + aside * (near + across * (far - near)) + (0 if aside else WOBBLE * (2 * across - 1))
    if scene.setting == "space":
        return x, 0.5 - 0.6 * height + 0.05 * (up - 0.5), height
    return x, 0.05 + (0.03 + 0.25 * (0.7 - height)) * up, height


def _begin(scene: Scene, side: int) -> tuple[Image.Image, Pen]:
    page = Image.new("RGB", (side * FINE, side * FINE))
    pen = Pen(ImageDraw.Draw(page), page.width)
    backdrops.paint(page, pen, scene.setting, scene.time == "night", scene.backdrop)
    return page, pen


def _stand(pen: Pen, scene: Scene, x: float, y: float, height: float) -> None:
    """What shows where the subject touches the ground: a shadow, ripples, or nothing in space."""
    if scene.setting == "space":
        return
    ground = {"meadow": (92, 160, 76), "forest": (74, 104, 62), "snow": (196, 208, 228)}
    light = backdrops.Light(scene.time == "night")
    if scene.setting == "sea":
        water = light.on((46, 132, 196))
        pen.disc(x, y + 0.005, 0.56 * height, 0.035, fill=tint(water, 0.35))
        pen.disc(x, y + 0.008, 0.47 * height, 0.024, fill=mix(water, INK, 0.15))
        return
    pen.disc(x, y, 0.5 * height, 0.03, fill=light.on(ground.get(scene.setting, (208, 148, 82))))


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
        pen.disc(x, y, 0.035, fill=(232, 70, 84))
    pen.disc(0, 0.05, 0.045, fill=(232, 70, 84))


def _butterfly(pen: Pen, x: float, top: float) -> None:
    """A butterfly in the air beside the subject, on the emptier side."""
    side = -1 if x > 0.5 else 1
    spot = pen.at(min(0.9, max(0.1, x + side * 0.3)), min(0.86, max(0.56, top)), 0.115, turn=14 * side)
    wing = (104, 214, 236)
    for left in (-1, 1):
        spot.disc(left * 0.48, 0.34, 0.48, 0.38, fill=wing, edge=shade(wing, 0.6), turn=left * 30)
        spot.disc(left * 0.36, -0.36, 0.34, 0.3, fill=tint(wing, 0.4), edge=shade(wing, 0.6), turn=-left * 30)
    spot.line([(0, -0.5), (0, 0.5)], INK, 0.18)
