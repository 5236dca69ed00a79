"""Particle runs ready to be shown: settings in, frames and figures out. No widget in here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from course_utils import metrics, particles, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.runtime import CourseError, generator, threads
from course_utils.schedules import schedule, trailing

STEPS = 60
CORES = 1  # clouds are small: a second core gains nothing and loses much beside a video call


@dataclass(frozen=True)
class Run:
    """A cloud on its way: `frames` and `aims` (steps + 1, n, 2), one label and figure a frame."""

    frames: torch.Tensor
    aims: torch.Tensor
    target: torch.Tensor
    labels: tuple[str, ...]
    figures: tuple[str, ...]
    evaluations: int
    badge: str

    @property
    def result(self) -> torch.Tensor:
        """The painted cloud (n, 2)."""
        return self.frames[-1]


@lru_cache(maxsize=1)
def shipped() -> particles.LearnedDenoiser:
    """The network in data/models/particles, loaded once."""
    return particles.load()


@lru_cache(maxsize=1)
def exact() -> particles.ExactDenoiser:
    """The denoiser that knows the shapes, made once."""
    return particles.ExactDenoiser(schedule())


DENOISERS: dict[str, Callable[[], particles.Denoiser]] = {"exact": exact, "learned": shipped}


def start(seed: int, count: int = particles.COUNT) -> torch.Tensor:
    """The static of a seed, (count, 2): the same for every prompt and every denoiser."""
    return sampling.draw_noise((count, 2), generator(seed))


def sampler_named(name: str) -> Callable[..., Iterator[sampling.State]]:
    """The sampler of this name; raises `CourseError` for others."""
    if name not in sampling.SAMPLERS:
        raise CourseError(f"There is no sampler {name!r}; choose one of {', '.join(sampling.SAMPLERS)}.")
    return sampling.SAMPLERS[name].walk


def describe(states: Iterable[sampling.State], target: torch.Tensor, badge: str, steps: int) -> Run:
    """Collect the states (n, 2) of a sampler into a run; each frame has its distance to the target (m, 2)."""
    seen = list(states)
    return Run(
        frames=torch.stack([state.x for state in seen]),
        aims=torch.stack([state.clean for state in seen]),
        target=target,
        labels=tuple(f"step {state.step} of {steps}, t = {state.t}" for state in seen),
        figures=tuple(f"distance {metrics.average_distance(state.x, target):.3f}" for state in seen),
        evaluations=seen[-1].evaluations,
        badge=badge,
    )


def paint(
    denoiser: particles.Denoiser,
    prompt: str,
    seed: int = 7,
    steps: int = STEPS,
    w: float = 1.0,
    negative: str = particles.NO_PROMPT,
    sampler: str = "ddim",
    step_seed: int = 0,
) -> Run:
    """Walk from the static of `seed` to the shape that `prompt` names, with trailing spacing."""
    predict = classifier_free_guidance(denoiser.predict, prompt, w, negative)
    states = sampler_named(sampler)(predict, start(seed), trailing(steps), schedule(), generator(step_seed))
    aim = (
        metrics.target(prompt)
        if prompt
        else torch.cat([metrics.target(name, count=200) for name in particles.SHAPES])
    )
    with threads(CORES):
        return describe(states, aim, denoiser.badge, steps)


def replayed(prompt: str, seed: int = 7, steps: int = STEPS) -> Run:
    """Drown a cloud of the shape in the static of `seed` and show the drowning backwards."""
    clean = particles.sample(prompt, particles.COUNT, generator(seed + 1))
    states = sampling.replay(clean, start(seed), trailing(steps), schedule())
    return describe(states, metrics.target(prompt), "replay", steps)


def final_clouds(
    predict: sampling.Predict, seeds: Sequence[int], timesteps: Sequence[int]
) -> list[torch.Tensor]:
    """DDIM's results for several seeds, walked as one batch: a list of (n, 2)."""
    together = torch.cat([start(seed) for seed in seeds])
    with threads(CORES):
        *_, state = sampling.ddim(predict, together, timesteps, schedule())
    return list(state.x.split(particles.COUNT))


def over_seeds(measure: metrics.Distance, clouds: Sequence[torch.Tensor], name: str) -> metrics.Estimate:
    """A measure of several painted clouds (n, 2), each against its own fresh draw of the shape."""
    return metrics.estimate(measure(cloud, metrics.target(name, k)) for k, cloud in enumerate(clouds))


def series(name: str, x: Sequence[float], estimates: Sequence[metrics.Estimate]) -> dict[str, object]:
    """A curve with error bars, as `charts.chart` and `widgets.CurveView` take it."""
    return {
        "name": name,
        "x": list(x),
        "y": [estimate.mean for estimate in estimates],
        "err": [estimate.error for estimate in estimates],
        "points": True,
    }
