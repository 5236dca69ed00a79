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
    """Mean distance of each point to the nearest target point.

    A cloud collapsed onto a single target point scores 0: read it beside the two measures below.
    """
    return float(_nearest(points, target).mean())


def sliced_wasserstein(points: torch.Tensor, target: torch.Tensor) -> float:
    """Sliced 1-Wasserstein distance: how far mass must move, averaged over 64 directions (Bonneel 2015).

    Both clouds need the same number of points.
    """
    _same_size(points, target)
    angle = torch.arange(DIRECTIONS) * math.pi / DIRECTIONS
    directions = torch.stack([angle.cos(), angle.sin()]).to(points.dtype)  # (2, DIRECTIONS)
    moved = (points @ directions).sort(dim=0).values - (target @ directions).sort(dim=0).values
    return float(moved.abs().mean())


def coverage(points: torch.Tensor, target: torch.Tensor, neighbours: int = 5) -> float:
    """Share of target points with a painted point nearer than their k-th neighbour (Naeem 2020, 3.2)."""
    if len(target) <= neighbours:
        raise CourseError(f"Coverage needs more than {neighbours} target points, not {len(target)}.")
    reach = cKDTree(target.numpy()).query(target.numpy(), k=neighbours + 1)[0][:, -1]
    return float(np.mean(_nearest(target, points) <= reach))


def adherence(points: torch.Tensor, target: torch.Tensor) -> float:
    """Share of points that lie on the target, that is within `ON_SHAPE` of one of its points."""
    return float(np.mean(_nearest(points, target) <= ON_SHAPE))


def spread(points: torch.Tensor) -> float:
    """Root mean square distance from the cloud's centre."""
    return float((points - points.mean(dim=0)).square().sum(dim=1).mean().sqrt())


def overshoot(points: torch.Tensor, target: torch.Tensor) -> float:
    """Mean distance by which points lie farther out from the target's centre than any target point."""
    centre = target.mean(dim=0)
    edge = (target - centre).norm(dim=1).max()
    return float(((points - centre).norm(dim=1) - edge).clamp(min=0).mean())


def big_shape_error(points: torch.Tensor, target: torch.Tensor) -> float:
    """Half the difference of the two clouds' shares in each cell of a coarse grid: 0 alike, 1 apart."""
    return float((_shares(points) - _shares(target)).abs().sum() / 2)


def fine_detail_error(points: torch.Tensor, target: torch.Tensor) -> float:
    """Mean distance to the target of the points that came near it at all (within `COARSE`)."""
    distances = _nearest(points, target)
    near = distances[distances < COARSE]
    return float(near.mean()) if len(near) else COARSE


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    """Correlation of the places of paired points in two clouds: 1 the same composition, 0 none in common."""
    _same_size(one, other)
    pairs = np.stack([one.numpy().ravel(), other.numpy().ravel()])
    return float(np.corrcoef(pairs)[0, 1])


def travel(one: torch.Tensor, other: torch.Tensor) -> float:
    """Mean distance between paired points of two clouds."""
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
