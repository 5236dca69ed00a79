"""Oil paint: strokes of a broad brush that follow the forms, then finer ones where they are needed."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from course_utils.picturebook.brushes import GRAY, blend, cloud, halve, most, ramp, soften, to_page, vivid

# Broad brushes first: width in pixels of 256, and how far the canvas must be off the picture for the brush to
# be taken up. The first covers everything.
BRUSHES = ((34, -1.0), (19, 0.13), (8, 0.15))
STEPS = 4  # points on either side of where the brush is put down
EDGE = 0.16  # the brush is lifted where the colour has changed this much
TRUST = 0.25  # the strength of an edge that strokes follow, whatever the painter's mood


def oil_painting(page: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Broad curved strokes of thick paint, lit from the upper left; no outlines."""
    side = len(page)
    picture = vivid(halve(page), 0.25)
    mood = rng.uniform(0, np.pi) + 1.1 * cloud(rng, side // 2, 70)
    runs = _runs(picture, mood)
    canvas = Image.fromarray(to_page(picture)).resize((side, side))
    for width, amiss in BRUSHES:
        goal = soften(picture, width / 8)
        painted = np.asarray(canvas.reduce(2), np.float32) / 255
        spots = _spots(most(np.abs(goal - painted)) > amiss, 0.45 * width, rng)
        _strokes(ImageDraw.Draw(canvas), goal, runs, spots, width, rng)
    painted = np.asarray(canvas.reduce(2), np.float32) / 255
    # Eyes and other small things are put in last, with the tip of the brush.
    missing = soften(most(np.abs(picture - painted)), 0.8)
    return to_page(blend(painted, picture, ramp(missing, 0.16, 0.36)))


def _runs(picture: np.ndarray, mood: np.ndarray) -> np.ndarray:
    """The direction of strokes (side, side), radians with rows downwards: along edges, else by `mood`."""
    gray = soften(picture @ GRAY, 1.5)
    down, across = (ndimage.sobel(gray, axis, mode="nearest") for axis in (0, 1))
    # An angle and its opposite are one direction: averages are taken at the double angle.
    cos = soften(down**2 - across**2, 3) + TRUST**2 * np.cos(2 * mood)
    sin = soften(-2 * down * across, 3) + TRUST**2 * np.sin(2 * mood)
    return np.arctan2(sin, cos) / 2


def _spots(where: np.ndarray, step: float, rng: np.random.Generator) -> np.ndarray:
    """Places (count, 2), row and column, about `step` apart wherever `where` is true, in random order."""
    side = len(where)
    line = np.arange(step / 2, side, step)
    spots = np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    spots = np.clip(spots + rng.uniform(-step / 2, step / 2, spots.shape), 0, side - 1)
    rng.shuffle(spots)
    rows, columns = spots.astype(int).T
    return spots[where[rows, columns]]


def _strokes(
    pen: ImageDraw.ImageDraw,
    goal: np.ndarray,
    runs: np.ndarray,
    spots: np.ndarray,
    width: int,
    rng: np.random.Generator,
) -> None:
    """Put a stroke down at each spot: its paint, a ridge in the light and one in the shade."""
    rows, columns = spots.astype(int).T
    colours = goal[rows, columns]
    back, ahead = (_walk(goal, runs, spots, way * 0.15 * width) for way in (-1, 1))
    paths = np.concatenate([back[::-1], ahead[1:]])
    # Paint is never mixed the same twice: lighter, darker, warmer.
    colours = colours * (1 + rng.normal(0, 0.11, (len(spots), 1))) + rng.normal(0, 0.02, colours.shape)
    chords = paths[-1] - paths[0]
    lit = np.stack([chords[:, 1], -chords[:, 0]], -1) / (np.linalg.norm(chords, axis=1, keepdims=True) + 1e-3)
    lit *= np.where(lit.sum(1, keepdims=True) > 0, -1, 1)
    ridge = 0.3 * width
    aside = (width - ridge) / 4 * lit
    coats = [
        _coat(colours, paths, width),
        _coat(0.78 * colours, paths - aside, ridge),
        _coat(colours + 0.22 * (1.08 - colours), paths + aside, ridge),
    ]
    for stroke in zip(*coats, strict=True):
        for path, ink, wide in stroke:
            pen.line(path, tuple(ink), wide)


def _coat(colours: np.ndarray, paths: np.ndarray, width: float) -> list[tuple[list[float], list[int], int]]:
    """What the pen takes for each stroke: x and y in turn on the fine canvas, the ink, the width."""
    lines = (2 * paths[..., ::-1]).transpose(1, 0, 2).reshape(len(colours), -1).tolist()
    return [(line, ink, round(width)) for line, ink in zip(lines, to_page(colours).tolist(), strict=True)]


def _walk(goal: np.ndarray, runs: np.ndarray, spots: np.ndarray, step: float) -> np.ndarray:
    """Points (STEPS + 1, count, 2) along the runs from each spot, standing still where its colour ends."""
    inside = len(goal) - 1
    rows, columns = spots.astype(int).T
    colours = goal[rows, columns]
    here, last, moving = spots, np.zeros_like(spots), np.ones(len(spots), bool)
    path = [here]
    for _ in range(STEPS):
        angle = runs[rows, columns]
        move = np.stack([np.sin(angle), np.cos(angle)], -1) * step
        move[(move * last).sum(-1) < 0] *= -1  # a direction has no sign: keep on
        there = here + move
        rows, columns = np.clip(there, 0, inside).astype(int).T
        moving &= most(np.abs(goal[rows, columns] - colours)) < EDGE
        here = np.where(moving[:, None], there, here)
        rows, columns = np.clip(here, 0, inside).astype(int).T
        last = move
        path.append(here)
    return np.stack(path)
