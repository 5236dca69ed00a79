"""Challenges of episode 4: the target quality with few evaluations, and a Heun step of your own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from course_utils import metrics, particles, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.base import Verdict
from course_utils.runtime import CourseError, generator
from course_utils.schedules import NoisePath, biased_timesteps, schedule, trailing

NEAR = 0.05  # sliced Wasserstein distance to reach

Step = Callable[[sampling.Predict, torch.Tensor, int, int, NoisePath], torch.Tensor]


def way(sampler: str, steps: int, bias: float = 0.0, seeds: Sequence[int] = range(4)) -> Verdict:
    """What a sampler reaches with so many biased steps, and its cost. Goal: NEAR with few evaluations."""
    walk = point_sampling.sampler_named(sampler)
    predict = classifier_free_guidance(point_sampling.shipped().predict, "cat")
    together = torch.cat([point_sampling.start(seed) for seed in seeds])
    *_, end = walk(predict, together, biased_timesteps(steps, bias), schedule(), generator(1))
    reached = point_sampling.over_seeds(metrics.sliced_wasserstein, end.x.split(particles.COUNT), "cat")
    return Verdict(
        f"{sampler}, {steps} steps, bias {bias:+g}: distance {reached} with {end.evaluations} evaluations. "
        f"The goal is {NEAR}: {'reached' if reached.mean <= NEAR else 'not yet'}."
    )


def heun_step(mine: Step, steps: int = 10) -> Verdict:
    """Hold `mine(predict, points, t, following, schedule)`, one step, against the library's Heun."""
    predict, points = (
        classifier_free_guidance(point_sampling.shipped().predict, "cat"),
        point_sampling.start(7),
    )
    walk = trailing(steps)
    theirs = [state.x for state in sampling.heun(predict, points, walk, schedule())]
    for t, following, goal in zip(walk, walk[1:], theirs[1:], strict=False):
        points = mine(predict, points, t, following, schedule())
        if not isinstance(points, torch.Tensor) or points.shape != goal.shape:
            raise CourseError("A step returns the points where it ends, as many as it was given.")
        if not torch.allclose(points, goal, atol=1e-3):
            off = float((points - goal).norm(dim=1).mean())
            return Verdict(f"The step from t = {t} to {following} ends {off:.3f} away from Heun's. Not yet.")
    return Verdict(f"All {steps} steps end where Heun's end.")
