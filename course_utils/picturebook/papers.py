"""Styles on white paper: watercolour and crayon."""

from __future__ import annotations

import numpy as np

from course_utils.picturebook.brushes import (
    GRAY,
    PAPER,
    blend,
    cloud,
    edges,
    flats,
    halve,
    inset,
    most,
    outlines,
    ramp,
    shake,
    soften,
    streaks,
    to_page,
    vivid,
)


def watercolour(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Transparent washes: pigment pools at their rims, runs where nothing is drawn, ends before the paper."""
    picture = halve(shake(page, rng, 2.0, 30))
    side = len(picture)
    surface = flats(picture)
    lines = np.clip((surface - picture) @ GRAY, 0, 1)
    plain = 1 - np.clip(4 * soften(lines, 4), 0, 1)
    wash = blend(surface, soften(surface, 4), plain * ramp(cloud(rng, side, 36), 0, 0.9))
    # Layers of pigment multiply what light they let through: they add up as its logarithm does.
    pigment = -np.log(np.clip(vivid(wash, 0.2), 0.08, 1))
    pigment = 0.8 * pigment / (1 + 0.12 * pigment)
    pools = 1 + 0.30 * cloud(rng, side, 44) + 0.22 * cloud(rng, side, 17)
    pools += 1.6 * np.clip(edges(soften(surface, 0.5)), 0, 0.5)
    # Outlines are drawn in the wash's own hue, and in some gray, or white things would have none.
    hue = 0.35 + 0.5 * pigment / (most(pigment)[..., None] + 0.3)
    pigment = pigment * np.clip(pools, 0.3, 2.2)[..., None] + 2.6 * lines[..., None] * hue
    reach = inset(side) + 3.0 * cloud(rng, side, 22) + 1.5 * cloud(rng, side, 9)
    wet = ramp(reach, 4.5, 6.5) * (1.6 - 0.6 * ramp(reach, 6, 10))
    grain = 1 + 0.025 * cloud(rng, side, 8)
    return to_page(PAPER * grain[..., None] * np.exp(-pigment * wet[..., None]))


def crayon(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Wax: broad slanting strokes that leave the paper open, and rough outlines."""
    picture = halve(shake(page, rng, 1.8, 24))
    side = len(picture)
    surface = flats(picture)
    wax = np.clip(0.95 * vivid(surface, 0.4), 0, 1)
    drawn = outlines(picture, surface)
    # Colours take turns between two directions, so that neighbours part without outlines too.
    slant = rng.uniform(-0.95, -0.65)
    first, second = (streaks(rng, side, slant - turn, 9, 70) for turn in (0, 0.45))
    tone = soften(surface, 1.0)
    press = np.where(np.sin(9 * tone[..., 0] + 7 * tone[..., 2]) > 0, first, second)
    press = press + 0.3 * cloud(rng, side, 9)
    cover = 0.2 + 0.4 * ramp(press, -0.9, -0.45) + 0.4 * ramp(press, -0.15, 0.3)
    cover = np.maximum(cover, 0.8 * ramp(soften(drawn, 6), 0, 0.06))  # what is drawn is filled with care
    # Strokes end where the hand turned round, before the paper does.
    cover = cover * ramp(inset(side) + 4.5 * streaks(rng, side, slant, 8, 60), 3, 5)
    sheet = blend(np.broadcast_to(PAPER, surface.shape), wax, cover)
    border = ramp(edges(soften(surface, 0.7)), 0.08, 0.3) * ramp(cover, 0, 0.3)
    sheet = blend(sheet, 0.6 * wax, 0.75 * border)
    rough = ramp(drawn * (1 + 0.4 * cloud(rng, side, 9)), 0.15, 0.7)
    return to_page(blend(sheet, np.minimum(0.72 * picture, 0.5 * wax), rough))
