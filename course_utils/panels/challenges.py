"""Judges of the challenges at the end of notebooks: what was tried, and whether it reaches the goal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from course_utils import guidance, judge, metrics, particles
from course_utils.metrics.pages import adherence, clipped
from course_utils.panels import pages, runs
from course_utils.panels.base import Verdict
from course_utils.runtime import CourseError, generator
from course_utils.schedules import Schedule, schedule, spent, trailing
from course_utils.training.exam import prompts
from course_utils.training.examination import FIRST, SEED

NEAR = 0.05  # sliced Wasserstein distance to reach
OBEDIENT = 0.95  # share of prompts to meet

Step = Callable[[particles.Predict, torch.Tensor, int, int, Schedule], torch.Tensor]


def way(sampler: str, steps: int, bias: float = 0.0, seeds: Sequence[int] = range(4)) -> Verdict:
    """What a sampler reaches with so many steps, spent with a bias, and what it pays. Goal: NEAR, cheaply."""
    if sampler not in particles.SAMPLERS:
        raise CourseError(f"There is no sampler {sampler!r}; choose one of {', '.join(particles.SAMPLERS)}.")
    predict = particles.guided(runs.shipped(), "cat")
    more = {"step_noise": generator(1)} if sampler == "ddpm" else {}
    together = torch.cat([runs.start(seed) for seed in seeds])
    *_, end = particles.SAMPLERS[sampler](predict, together, spent(steps, bias), schedule(), **more)
    reached = runs.over_seeds(metrics.sliced_wasserstein, end.points.split(particles.COUNT), "cat")
    return Verdict(
        f"{sampler}, {steps} steps, bias {bias:+g}: distance {reached} with {end.evaluations} evaluations. "
        f"The goal is {NEAR}: {'reached' if reached.mean <= NEAR else 'not yet'}."
    )


def heun_step(mine: Step, steps: int = 10) -> Verdict:
    """Hold `mine(predict, points, t, following, schedule)`, one step, against the library's Heun."""
    predict, points = particles.guided(runs.shipped(), "cat"), runs.start(7)
    walk = trailing(steps)
    theirs = [state.points for state in particles.heun(predict, points, walk, schedule())]
    for t, following, goal in zip(walk, walk[1:], theirs[1:], strict=False):
        points = mine(predict, points, t, following, schedule())
        if not isinstance(points, torch.Tensor) or points.shape != goal.shape:
            raise CourseError("A step returns the points where it ends, as many as it was given.")
        if not torch.allclose(points, goal, atol=1e-3):
            off = float((points - goal).norm(dim=1).mean())
            return Verdict(f"The step from t = {t} to {following} ends {off:.3f} away from Heun's. Not yet.")
    return Verdict(f"All {steps} steps end where Heun's end.")


def dial(w: float, **repairs: Any) -> Verdict:
    """How many of the exam's first prompts are met at w, and how many colours clip. Goal: OBEDIENT."""
    texts = prompts("fresh")[:FIRST]
    wanted = [pages.settings(text, seed=SEED + k, guidance=w, **repairs) for k, text in enumerate(texts)]
    painted = np.stack([painting.pixels for painting in pages.sheet(wanted)])
    share, burnt = adherence(judge.load(), painted, texts), metrics.estimate(clipped(painted))
    return Verdict(
        f"w = {w:g}: {share.hits} of {share.count} met, {100 * burnt.mean:.2f} % of the colours clipped. "
        f"The goal is {OBEDIENT:.0%} met: {'reached' if share.mean >= OBEDIENT else 'not yet'}."
    )


def guide(mine: Callable[[torch.Tensor, torch.Tensor, float], torch.Tensor]) -> Verdict:
    """Hold `mine(unconditional, conditional, w)` against the course's guidance."""
    dice = generator(7)
    without, with_prompt = torch.randn(2, 100, 2, generator=dice)
    for w in (0.0, 1.0, 4.0, -2.0):
        found, goal = mine(without, with_prompt, w), guidance.guide(without, with_prompt, w)
        if not torch.allclose(found, goal, atol=1e-5):
            return Verdict(f"At w = {w:g} yours is {float((found - goal).abs().mean()):.3f} away. Not yet.")
    return Verdict("The same at w = 0, 1, 4 and -2.")
