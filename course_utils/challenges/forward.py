"""Challenges of episode 1: the crossing, the line of arithmetic, and the way back that no model has."""

from __future__ import annotations

import numpy as np

from course_utils import pictures, schedules
from course_utils.challenges.engine import Function, held_against
from course_utils.panels.base import Verdict
from course_utils.runtime import generator
from course_utils.schedules import NoisePath, schedule

CLOSE = 5  # timesteps
TIMESTEPS = (1, 355, 640, 1000)
SLIP = 0.05  # an error in the noise, as a share of its spread


def crossing(t: int, name: str = "cosine") -> Verdict:
    """Signal and noise level of a schedule at t. Goal: where they are equal, to CLOSE timesteps."""
    chosen = schedule(name)
    place = min(max(int(t), 0), schedules.T_MAX)
    reached = abs(place - chosen.crossing) <= CLOSE
    return Verdict(
        f"{name} at t = {place}: signal {chosen.signal[place]:.3f}, noise {chosen.noise_level[place]:.3f}. "
        f"{'Reached' if reached else 'Not yet'}."
    )


def add_noise(mine: Function) -> Verdict:
    """Hold `mine(clean, noise, t, schedule)` against the course's own."""
    clean, noise, curve = _cat()
    cases = {f"t = {t}": (clean, noise, t, curve) for t in TIMESTEPS}
    return held_against(mine, schedules.add_noise, cases)


def recover(mine: Function) -> Verdict:
    """Hold `mine(noisy, noise, t, schedule)`, which gives the clean picture, against the course's own.

    Once it is right, the verdict tells what becomes of it where the noise is not known exactly.
    """
    clean, noise, curve = _cat()
    cases = {
        f"t = {t}": (schedules.add_noise(clean, noise, t, curve), noise, t, curve) for t in TIMESTEPS[:-1]
    }
    verdict = held_against(mine, schedules.clean_from_noise, cases, tolerance=1e-3)
    if not verdict.sentence.startswith("The same"):
        return verdict
    slip = np.random.default_rng(1).standard_normal(noise.shape) * SLIP
    missed = {t: mine(cases[f"t = {t}"][0], noise + slip, t, curve) - clean for t in TIMESTEPS[:-1]}
    errors = ", ".join(f"{np.abs(gap).mean():.3f} at t = {t}" for t, gap in missed.items())
    return Verdict(
        f"{verdict.sentence} With the noise known to {SLIP:.0%} only, the picture is off by {errors}: the "
        "error grows with noise over signal, and a model's guess is never exact."
    )


def _cat() -> tuple[np.ndarray, np.ndarray, NoisePath]:
    import torch

    clean = pictures.to_unit(pictures.load("cat", 64))
    return clean, torch.randn(clean.shape, generator=generator(7)).numpy(), schedule()
