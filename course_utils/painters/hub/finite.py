"""Numbers that overflowed: an error with a remedy, where a black picture would be shown."""

from __future__ import annotations

import numpy as np
import torch

from course_utils.runtime import CourseError


def need_numbers(found: torch.Tensor, title: str, when: str) -> None:
    """Raise `CourseError` where a tensor of any shape, computed by the model `title`, is not all finite."""
    if torch.isfinite(found).all():
        return
    if found.dtype == torch.float32:
        remedy = "try less guidance or another seed; failing that, the weights are damaged: fetch them again"
    else:
        remedy = (
            "let it compute in single precision, `painter.pipeline.to(torch.float32)`, and where the GPU has "
            "no room for that, call `painter.pipeline.enable_model_cpu_offload()` before painting again"
        )
    kind = str(found.dtype).removeprefix("torch.")
    raise CourseError(f"{title} gave no numbers (NaN) {when}, in {kind}: {remedy}.")


def pixels(picture: torch.Tensor, title: str) -> np.ndarray:
    """A picture (3, side, side) in 0..1 that a VAE decoded as pixels (side, side, 3) uint8."""
    need_numbers(picture, title, "when the VAE decoded the picture")
    return (picture.float().cpu().permute(1, 2, 0).clamp(0, 1) * 255).round().byte().numpy()
