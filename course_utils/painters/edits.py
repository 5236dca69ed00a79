"""Starting from a page instead of static: image-to-image (Meng 2022, SDEdit) and repainting a hole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.painters.settings import check_number
from course_utils.runtime import CourseError, plain, shown

Drown = Callable[[Any, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]  # as `ways.Way.drown`


@dataclass(frozen=True)
class Canvas:
    """A page to start from.

    `clean` is its latent (4, h, w), or (batch, 4, h, w) where each picture has its own. `strength` (0..1) is
    how far it is drowned before painting begins: 0 leaves it, 1 begins at static. `hole` (h, w), True (or any
    number but 0) where new paint goes, keeps the rest as it was; None repaints all. Arrays of numpy's and
    lists are taken, too. Raises `CourseError` for what is none of this.
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
                f"A hole has a place for each of the latent's, {tuple(self.clean.shape[-2:])}, not "
                f"{tuple(self.hole.shape)}."
            )

    @property
    def words(self) -> str:
        """What a painting begins from, in words."""
        return "a picture" if self.hole is None else "a picture with a hole"

    def begin(self, ready: Any, static: torch.Tensor, drown: Drown) -> tuple[torch.Tensor, torch.Tensor]:
        """The timesteps still to go, and the latents (batch, 4, h, w) to begin with."""
        if self.clean.shape not in (static.shape[1:], static.shape):
            raise CourseError(
                f"This canvas holds {tuple(self.clean.shape)} numbers and the painter's latents "
                f"{tuple(static.shape[1:])}: make one of a page with `look` of the same painter."
            )
        timesteps = ready.timesteps
        first = len(timesteps) - round(self.strength * len(timesteps))
        if getattr(ready, "order", 1) == 2:  # Heun's moves are couples, and each begins at an even place
            first += first % 2
        timesteps = timesteps[first:]
        if hasattr(ready, "set_begin_index"):
            ready.set_begin_index(first)
        if first == 0:
            return timesteps, static * getattr(ready, "init_noise_sigma", 1.0)
        clean = self.clean.expand_as(static)
        if len(timesteps) == 0:
            return timesteps, clean.clone()
        return timesteps, drown(ready, clean, static, timesteps[0])

    def keep(
        self,
        ready: Any,
        latents: torch.Tensor,
        static: torch.Tensor,
        following: torch.Tensor | None,
        drown: Drown,
    ) -> torch.Tensor:
        """Put the page back, as noisy as the painting is now, wherever there is no hole."""
        if self.hole is None:
            return latents
        page = self.clean.expand_as(latents)
        if following is not None:
            page = drown(ready, page, static, following)
        return torch.where(self.hole, latents, page)


def checked_page(page: Any) -> np.ndarray:
    """A page as an array. Raises `CourseError` for one that no painter can look at."""
    found = np.asarray(page)
    if (
        found.dtype != np.uint8
        or found.ndim != 3
        or found.shape[2] != 3
        or found.shape[0] % 16
        or found.shape[1] % 16
    ):
        raise CourseError(
            f"A page is uint8 of shape (128, 128, 3), not {found.dtype} {found.shape}: "
            "`pictures.decode_upload` makes one of any picture file."
        )
    return found


def _table(numbers: Any, what: str) -> torch.Tensor:
    try:
        return torch.as_tensor(numbers)
    except (TypeError, ValueError, RuntimeError):
        raise CourseError(f"{what} is a table of numbers, not {shown(numbers)}.") from None
