"""A recorded gallery behind the painter's interface: asked for a picture, it shows the recorded one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from course_utils.galleries.container import Recording, Shot
from course_utils.metrics.round_trip import RoundTrip
from course_utils.painters.painting import Painting, State
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError


@dataclass(frozen=True)
class RecordedPainter:
    """A large model as it was recorded elsewhere. It paints nothing: `paint` looks up."""

    recording: Recording

    @property
    def name(self) -> str:
        """The name under which the model is loaded."""
        return self.recording.model.name

    @property
    def title(self) -> str:
        """The model's name, for people to read."""
        return self.recording.model.title

    @property
    def side(self) -> int:
        """How many pixels a side of the recorded pictures has."""
        return self.recording.side

    @property
    def provenance(self) -> str:
        """Where the pictures come from, and under which licence, for people to read."""
        model, made = self.recording.model, self.recording.made
        which = f", revision {model.revision[:12]}" if model.revision else ""
        return (
            f"Recorded on {made.machine}, {made.date}: {model.title}{which}, {model.licence}. {model.terms}"
        )

    def defaults(self, prompt: str, **changes: Any) -> Settings:
        """The settings that the model is meant for, with some changed."""
        model = self.recording.model
        usual = {"steps": model.steps, "guidance": model.guidance, "sampler": model.sampler}
        return Settings(prompt, **{**usual, **changes})

    def paint(self, settings: Settings) -> Painting:
        """The painting that was recorded with these settings. Raises `CourseError` where there is none."""
        for shot in self.recording.shots:
            if shot.settings == settings:
                return self._painting(shot)
        why = self.recording.left_out.get(settings)
        if why is None:
            why = (
                f"The recorded gallery of {self.title} holds no picture of {settings.prompt!r} with seed "
                f"{settings.seed}, {settings.steps} steps and w = {settings.guidance:g}: change it back to "
                "see what was recorded."
            )
        raise CourseError(why)

    def round_trip(self, picture: NDArray[np.uint8]) -> RoundTrip:
        """What the model's VAE made of a bundled picture (side, side, 3). Raises `CourseError` for others."""
        for trip in self.recording.trips.values():
            if np.array_equal(trip.before, picture):
                return trip
        raise CourseError(
            f"The recorded gallery of {self.title} has sent no such picture through the VAE: choose "
            f"{' or '.join(self.recording.trips) or 'another painter'}."
        )

    def _painting(self, shot: Shot) -> Painting:
        # Its latents are the pixels themselves: nothing is left to decode.
        frames = torch.from_numpy(shot.frames)
        states = [
            State(t, frame, frame, frame, _as_it_is) for t, frame in zip(shot.timesteps, frames, strict=True)
        ]
        latent = torch.from_numpy(shot.pixels)
        return Painting(
            shot.settings,
            self.name,
            latent,
            states,
            shot.evaluations,
            shot.seconds,
            _as_it_is,
            shot.remark,
            decoded=shot.pixels,
        )


def _as_it_is(pixels: torch.Tensor) -> np.ndarray:
    return pixels.numpy()
