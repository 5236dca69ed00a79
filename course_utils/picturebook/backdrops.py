"""The eight settings: everything behind the subject, by day, at night and at sunset."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from PIL import Image

from course_utils.picturebook import nature, town
from course_utils.picturebook.palette import INK, Colour, mix, tint
from course_utils.picturebook.pen import Pen
from course_utils.picturebook.scenery import Light, gradient, vary


@dataclass(frozen=True)
class Setting:
    """One setting: its sky by day, top and bottom, the painter of its land, and the shadow on its ground."""

    sky: tuple[Colour, Colour]
    land: Callable[[Pen, Random, Light], None]
    shadow: Colour | None


def paint(page: Image.Image, pen: Pen, setting: str, light: str, seed: int) -> None:
    """Fill the page with a setting."""
    dice, kind = Random(seed), SETTINGS[setting]
    now = Light(light)
    top, bottom = kind.sky if setting == "space" else now.sky(kind.sky)
    page.paste(gradient(vary(top, dice), vary(bottom, dice), page.size))
    kind.land(pen, dice, now)


def stand(pen: Pen, setting: str, light: str, x: float, y: float, height: float) -> None:
    """What shows where the subject touches the ground: a shadow, ripples, or nothing in space."""
    shadow, now = SETTINGS[setting].shadow, Light(light)
    if setting == "sea":
        water = now.on((46, 132, 196))
        pen.disc(x, y + 0.005, 0.56 * height, 0.035, fill=tint(water, 0.35))
        pen.disc(x, y + 0.008, 0.47 * height, 0.024, fill=mix(water, INK, 0.15))
    elif shadow:
        pen.disc(x, y, 0.5 * height, 0.03, fill=now.on(shadow))


SETTINGS: dict[str, Setting] = {
    "meadow": Setting(((126, 198, 242), (224, 242, 250)), nature.meadow, (92, 160, 76)),
    "forest": Setting(((178, 214, 196), (226, 238, 214)), nature.forest, (74, 104, 62)),
    "sea": Setting(((120, 200, 244), (232, 246, 250)), nature.sea, None),
    "snow": Setting(((164, 186, 216), (214, 226, 240)), nature.snow, (196, 208, 228)),
    "desert": Setting(((150, 212, 226), (254, 238, 196)), nature.desert, (208, 148, 82)),
    "space": Setting(((22, 16, 54), (40, 26, 84)), nature.space, None),
    "city": Setting(((150, 206, 240), (236, 240, 238)), town.city, (128, 128, 144)),
    "room": Setting(((126, 198, 242), (224, 242, 250)), town.room, (158, 112, 74)),
}
