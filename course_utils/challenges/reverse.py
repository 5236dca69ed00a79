"""Challenges of episode 2: a reverse step of your own, the training loss, a line-up with a replay in it."""

from __future__ import annotations

import numpy as np
import torch

from course_utils import metrics, particles, plots, sampling
from course_utils.challenges.engine import Function, held_against
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.base import Panel, Verdict, views
from course_utils.runtime import CourseError, generator
from course_utils.schedules import T_MAX, schedule, to_index, trailing
from course_utils.widgets import ParticlePlayer

SUSPECTS = {"A": "learned", "B": "replay", "C": "exact"}  # read no further if you want to find out
REMEMBERED = 7  # the seed whose static the replay knows
STRIDE = 100  # timesteps that a step goes back


def step(mine: Function) -> Verdict:
    """Hold `mine(noisy, noise, t, following, schedule)`, one step of DDIM, against diffusers' scheduler."""
    from diffusers import DDIMScheduler

    ready = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False
    )
    ready.set_timesteps(T_MAX // STRIDE)

    def theirs(noisy: torch.Tensor, noise: torch.Tensor, t: int, following: int, _curve: object) -> object:
        return ready.step(noise, to_index(t), noisy).prev_sample

    noisy, noise = torch.randn(2, 50, 2, generator=generator(7))
    cases = {f"t = {t}": (noisy, noise, t, t - STRIDE, schedule()) for t in (1000, 700, 200)}
    return held_against(mine, theirs, cases, tolerance=1e-3)


def loss(mine: Function) -> Verdict:
    """Hold `mine(guess, noise)`, the mark of a guess, against the mean squared error."""
    dice = np.random.default_rng(7)
    cases = {
        f"{name} guesses": (share * noise, noise)
        for name, share, noise in zip(
            ("good", "poor", "no"), (0.9, 0.3, 0.0), dice.standard_normal((3, 40, 2)), strict=True
        )
    }
    return held_against(mine, lambda guess, noise: np.mean((guess - noise) ** 2), cases)


def lineup(seed: int = REMEMBERED, prompt: str = "cat") -> Panel:
    """What three denoisers make of the static of a seed. One of them replays; which?"""
    clouds = {letter: _painted(kind, seed, prompt) for letter, kind in SUSPECTS.items()}
    players = []
    for letter, cloud in clouds.items():
        view = ParticlePlayer(title=letter, alt=f"The cloud of denoiser {letter}.")
        view.set_run(cloud[None], None, metrics.target(prompt), [f"static {seed}"])
        players.append(view)

    def still() -> bytes:
        figure, axes = plots.panes(len(clouds))
        for axis, (letter, cloud) in zip(axes, clouds.items(), strict=True):
            plots.cloud(axis, cloud, metrics.target(prompt), letter, "ink")
        return plots.png(figure)

    return Panel([views(*players)], alt=f"Three denoisers and the static {seed}.", still=still)


def spot(letter: str) -> Verdict:
    """Say which of the three in the line-up replays."""
    if letter not in SUSPECTS:
        raise CourseError(f"There is no {letter!r} in the line-up; there are {', '.join(SUSPECTS)}.")
    found = SUSPECTS[letter] == "replay"
    return Verdict(f"{letter}: {'that is the replay' if found else 'not the replay. Try another static'}.")


def _painted(kind: str, seed: int, prompt: str, steps: int = 20) -> torch.Tensor:
    """The cloud that a denoiser of this kind ends with, (n, 2)."""
    if kind == "replay":
        page = particles.sample(prompt, particles.COUNT, generator(REMEMBERED + 1))
        trick = particles.ReplayDenoiser(page, point_sampling.start(REMEMBERED), schedule())
        *_, end = sampling.ddim(
            classifier_free_guidance(trick.predict, prompt),
            point_sampling.start(seed),
            trailing(steps),
            schedule(),
        )
        return end.x
    return point_sampling.paint(point_sampling.DENOISERS[kind](), prompt, seed, steps).result
