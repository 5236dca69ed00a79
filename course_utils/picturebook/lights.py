"""Styles that shine: stained glass and neon."""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

from course_utils.picturebook.brushes import (
    GRAY,
    blend,
    cloud,
    edges,
    flats,
    halve,
    least,
    most,
    outlines,
    ramp,
    soften,
    to_page,
    vivid,
)
from course_utils.picturebook.palette import INK

PANE = 15  # pixels of 128 across a pane
LEAD = np.array([0.05, 0.045, 0.06], np.float32)
DUSK = np.array([0.05, 0.02, 0.10], np.float32)  # a street at night, before anything shines
AROUND = ((0, 2), (2, 0), (2, 4), (4, 2), (1, 1), (1, 3), (3, 1), (3, 3))  # places in a window of 5 by 5


def stained_glass(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Panes of lit glass, cut along the outlines and joined by black lead; faces are painted on."""
    picture = halve(page)
    side = len(picture)
    surface = flats(picture)
    drawn = outlines(picture, surface)
    calm = 1 - ramp(soften(drawn, 4), 0.14, 0.3)  # 0 where much is drawn: a face is not to be cut through
    change = edges(soften(surface, 0.7))
    panes = _cut(change + 0.02 * np.abs(cloud(rng, side, 20)), calm > 0.5, rng)
    names = np.arange(1, panes.max() + 1)
    means = [ndimage.mean(surface[..., colour], panes, names) for colour in range(3)]
    plain = np.stack(means, -1).astype(np.float32)[panes - 1]
    lead = _joints(panes, plain, calm > 0.5)
    # What is too small for a pane of its own is painted on the glass.
    glass = blend(plain, surface, ramp(most(np.abs(surface - plain)), 0.1, 0.25))
    glass = blend(1.1 * vivid(picture, 0.3), glass, calm)
    glass = vivid(glass, 0.45) * (1 + rng.normal(0, 0.1, (len(names), 1)))[panes - 1]
    depth = ndimage.distance_transform_edt(~lead)
    glass = 0.05 + glass * (0.86 + 0.3 * np.clip(depth / 6, 0, 1))[..., None]
    dark = np.maximum(ramp(drawn, 0.5, 1.0) * (0.55 + 0.45 * calm), ramp(1.6 * change * calm**2, 0.25, 0.75))
    dark = np.maximum(dark, np.clip(1.3 * soften(lead.astype(np.float32), 0.6), 0, 1))
    return to_page(blend(glass, LEAD, dark))


def _cut(change: np.ndarray, calm: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The pane (from 1) of each pixel: they grow from jittered spots on calm ground until colours change."""
    side = len(change)
    line = np.arange(PANE / 2, side + PANE / 2, PANE)
    spots = np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    spots = np.clip(spots + rng.uniform(-0.36, 0.36, spots.shape) * PANE, 0, side - 1).astype(int)
    spots = spots[calm[spots[:, 0], spots[:, 1]]]
    seeds = np.zeros((side, side), int)
    seeds[spots[:, 0], spots[:, 1]] = np.arange(1, len(spots) + 1)
    return np.asarray(watershed(change, seeds, compactness=0.004))


def _joints(panes: np.ndarray, colours: np.ndarray, calm: np.ndarray) -> np.ndarray:
    """Where lead joins the panes, 2 pixels wide; not across a face, unless the colours differ."""
    lead = np.zeros(panes.shape, bool)
    for here, there in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        differ = most(np.abs(colours[here] - colours[there])) > 0.35
        lead[here] |= (panes[here] != panes[there]) & (calm[here] | differ)
    return np.asarray(ndimage.binary_dilation(lead, np.ones((2, 2))))


def neon(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Tubes glowing along the contours at night, and what their light shows of the surfaces."""
    picture = halve(page)
    surface = flats(picture)
    drawn = ramp(outlines(picture, surface), 0.2, 0.65)
    bare = ramp(edges(soften(surface, 0.5)), 0.05, 0.3) * (1 - np.clip(2 * soften(drawn, 2), 0, 1))
    contour = np.maximum(drawn, 0.8 * bare)
    gas = _gas(picture, surface, drawn)
    tube = contour[..., None] * gas
    bloom = 0.44 * soften(tube, 1.8) + rng.uniform(0.3, 0.46) * soften(tube, 6)
    shown = (surface - 0.6 * least(surface)[..., None]) * (0.10 + soften(contour, 6))[..., None]
    # Day, sunset and night stay apart by a breath of their sky.
    air = DUSK * rng.uniform(0.6, 1.4, 3) + soften(surface, 14) * np.array([0.10, 0.06, 0.16], np.float32)
    heart = 0.25 * ramp(contour, 0.75, 1.0)[..., None] * most(gas)[..., None]
    return to_page(air + shown + 0.9 * tube + bloom + heart)


def _gas(picture: np.ndarray, surface: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The pure colour in which a tube at each pixel would glow: that of the thing whose contour it is."""
    # An outline is the paint of its surface with ink in it; ink alone shows nothing.
    paint = np.clip((picture - 0.42 * np.array(INK, np.float32) / 255) / 0.58, 0, 1)
    paint = np.where(most(paint)[..., None] > 0.35, paint, surface)
    weight = (drawn**3)[..., None]
    paint = soften(weight * paint, 1.5) / (soften(weight, 1.5) + 1e-4)
    colour = blend(soften(_lightest(surface), 1), paint, ramp(soften(drawn, 1.5), 0.03, 0.12))
    pure = colour - 0.75 * least(colour)[..., None]
    # Squared or so: gray and brown must glow dimly, or they would pass for white and orange.
    return pure * (most(colour) ** 1.7 / (most(pure) + 1e-3))[..., None]


def _lightest(picture: np.ndarray) -> np.ndarray:
    """At each pixel the lightest of the colours two pixels around it, or its own."""
    best, light = picture, picture @ GRAY
    around = np.pad(picture, ((2, 2), (2, 2), (0, 0)), mode="edge")
    side = len(picture)
    for down, across in AROUND:
        other = around[down : down + side, across : across + side]
        shine = other @ GRAY
        best = np.where((shine > light)[..., None], other, best)
        light = np.maximum(shine, light)
    return best
