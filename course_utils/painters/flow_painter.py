"""The painter of now: a flow-matching transformer whose prompts are read by a language model.

A small FLUX.2 klein. Four neighbouring places of the VAE's latent make one token of sixteen numbers, which
the VAE's batch norm normalises; in the transformer picture and prompt attend to each other. A painting is
what stock `Flux2KleinPipeline` paints, except at guidance between 0 and 1, which that pipeline lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from course_utils.painters.joint import Joint
from course_utils.painters.painter import Painter
from course_utils.painters.tokens import ChatTokens
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError
from course_utils.sampling import SAMPLERS, Sampler
from course_utils.schedules import T_MAX, NoisePath, biased_timesteps, straight


@dataclass
class FlowPainter(Painter):
    """As `Painter`, for a `Flux2Transformer2DModel` and an `AutoencoderKLFlux2`.

    Latents are (16, 8, 8): patched and normalised.
    """

    cutting = ChatTokens
    joint = Joint()
    early = 1.0  # its straight path needs guidance to the end

    @cached_property
    def path(self) -> NoisePath:
        """See `Painter`."""
        return straight()

    def route(self, settings: Settings) -> tuple[Sampler, Sequence[float]]:
        """See `Painter`. Steps are even, and need not fall on whole timesteps, as in FLUX.2's pipeline."""
        if settings.sampler not in ("ddim", "euler") or settings.spacing != "trailing":
            raise CourseError(
                "This painter follows its straight path in Euler steps: choose the sampler euler and "
                "trailing spacing."
            )
        if settings.bias:
            return SAMPLERS["ddim"], biased_timesteps(settings.steps, settings.bias)
        return SAMPLERS["ddim"], [T_MAX - T_MAX * k / settings.steps for k in range(settings.steps + 1)]

    def predict(self, x: torch.Tensor, t: float, vectors: torch.Tensor) -> torch.Tensor:
        """See `Painter`; here it is the velocity, for latents (batch, 16, h, w)."""
        return self.engine.predict(x, torch.tensor(float(t)), vectors)
