"""How a page looks: the backdrop, the subject at its place, what it wears, and the style of it all."""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from course_utils.picturebook import animals, backdrops, creatures, details, things
from course_utils.picturebook.coats import Coat, Point
from course_utils.picturebook.details import Stand
from course_utils.picturebook.palette import BODY
from course_utils.picturebook.pen import Pen
from course_utils.picturebook.quality import spoil
from course_utils.picturebook.scene import Scene
from course_utils.picturebook.styles import paint_in

SIDE = 128  # pixels of a page
FINE = 4  # drawn this many times larger, then reduced: smooth edges
WARM = (1.02, 0.96, 0.88)  # what the low sun does to red, green and blue

SUBJECT: dict[str, Callable[[Pen, Coat, bool], Point]] = {
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
    "dragon": creatures.dragon,
    "robot": creatures.robot,
    "penguin": creatures.penguin,
    "castle": things.castle,
}
# Heights as shares of the page. The gaps between the classes are wide enough to see.
HEIGHT = {"small": (0.38, 0.42), "medium": (0.51, 0.55), "big": (0.65, 0.69)}
# Distance of the subject's middle from the page's, for left and right.
ASIDE = {"small": (0.18, 0.25), "medium": (0.16, 0.20), "big": (0.12, 0.14)}
# Wide subjects are drawn a little smaller, so that none is cut off at an edge.
FIT = {
    "fish": 0.79,
    "boat": 0.86,
    "mushroom": 0.92,
    "house": 0.92,
    "cat": 0.92,
    "dog": 0.92,
    "car": 0.94,
    "dragon": 0.87,
    "robot": 0.92,
    "penguin": 0.92,
    "castle": 0.84,
}
HELMETED = 0.92  # so are those under a glass dome
WOBBLE = 0.02  # how far off the middle "in the middle" may be


def draw(scene: Scene, side: int = SIDE) -> np.ndarray:
    """Paint a page: (128, 128, 3) uint8, in its style and quality; at another `side` the plain drawing."""
    return _finish(plain_page(scene, 2 * SIDE), scene) if side == SIDE else plain_page(scene, side)


def draw_backdrop(scene: Scene) -> np.ndarray:
    """A page before its subject arrives: (128, 128, 3) uint8."""
    page, _ = _begin(scene, 2 * SIDE)
    return _finish(_reduced(page, scene, 2 * SIDE), scene)


def plain_page(scene: Scene, side: int) -> np.ndarray:
    """The drawing before its style and quality: (side, side, 3) uint8, the same at every size."""
    page, pen = _begin(scene, side)
    stand = place(scene)
    backdrops.stand(pen, scene.setting, scene.light, *stand)
    # It tilts about its middle, not about its foot.
    lean = 0.5 * stand.height * math.sin(math.radians(scene.turn))
    body = pen.at(stand.x + lean, stand.y, stand.height, scene.turn, scene.flip)
    details.behind(scene.detail, scene.subject, pen, body, stand)
    coat = Coat(BODY[scene.colour], scene.coat)
    spot = SUBJECT[scene.subject](body, coat, scene.eyes == "asleep")
    details.before(scene.detail, scene.subject, pen, body, stand, spot)
    return _reduced(page, scene, side)


def place(scene: Scene) -> Stand:
    """Where the subject stands, a part of it beyond the page's edge if it is to be cut off."""
    grow, across, up = scene.spread
    low, high = HEIGHT[scene.size]
    height = (low + grow * (high - low)) * FIT.get(scene.subject, 1.0)
    if scene.detail == "helmet":
        height *= HELMETED
    near, far = ASIDE[scene.size]
    aside = {"left": -1, "middle": 0, "right": 1}[scene.place]
    x = 0.5 + aside * (near + across * (far - near)) + (0 if aside else WOBBLE * (2 * across - 1))
    y = 0.05 + (0.03 + 0.25 * (0.7 - height)) * up
    if scene.setting == "space":
        y = 0.5 - 0.6 * height + 0.05 * (up - 0.5)
    if scene.quality == "cut off":
        # Half of it is beyond the nearest side; of one in the middle, its lower third.
        x, y = (0.5 + aside * (0.5 - 0.1 * height * across), y) if aside else (x, -0.32 * height)
    return Stand(x, y, height)


def _begin(scene: Scene, side: int) -> tuple[Image.Image, Pen]:
    page = Image.new("RGB", (side * _fine(side), side * _fine(side)))
    pen = Pen(ImageDraw.Draw(page), page.width)
    backdrops.paint(page, pen, scene.setting, scene.light, scene.backdrop)
    return page, pen


def _fine(side: int) -> int:
    """How many times larger a page is drawn than it will be: large ones need less."""
    return FINE if side <= SIDE else FINE // 2


def _reduced(page: Image.Image, scene: Scene, side: int) -> np.ndarray:
    small = page.reduce(_fine(side))
    if scene.light == "sunset" and scene.setting != "space":
        small = small.point([min(255, round(share * k)) for share in WARM for k in range(256)])
    return np.asarray(small)


def _finish(page: np.ndarray, scene: Scene) -> np.ndarray:
    """The page in its style and quality; `backdrop` seeds the hand that paints it."""
    styled = paint_in(scene.style, page, np.random.default_rng((1, scene.backdrop)))
    return spoil(scene.quality, styled, np.random.default_rng((2, scene.backdrop)))
