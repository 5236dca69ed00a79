"""A batch on its way from static, or from a page, to pictures: a sampler on latents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from course_utils.painters.edits import Canvas
from course_utils.painters.settings import Settings
from course_utils.runtime import generator
from course_utils.sampling import Predict, Sampler, State, draw_noise
from course_utils.schedules import NoisePath


@dataclass(frozen=True)
class Route:
    """How a painter walks: by which sampler, past which timesteps (falling to 0), on which path."""

    sampler: Sampler
    timesteps: Sequence[float]
    path: NoisePath


def walk(
    predict: Predict,
    wanted: Sequence[Settings],
    route: Route,
    shape: Sequence[int],
    canvas: Canvas | None = None,
) -> Iterator[State]:
    """The states of a batch of latents of a shape (channels, h, w), each begun with the noise of its seed.

    Whoever stops asking for states has interrupted it.
    """
    generators = [generator(settings.seed) for settings in wanted]
    noise = draw_noise((len(wanted), *shape), generators)
    timesteps, path = route.timesteps, route.path
    x = route.sampler.initial_state(noise, timesteps[0], path)
    if canvas is not None:
        timesteps, x = canvas.begin(x, noise, timesteps, path)
        predict = canvas.around(predict, path)
    return route.sampler.walk(predict, x, timesteps, path, generators)
