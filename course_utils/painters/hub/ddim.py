"""diffusers' DDIM, right for every number of steps.

diffusers goes from t to t - 1000 // steps, where the next step begins only if 1000 is divisible by steps.
From 334 steps on it removes half of the noise it should, or less, and the rest stays in the picture
(huggingface/diffusers#9261).
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DDIMScheduler
from diffusers.schedulers.scheduling_ddim import DDIMSchedulerOutput


class ListedDDIMScheduler(DDIMScheduler):
    """DDIM (Song 2021, eq. 12, eta = 0) from each timestep to the next of its list."""

    def step(
        self, model_output: torch.Tensor, timestep: Any, sample: torch.Tensor, return_dict: bool = True
    ) -> Any:
        """As diffusers' `step`, without fresh noise; both tensors are (batch, channels, h, w)."""
        clean = super().step(model_output, timestep, sample, return_dict=False)[1]
        signal, noise_level = _levels(self.alphas_cumprod[timestep])
        noise = model_output
        if self.config.prediction_type != "epsilon":
            noise = (sample - signal * clean) / noise_level
        signal, noise_level = _levels(self._following(timestep))
        previous = signal * clean + noise_level * noise
        return DDIMSchedulerOutput(previous, clean) if return_dict else (previous, clean)

    def _following(self, timestep: Any) -> torch.Tensor:
        """alpha_bar where this step ends."""
        place = int((self.timesteps == timestep).nonzero()[0]) + 1
        if place == len(self.timesteps) or self.timesteps[place] < 0:
            return self.final_alpha_cumprod
        return self.alphas_cumprod[self.timesteps[place]]


def _levels(alpha_bar: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return alpha_bar**0.5, (1 - alpha_bar) ** 0.5
