"""Starting from a picture instead of static, with a large model: image-to-image and repainting a hole."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from course_utils.runtime import CourseError

# Pipelines that diffusers has but its AutoPipelines do not know: (base, whether for a hole) -> class.
BESIDE_AUTO = {("Flux2KleinPipeline", True): "Flux2KleinInpaintPipeline"}


@dataclass(frozen=True)
class Start:
    """A picture (side, side, 3) uint8 to start from.

    `strength` (0..1) is how far it is drowned first. `hole` (any, any) bool, True where new paint goes, keeps
    the rest; None repaints all.
    """

    picture: np.ndarray
    strength: float = 0.6
    hole: np.ndarray | None = None

    def __post_init__(self) -> None:
        if not 0 < self.strength <= 1:
            raise CourseError(f"Strength is a number above 0, at most 1, not {self.strength!r}.")
        if self.hole is not None and not self.hole.any():
            raise CourseError("Nothing is marked yet: brush over the part of the picture to repaint.")

    def pipeline(self, base: Any, title: str) -> Any:
        """The pipeline for it, made of the same parts. Raises `CourseError` where diffusers has none."""
        import diffusers

        by_hand = BESIDE_AUTO.get((type(base).__name__, self.hole is not None), "")
        kind = getattr(diffusers, by_hand, None) or (
            diffusers.AutoPipelineForImage2Image if self.hole is None else diffusers.AutoPipelineForInpainting
        )
        doing = "starting from a picture" if self.hole is None else "repainting a hole"
        try:
            found = kind.from_pipe(base)
        except ValueError:
            found = None
        if found is None or "strength" not in inspect.signature(found.__call__).parameters:
            raise CourseError(f"{title} has no pipeline for {doing}: choose another model for that.")
        return found

    def arguments(self, pipeline: Any) -> dict[str, Any]:
        """What the call of `pipeline` then takes besides prompts."""
        image = Image.fromarray(self.picture)
        found: dict[str, Any] = {"image": image, "strength": self.strength}
        if "height" in inspect.signature(pipeline.__call__).parameters:
            found |= {"height": image.height, "width": image.width}
        if self.hole is not None:
            mask = Image.fromarray(np.where(self.hole, 255, 0).astype(np.uint8))
            found["mask_image"] = mask.resize(image.size, Image.Resampling.NEAREST)
        return found
