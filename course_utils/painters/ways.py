"""The two ways from static to a picture: Stable Diffusion's curved one, the straight one of flow matching.

A way knows its scheduler, how a picture is drowned on it, and what a network's guess on it means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from course_utils.painters.schedulers import made, scheduler, signal_and_noise
from course_utils.painters.settings import Settings
from course_utils.runtime import CourseError
from course_utils.schedules import T_MAX, from_index, spent


class Way(Protocol):
    """What a painter walks on."""

    def scheduler(self, settings: Settings) -> Any:
        """diffusers' scheduler, ready for its steps."""

    def drown(
        self, ready: Any, clean: torch.Tensor, static: torch.Tensor, timestep: torch.Tensor
    ) -> torch.Tensor:
        """Clean latents as noisy as they are at a timestep, in the scheduler's own coordinates."""

    def split(
        self, ready: Any, timestep: torch.Tensor, noisy: torch.Tensor, guess: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The noise and the clean picture that a guess implies."""

    def levels(self, ready: Any, timestep: torch.Tensor) -> tuple[float, float]:
        """Signal and noise level at a timestep, 0..1 each."""

    def t(self, timestep: torch.Tensor) -> int:
        """A timestep as learners see it, 0 clean .. 1000 static."""


@dataclass(frozen=True)
class Curved:
    """x_t = signal x0 + noise level eps, and the network guesses eps (Ho 2020).

    `config` is that of the checkpoint's scheduler.
    """

    config: dict[str, Any]

    def scheduler(self, settings: Settings) -> Any:
        """See `Way`."""
        return scheduler(settings, self.config)

    def drown(
        self, ready: Any, clean: torch.Tensor, static: torch.Tensor, timestep: torch.Tensor
    ) -> torch.Tensor:
        """See `Way`."""
        return ready.add_noise(clean, static, timestep.expand(len(static)))

    def split(
        self, ready: Any, timestep: torch.Tensor, noisy: torch.Tensor, guess: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """See `Way`."""
        signal, level = self.levels(ready, timestep)
        return guess, (noisy - level * guess) / signal

    def levels(self, ready: Any, timestep: torch.Tensor) -> tuple[float, float]:
        """See `Way`."""
        return signal_and_noise(ready, timestep)

    def t(self, timestep: torch.Tensor) -> int:
        """See `Way`."""
        return from_index(round(float(timestep)))


@dataclass(frozen=True)
class Straight:
    """x_t = (1 - sigma) x0 + sigma eps, and the network guesses the velocity eps - x0 (Lipman 2023).

    Steps are Euler's, which on this way are DDIM's too; sigma falls evenly, or bent by the settings' bias.
    """

    config: dict[str, Any]

    def scheduler(self, settings: Settings) -> Any:
        """See `Way`. Raises `CourseError` for samplers made for the curved way."""
        from diffusers import FlowMatchEulerDiscreteScheduler

        if settings.sampler not in ("ddim", "euler") or settings.spacing != "trailing":
            raise CourseError(
                "On the straight path this painter walks in Euler's steps: choose the sampler euler, with "
                "trailing spacing."
            )
        ready = made(FlowMatchEulerDiscreteScheduler, self.config)
        even = np.linspace(1, 1 / settings.steps, settings.steps)
        ready.set_timesteps(
            sigmas=np.array(spent(settings.steps, settings.bias)[:-1]) / T_MAX if settings.bias else even
        )
        ready.set_begin_index(0)
        return ready

    def drown(
        self, ready: Any, clean: torch.Tensor, static: torch.Tensor, timestep: torch.Tensor
    ) -> torch.Tensor:
        """See `Way`."""
        return torch.lerp(clean, static, _sigma(timestep))

    def split(
        self, ready: Any, timestep: torch.Tensor, noisy: torch.Tensor, guess: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """See `Way`."""
        signal, sigma = self.levels(ready, timestep)
        return noisy + signal * guess, noisy - sigma * guess

    def levels(self, ready: Any, timestep: torch.Tensor) -> tuple[float, float]:
        """See `Way`."""
        return 1 - _sigma(timestep), _sigma(timestep)

    def t(self, timestep: torch.Tensor) -> int:
        """See `Way`."""
        return round(float(timestep))


def _sigma(timestep: torch.Tensor) -> float:
    return float(timestep) / T_MAX
