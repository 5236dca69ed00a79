"""How good is a cloud of points? Distances with their floor, coverage, adherence, likeness.

A distance means little alone: `floor` gives what two fresh draws of the same truth are apart.
Points are tensors (n, 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import torch
from scipy.spatial import cKDTree

from course_utils.metrics.estimates import Estimate, over_seeds
from course_utils.particles import shapes
from course_utils.runtime import CourseError, generator

Distance = Callable[[torch.Tensor, torch.Tensor], float]

DIRECTIONS = 64
ON_SHAPE = 0.1  # a point no farther than this from the target lies on it: about three pen widths
COARSE = 0.4  # scale, in the units of the shapes, that parts big shapes from fine detail


def target(name: str, seed: int = 0, count: int = shapes.COUNT) -> torch.Tensor:
    """Fresh points (count, 2) of a shape to measure against, disjoint from what any denoiser knows."""
    return shapes.sample(name, count, generator(500_000 + seed))


def average_distance(points: torch.Tensor, target: torch.Tensor) -> float:
    """Mean distance of each point (n, 2) to the nearest target point (m, 2).

    A cloud collapsed onto a single target point scores 0: read it beside the two measures below.
    """
    return float(_nearest(points, target).mean())


def sliced_wasserstein(points: torch.Tensor, target: torch.Tensor) -> float:
    """Sliced 1-Wasserstein distance: how far mass must move, averaged over 64 directions (Bonneel 2015).

    Both clouds are (n, 2); raises `CourseError` where their sizes differ.
    """
    _same_size(points, target)
    angle = torch.arange(DIRECTIONS) * math.pi / DIRECTIONS
    directions = torch.stack([angle.cos(), angle.sin()]).to(points.dtype)  # (2, DIRECTIONS)
    moved = (points @ directions).sort(dim=0).values - (target @ directions).sort(dim=0).values
    return float(moved.abs().mean())


def coverage(points: torch.Tensor, target: torch.Tensor, neighbours: int = 5) -> float:
    """Share of target points (m, 2) with a painted point (n, 2) no farther than their k-th neighbour, 0..1.

    Naeem 2020, section 3.2, with k = `neighbours`. Raises `CourseError` unless m > k.
    """
    if len(target) <= neighbours:
        raise CourseError(f"Coverage needs more than {neighbours} target points, not {len(target)}.")
    reach = cKDTree(target.numpy()).query(target.numpy(), k=neighbours + 1)[0][:, -1]
    return float(np.mean(_nearest(target, points) <= reach))


def adherence(points: torch.Tensor, target: torch.Tensor) -> float:
    """Share of points (n, 2) within `ON_SHAPE` of a target point (m, 2), 0..1."""
    return float(np.mean(_nearest(points, target) <= ON_SHAPE))


def spread(points: torch.Tensor) -> float:
    """Root mean square distance of points (n, 2) from their centre."""
    return float((points - points.mean(dim=0)).square().sum(dim=1).mean().sqrt())


def overshoot(points: torch.Tensor, target: torch.Tensor) -> float:
    """Mean distance by which points (n, 2) lie outside the circle about the target's points (m, 2)."""
    centre = target.mean(dim=0)
    edge = (target - centre).norm(dim=1).max()
    return float(((points - centre).norm(dim=1) - edge).clamp(min=0).mean())


def big_shape_error(points: torch.Tensor, target: torch.Tensor) -> float:
    """Half the difference of points (n, 2) and target (m, 2) in shares of coarse cells: 0 alike, 1 apart."""
    return float((_shares(points) - _shares(target)).abs().sum() / 2)


def fine_detail_error(points: torch.Tensor, target: torch.Tensor) -> float:
    """Mean distance to the target (m, 2) of the points (n, 2) that are within `COARSE` of it."""
    distances = _nearest(points, target)
    near = distances[distances < COARSE]
    return float(near.mean()) if len(near) else COARSE


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    """Correlation of paired points in two clouds (n, 2): 1 the same composition, 0 nothing in common.

    Raises `CourseError` where the sizes differ.
    """
    _same_size(one, other)
    pairs = np.stack([one.numpy().ravel(), other.numpy().ravel()])
    return float(np.corrcoef(pairs)[0, 1])


def travel(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean distance between paired points of two clouds (n, 2). Raises `CourseError` where sizes differ."""
    _same_size(one, other)
    return float((one - other).norm(dim=1).mean())


def floor(
    measure: Distance, name: str, seeds: Iterable[int] = range(8), count: int = shapes.COUNT
) -> Estimate:
    """The real-against-real floor: the measure between two fresh draws of the same shape, over seeds."""
    return over_seeds(
        lambda seed: measure(target(name, 2 * seed + 100, count), target(name, 2 * seed + 101, count)), seeds
    )


def _same_size(one: torch.Tensor, other: torch.Tensor) -> None:
    if one.shape != other.shape:
        raise CourseError("Clouds are compared point by point in order: give two of the same size.")


def _nearest(points: torch.Tensor, target: torch.Tensor) -> np.ndarray:
    """Distance of every point to the nearest target point, shape (n,)."""
    return cKDTree(target.numpy()).query(points.numpy())[0]


def _shares(points: torch.Tensor) -> torch.Tensor:
    """Share of points in each cell of a grid of side `COARSE`; whatever lies outside is put into the rim."""
    cells = int(4.8 / COARSE)
    cell = ((points + 2.4) / COARSE).long().clamp(0, cells - 1)  # (n, 2)
    return torch.bincount(cell[:, 0] * cells + cell[:, 1], minlength=cells**2) / len(points)
