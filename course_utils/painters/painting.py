"""What a painter gives back: the picture, how it came about, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image, PngImagePlugin, UnidentifiedImageError

from course_utils.painters.settings import Settings
from course_utils.runtime import CourseError

KEY = "painting"  # under which the settings stand in a PNG file

Decode = Callable[[torch.Tensor], np.ndarray]


@dataclass(frozen=True)
class State:
    """One step of the way, all latents (4, height, width).

    `t` is the timestep it began at (0 clean .. 1000 static), `noisy` x_t, `noise` the guided guess of eps,
    `clean` the picture that guess implies, x0. `decode` turns any of them into pixels.
    """

    t: int
    noisy: torch.Tensor
    noise: torch.Tensor
    clean: torch.Tensor
    decode: Decode

    def picture(self, which: str = "clean") -> np.ndarray:
        """`noisy`, `noise` or `clean` decoded: (side, side, 3) uint8."""
        return self.decode(getattr(self, which))


@dataclass(frozen=True)
class Painting:
    """A finished picture.

    `latent` is its (4, height, width) latent; `evaluations` counts passes of the network (a guided step has
    two); `seconds` its share of the time that the steps of its batch took; `remark` one sentence on words
    the painter never learned, or "".
    """

    settings: Settings
    painter: str
    latent: torch.Tensor
    trajectory: list[State]
    evaluations: int
    seconds: float
    decode: Decode
    remark: str = ""

    @cached_property
    def pixels(self) -> np.ndarray:
        """The picture, (side, side, 3) uint8."""
        return self.decode(self.latent)

    @property
    def image(self) -> Image.Image:
        """The picture as Pillow knows it."""
        return Image.fromarray(self.pixels)

    def save(self, path: Path | str) -> None:
        """Write a PNG that carries its own recipe; `settings_of` reads it back."""
        notes = PngImagePlugin.PngInfo()
        notes.add_text(KEY, self.settings.to_json())
        notes.add_text("painter", self.painter)
        try:
            self.image.save(path, format="PNG", pnginfo=notes)
        except OSError as error:
            raise CourseError(f"{path} cannot be written: {error.strerror or error}.") from None

    def _repr_png_(self) -> bytes | None:
        return self.image._repr_png_()


def settings_of(path: Path | str) -> Settings:
    """The settings inside a saved painting. Raises `CourseError` for any other file."""
    try:
        with Image.open(path) as picture:
            text = picture.info.get(KEY)
    except (OSError, UnidentifiedImageError):
        raise CourseError(f"{path} is missing or no picture.") from None
    if text is None:
        raise CourseError(f"{path} holds no settings: only paintings saved by this course do.")
    return Settings.from_json(text)
