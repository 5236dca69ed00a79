"""Points in the plane: shapes to paint, denoisers that name their noise, samplers that follow them."""

from course_utils.particles.denoisers import (
    NO_PROMPT,
    Denoiser,
    ExactDenoiser,
    Predict,
    ReplayDenoiser,
    guided,
)
from course_utils.particles.network import LearnedDenoiser, PointNetwork, load
from course_utils.particles.samplers import SAMPLERS, State, ddim, ddpm, euler, heun, replay, static
from course_utils.particles.shapes import COUNT, SHAPES, letters, sample

__all__ = [
    "COUNT",
    "NO_PROMPT",
    "SAMPLERS",
    "SHAPES",
    "Denoiser",
    "ExactDenoiser",
    "LearnedDenoiser",
    "PointNetwork",
    "Predict",
    "ReplayDenoiser",
    "State",
    "ddim",
    "ddpm",
    "euler",
    "guided",
    "heun",
    "letters",
    "load",
    "replay",
    "sample",
    "static",
]
