"""Three ways to answer "which noise is in these points?": exact, replay, and the interface they share.

The third, learned, is in `network`. A denoiser answers for one timestep and one prompt; samplers see
only the `predict(x, t)` that `guidance.classifier_free_guidance` makes of it.
"""

from __future__ import annotations

from typing import Protocol

import torch

from course_utils.particles import shapes
from course_utils.runtime import CourseError, generator
from course_utils.schedules import T_MAX, NoisePath, add_noise, check_timestep

NO_PROMPT = ""


class Denoiser(Protocol):
    """Predicts what is noise in noisy points; `badge` says how it comes by its answer."""

    badge: str

    def predict(self, points: torch.Tensor, t: float, prompt: str) -> torch.Tensor:
        """Return eps, shape (n, 2), for points (n, 2) at timestep t in 1..1000 under a prompt.

        On a rectified flow it is the velocity.
        """
        ...


class ExactDenoiser:
    """Knows the shapes: returns the posterior mean under their known distribution.

    A shape is taken as an even mixture of narrow Gaussians (standard deviation `width`) about
    reference points y_i drawn with their own seed. At timestep t the mixture's parts are
    N(s y_i, s^2 width^2 + n^2), so that

        E[x0 | x_t] = sum_i w_i (y_i + s width^2 / (s^2 width^2 + n^2) (x_t - s y_i)),
        w_i = softmax_i(-|x_t - s y_i|^2 / 2 (s^2 width^2 + n^2)).

    The noise follows from it. The empty prompt means all shapes at once. Quality is measured
    against points drawn with other seeds, so that copying the references cannot score.
    """

    badge = "exact"

    def __init__(
        self,
        schedule: NoisePath,
        prompts: tuple[str, ...] = tuple(shapes.SHAPES),
        references: int = 2000,
        width: float = 0.03,
    ) -> None:
        self.schedule = schedule
        self.prompts = prompts
        self.references = references
        self.width = width
        self._known: dict[str, torch.Tensor] = {}

    def clean(self, points: torch.Tensor, t: float, prompt: str) -> torch.Tensor:
        """Return E[x0 | x_t], (n, 2), for points (n, 2) at a whole timestep t in 0..1000."""
        check_timestep(t)
        signal, noise = self.schedule.levels(t)
        known = self.known_points(prompt).to(points)  # (m, 2)
        variance = (signal * self.width) ** 2 + noise**2
        nearest = torch.cat(  # (n, 2); a few points at a time: a table of all of them would leave the cache
            [
                torch.softmax(-(torch.cdist(some, signal * known) ** 2) / (2 * variance), dim=1) @ known
                for some in points.split(32)
            ]
        )
        return nearest + signal * self.width**2 / variance * (points - signal * nearest)

    def predict(self, points: torch.Tensor, t: float, prompt: str) -> torch.Tensor:
        """Return the mean noise (n, 2) given points x_t (n, 2): what no network can beat.

        On a rectified flow it is the mean velocity.
        """
        return self.schedule.prediction(points, self.clean(points, t, prompt), t)

    def known_points(self, prompt: str) -> torch.Tensor:
        """Return the points (m, 2) that stand for a prompt; the empty one means all shapes at once."""
        if prompt not in self._known:
            names = self.prompts if prompt == NO_PROMPT else (prompt,)
            each = self.references // len(names)
            self._known[prompt] = torch.cat([shapes.sample(name, each, generator(90_000)) for name in names])
        return self._known[prompt]


class ReplayDenoiser:
    """A trick, shown for what it is: subtracts the very noise that was added before.

    It drowned `clean` in `noise`, both (n, 2), and remembers both; a prompt means nothing to it.
    """

    badge = "replay"

    def __init__(self, clean: torch.Tensor, noise: torch.Tensor, schedule: NoisePath) -> None:
        self.noise = noise
        self.start = add_noise(clean, noise, T_MAX, schedule)

    def predict(self, points: torch.Tensor, t: float, prompt: str) -> torch.Tensor:
        """Return the remembered noise (n, 2), wherever the points (n, 2) are."""
        if points.shape != self.noise.shape:
            raise CourseError("A replay knows one cloud only: give it as many points as it remembers.")
        return self.noise
