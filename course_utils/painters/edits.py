"""Starting from a page instead of static: image-to-image (SDEdit, Meng 2022) and inpainting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.runcards.settings import check_number
from course_utils.runtime import CourseError, plain, shown
from course_utils.sampling import Predict
from course_utils.schedules import NoisePath, add_noise


@dataclass(frozen=True)
class Canvas:
    """A page to start from.

    `clean` is its latent (4, h, w), or (batch, 4, h, w) where each picture has its own. `strength` (0..1) is
    how far it is noised before painting begins: 0 leaves it as it is, 1 begins at static. `hole` (h, w) is
    True, or any number but 0, where new paint goes, and keeps the rest as it was; None repaints all. NumPy
    arrays and lists will do. Raises `CourseError` for anything else.
    """

    clean: torch.Tensor
    strength: float = 1.0
    hole: torch.Tensor | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "strength", plain(self.strength))
        check_number("Strength", self.strength, 0, 1)
        object.__setattr__(self, "clean", _table(self.clean, "The page of a canvas").float())
        if self.hole is None:
            return
        object.__setattr__(self, "hole", _table(self.hole, "A hole") != 0)
        if not bool(self.hole.any()):
            raise CourseError("Nothing is marked yet: brush over the part of the page to repaint.")
        if self.hole.shape != self.clean.shape[-2:]:
            raise CourseError(
                f"A hole has one value for each place of the latent, {tuple(self.clean.shape[-2:])}, not "
                f"{tuple(self.hole.shape)}."
            )

    @property
    def words(self) -> str:
        """What a painting begins from, in words."""
        return "a picture" if self.hole is None else "a picture with a hole"

    def begin(
        self, x: torch.Tensor, noise: torch.Tensor, timesteps: Sequence[float], path: NoisePath
    ) -> tuple[Sequence[float], torch.Tensor]:
        """The timesteps still to go, and the latents (batch, channels, h, w) to begin with there.

        `x` is what a painting from static would begin with, `noise` what is added to the page.
        """
        if self.clean.shape not in (noise.shape[1:], noise.shape):
            raise CourseError(
                f"This canvas has the shape {tuple(self.clean.shape)}, the painter's latents have "
                f"{tuple(noise.shape[1:])}: make one from a page with the same painter's `encode_image`."
            )
        page, steps = self.clean.expand_as(noise), len(timesteps) - 1
        rest = timesteps[steps - round(self.strength * steps) :]
        noised = add_noise(page, noise, rest[0], path)
        if len(rest) < len(timesteps):
            return rest, noised
        return rest, x if self.hole is None else torch.where(self.hole, x, noised)

    def around(self, predict: Predict, path: NoisePath) -> Predict:
        """The same model, except that outside the hole it knows the page, so that the walk ends there."""
        hole, clean = self.hole, self.clean
        if hole is None:
            return predict
        return lambda x, t: torch.where(hole, predict(x, t), path.prediction(x, clean.expand_as(x), t))


def checked_page(page: Any) -> np.ndarray:
    """A page as an array (height, width, 3) uint8, both multiples of 16. Raises `CourseError` for others."""
    found = np.asarray(page)
    *sides, channels = found.shape or (0,)
    if found.dtype != np.uint8 or len(sides) != 2 or channels != 3 or any(side % 16 for side in sides):
        raise CourseError(
            f"A page is uint8 of shape (128, 128, 3), not {found.dtype} {found.shape}: "
            "`pictures.decode_upload` makes one from any picture file."
        )
    return found


def _table(numbers: Any, what: str) -> torch.Tensor:
    try:
        return torch.as_tensor(numbers)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"{what} is an array of numbers, not {shown(numbers)}.") from None
