"""The distilled painter: one to a few steps of one evaluation each; guidance is an input of the network.

A latent consistency model (Luo 2023, arXiv 2310.04378). A painting is what stock
`LatentConsistencyModelPipeline` paints from the same weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

from course_utils.painters.guided import OnePass
from course_utils.painters.networks import guidance_width
from course_utils.painters.painter import Painter
from course_utils.runcards.settings import GUIDANCE, Settings
from course_utils.runtime import CourseError
from course_utils.sampling import Sampler, consistency
from course_utils.schedules import distilled, to_index

STEPS = 4
LEAPS = Sampler(consistency, "LCMScheduler")
# The guidance it was trained with: where its teacher needs no more than ten steps.
WEAKEST, STRONGEST = 1.0, 6.0


@dataclass
class FastPainter(Painter):
    """As `Painter`, for a U-Net that takes the guidance as one more input."""

    dial = (WEAKEST, STRONGEST)
    most_steps = 10
    distilled = True
    early = 1.0  # guidance costs it nothing

    def defaults(self, prompt: str, **changes: Any) -> Settings:
        """See `Painter`."""
        return Settings(prompt, **{"steps": STEPS, **changes})

    def validate(self, settings: Settings) -> None:
        """See `Painter`."""
        if not WEAKEST <= settings.guidance <= STRONGEST:
            raise CourseError(
                f"The fast painter learned guidance from {WEAKEST:g} to {STRONGEST:g}, not "
                f"{settings.guidance:g}: choose a number in between."
            )
        if settings.negative or settings.rescale or settings.interval != (0.0, 1.0):
            raise CourseError(
                "The fast painter makes one prediction a step, and a negative prompt, rescaling and an "
                "interval need two: its teacher, picturebook, has them."
            )

    def route(self, settings: Settings) -> tuple[Sampler, Sequence[float]]:
        """See `Painter`. Raises `CourseError` for samplers that it was not distilled for."""
        if settings.sampler != "ddim" or settings.spacing != "trailing" or settings.bias:
            raise CourseError(
                "The fast painter only paints with the sampler it was distilled for: leave sampler, spacing "
                "and bias as they are."
            )
        levels = self.parts.schedule["original_inference_steps"]
        if settings.steps > levels:
            raise CourseError(f"The fast painter takes 1 to {levels} steps, not {settings.steps}.")
        return LEAPS, distilled(settings.steps, levels)

    def predictor(self, wanted: Sequence[Settings]) -> OnePass:
        """See `Painter`; guidance goes into the network, so that a step is one evaluation."""
        ws = torch.tensor([settings.guidance for settings in wanted])
        return OnePass(partial(self.predict, vectors=self.conditioning(wanted), w=ws), len(wanted))

    def predict(
        self, x: torch.Tensor, t: float, vectors: torch.Tensor, w: float | torch.Tensor = GUIDANCE
    ) -> torch.Tensor:
        """As `Painter.predict`, with w as one more input: a number, or (batch,) of them."""
        ws = torch.as_tensor(w, dtype=torch.float32).expand(len(x))
        timestep_cond = guidance_numbers(ws, guidance_width(self.parts))
        return self.engine.predict(x, torch.tensor(to_index(t)), vectors, timestep_cond)


def guidance_numbers(ws: torch.Tensor, width: int) -> torch.Tensor:
    """Guidance w (batch,) as the U-Net takes it, sines and cosines (batch, width): Meng 2023, section 3.1."""
    from diffusers.models.embeddings import get_timestep_embedding

    return get_timestep_embedding(1000 * (ws - 1), width, downscale_freq_shift=1)
