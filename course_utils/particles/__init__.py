"""Points in the plane: shapes to paint, and denoisers that name their noise."""

from course_utils.particles.denoisers import (
    NO_PROMPT,
    Denoiser,
    ExactDenoiser,
    ReplayDenoiser,
)
from course_utils.particles.network import LearnedDenoiser, PointNetwork, load
from course_utils.particles.shapes import COUNT, SHAPES, letters, sample

__all__ = [
    "COUNT",
    "NO_PROMPT",
    "SHAPES",
    "Denoiser",
    "ExactDenoiser",
    "LearnedDenoiser",
    "PointNetwork",
    "ReplayDenoiser",
    "letters",
    "load",
    "sample",
]
