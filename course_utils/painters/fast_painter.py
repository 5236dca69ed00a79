"""The distilled painter: one to a few jumps, each a single pass; guidance goes in as a number.

A latent consistency model (Luo 2023, arXiv 2310.04378). A painting is what stock
`LatentConsistencyModelPipeline` paints from the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from course_utils.painters.guided import Asked
from course_utils.painters.painter import Painter
from course_utils.painters.schedulers import made
from course_utils.painters.settings import Settings
from course_utils.painters.ways import Curved
from course_utils.runtime import CourseError

STEPS = 4
WEAKEST, STRONGEST = 1.0, 6.0  # the guidance it was taught: where its teacher needs no more than ten steps


@dataclass
class FastPainter(Painter):
    """As `Painter`, for a U-Net that takes the guidance as one more input."""

    dial = (WEAKEST, STRONGEST)
    most_steps = 10
    early = 1.0  # guidance costs it nothing

    def __post_init__(self) -> None:
        super().__post_init__()
        self.way = Jumps(self.parts.schedule)

    def defaults(self, prompt: str, **changes: Any) -> Settings:
        """Settings as the painter is meant to be used."""
        return Settings(prompt, **{"steps": STEPS, **changes})

    def heed(self, settings: Settings) -> None:
        """See `Painter`."""
        if not WEAKEST <= settings.guidance <= STRONGEST:
            raise CourseError(
                f"The fast painter learned guidance from {WEAKEST:g} to {STRONGEST:g}, not "
                f"{settings.guidance:g}: choose a number between."
            )
        if settings.negative or settings.rescale or settings.interval != (0.0, 1.0):
            raise CourseError(
                "The fast painter makes a single pass a step, so there is no second guess for a negative "
                "prompt, rescaling or an interval: its teacher, picturebook, has them."
            )

    def guess(
        self, noisy: torch.Tensor, timestep: torch.Tensor, asked: Asked
    ) -> tuple[torch.Tensor, list[int]]:
        """See `Painter`."""
        told = guidance_numbers(torch.tensor(asked.dials), self._unet["time_cond_proj_dim"])
        return self.engine.noise(noisy, timestep, asked.conditional, told), [1] * len(noisy)


def guidance_numbers(dials: torch.Tensor, width: int) -> torch.Tensor:
    """How the U-Net is told w: waves of w - 1, (batch, width) (Meng 2023, section 3.1; as diffusers does)."""
    from diffusers.models.embeddings import get_timestep_embedding

    return get_timestep_embedding(1000 * (dials - 1), width, downscale_freq_shift=1)


class Jumps(Curved):
    """The curved way in leaps: after each the picture is drowned again, less deep (Song 2023, alg. 1)."""

    def scheduler(self, settings: Settings) -> Any:
        """See `Way`. Raises `CourseError` for samplers that it was not distilled for."""
        from diffusers import LCMScheduler

        if settings.sampler != "ddim" or settings.spacing != "trailing" or settings.bias:
            raise CourseError(
                "The fast painter leaps with the sampler it was distilled for: leave sampler, spacing and "
                "bias as they are."
            )
        ready = made(LCMScheduler, self.config)
        most = ready.config.original_inference_steps
        if settings.steps > most:
            raise CourseError(f"The fast painter takes 1 to {most} steps, not {settings.steps}.")
        ready.set_timesteps(settings.steps)
        return ready
