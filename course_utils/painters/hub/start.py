"""Starting from a picture instead of static, with a large model: image-to-image and inpainting."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from PIL import Image

from course_utils.painters.hub.arguments import check_hole, check_picture, check_share
from course_utils.painters.hub.table import Row
from course_utils.runtime import CourseError

LEAST_STRENGTH = 0.02  # with less, a step alone would take a finer spacing than any sampler is good at


@dataclass(frozen=True)
class Start:
    """A picture (side, side, 3) uint8 to start from.

    `strength` (0.02..1) is how far it is noised first. `hole` (height, width) bool, True where new paint
    goes, keeps the rest; None repaints all. Raises `CourseError` for anything else.
    """

    picture: np.ndarray
    strength: float = 0.6
    hole: np.ndarray | None = None

    def __post_init__(self) -> None:
        check_picture(self.picture)
        check_share("Strength", self.strength, LEAST_STRENGTH)
        if self.hole is not None:
            check_hole(self.hole)

    def pipeline(self, base: Any, row: Row) -> Any:
        """The pipeline for it, made of the same parts. Raises `CourseError` where diffusers has none."""
        import diffusers

        name = "AutoPipelineForImage2Image" if self.hole is None else row.inpainting
        kind = getattr(diffusers, name, diffusers.AutoPipelineForInpainting)  # an older one may lack it
        doing = "starting from a picture" if self.hole is None else "repainting a hole"
        try:
            found = kind.from_pipe(base)
        except ValueError:
            found = None
        if found is None or "strength" not in inspect.signature(found.__call__).parameters:
            raise CourseError(f"{row.title} has no pipeline for {doing}: choose another model for that.")
        return found

    def arguments(self, pipeline: Any) -> dict[str, Any]:
        """The arguments that `pipeline` then takes besides prompts."""
        image = Image.fromarray(self.picture)
        found: dict[str, Any] = {"image": image, "strength": self.strength}
        if "height" in inspect.signature(pipeline.__call__).parameters:
            found |= {"height": image.height, "width": image.width}
        if self.hole is not None:
            mask = Image.fromarray(np.where(self.hole, 255, 0).astype(np.uint8))
            mask = mask.resize(image.size, Image.Resampling.BOX)
            found["mask_image"] = mask.point(lambda share: 255 if share else 0)  # no marked place is lost
        return found

    def spaced(self, steps: int, original: int | None) -> int:
        """The steps to ask a pipeline for, so that at least one of them runs.

        Pipelines run the last int(steps x strength) of the steps they space, which may be none: then they are
        asked for the fewest of which one runs, and the picture is noised no further than it should be.
        `original` is the number of steps that a consistency model was distilled from; its pipeline runs all
        that it is asked for, within the last original x strength of them.
        """
        if original is not None:
            return min(steps, int(original * self.strength))
        return next(number for number in count(steps) if int(number * self.strength) >= 1)
