"""One batch on its way from static to pictures, a step at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch

from course_utils.painters.edits import Canvas
from course_utils.painters.guided import Asked
from course_utils.painters.painting import State
from course_utils.painters.schedulers import advance, scaled
from course_utils.painters.settings import Settings
from course_utils.runtime import generator

if TYPE_CHECKING:  # it imports this module
    from course_utils.painters.painter import Painter


class Run(Iterator[list[State]]):
    """The painting of one batch, a step at a time; whoever stops asking for steps has interrupted it."""

    def __init__(self, painter: Painter, wanted: Sequence[Settings], canvas: Canvas | None = None) -> None:
        self.painter, self.wanted, self.canvas = painter, wanted, canvas
        for settings in wanted:
            painter.heed(settings)
        self.evaluations = [0] * len(wanted)
        self._ready, way = painter.way.scheduler(wanted[0]), painter.way
        self._dice = [generator(settings.seed) for settings in wanted]
        shape = (1, *painter.static(0).shape)
        static = torch.cat([torch.randn(shape, generator=dice) for dice in self._dice])
        self._conditional = torch.stack([_prompt_vectors(painter, settings) for settings in wanted])
        self._unconditional = torch.stack([painter.encode(settings.negative) for settings in wanted])
        self._rescales = [settings.rescale for settings in wanted]
        self._timesteps = self._ready.timesteps
        if canvas is None:
            self.latents = static * getattr(self._ready, "init_noise_sigma", 1.0)
        else:
            self._timesteps, self.latents = canvas.begin(self._ready, static, way.drown)
        self._static, self._step = static, 0

    def __next__(self) -> list[State]:
        if self._step == len(self._timesteps):
            raise StopIteration
        timestep = self._timesteps[self._step]
        with torch.inference_mode():
            noisy, way = scaled(self._ready, self.latents, timestep), self.painter.way
            guess = self._guess(noisy, timestep)
            self.latents = advance(self._ready, guess, timestep, self.latents, self._dice)
            if self.canvas is not None:
                self.latents = self.canvas.keep(
                    self._ready, self.latents, self._static, self._after(), way.drown
                )
        noise, clean = way.split(self._ready, timestep, noisy, guess)
        self._step += 1
        t = way.t(timestep)
        return [State(t, *parts, self.painter.decode) for parts in zip(noisy, noise, clean, strict=True)]

    def finished(self, k: int) -> torch.Tensor:
        """The latent of picture `k` after the last step."""
        return self.latents[k]

    def _after(self) -> torch.Tensor | None:
        following = self._step + 1
        return self._timesteps[following] if following < len(self._timesteps) else None

    def _guess(self, noisy: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        """The guided guess of the noise for every picture."""
        dials = [self._w(settings) for settings in self.wanted]
        noise, passes = self.painter.guess(
            noisy, timestep, Asked(dials, self._rescales, self._unconditional, self._conditional)
        )
        self.evaluations = [sum(pair) for pair in zip(self.evaluations, passes, strict=True)]
        return noise

    def _w(self, settings: Settings) -> float:
        """The guidance of this step: 1 outside the interval."""
        place = self._step / len(self._timesteps)
        low, high = settings.interval
        return settings.guidance if low <= place < high or (low, high) == (0.0, 1.0) else 1.0


def _prompt_vectors(painter: Painter, settings: Settings) -> torch.Tensor:
    vectors = painter.encode(settings.prompt)
    if settings.blend:
        return torch.lerp(vectors, painter.encode(settings.other), settings.blend)
    return vectors
