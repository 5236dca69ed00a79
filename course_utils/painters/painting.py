"""What a painter gives back: the picture, how it came about, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from course_utils.runcards import png
from course_utils.runcards.settings import Settings

Decode = Callable[[torch.Tensor], np.ndarray]


@dataclass(frozen=True)
class State:
    """One step of the way, all latents (4, height, width).

    `t` is the timestep it began at (0 clean .. 1000 static), `noisy` x_t, `noise` the guided prediction of
    eps, `clean` the picture that this prediction implies, x0. `decode` turns any of them into pixels.
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
    two); `seconds` its share of the time that the steps of its batch took; `remark` one sentence on what in
    the request had no effect, such as words the painter never learned, or ""; `start` says what the painting
    began from, "" for static.
    """

    settings: Settings
    painter: str
    latent: torch.Tensor
    trajectory: list[State]
    evaluations: int
    seconds: float
    decode: Decode
    remark: str = ""
    start: str = ""
    decoded: np.ndarray | None = field(default=None, repr=False)  # the picture, where it is there already

    @cached_property
    def pixels(self) -> np.ndarray:
        """The picture, (side, side, 3) uint8."""
        return self.decode(self.latent) if self.decoded is None else self.decoded

    @property
    def image(self) -> Image.Image:
        """The picture as Pillow knows it."""
        return Image.fromarray(self.pixels)

    def save(self, path: Path | str) -> None:
        """Write a PNG that carries its own recipe; `painters.recipe_of` reads it back."""
        png.write(path, self.image, png.Recipe(self.settings, self.painter, self.start))

    def _repr_png_(self) -> bytes | None:
        return self.image._repr_png_()
