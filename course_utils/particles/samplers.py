"""From static to shape: samplers as generators of states.

All share one prefix of arguments: `predict(points, t) -> eps`, the starting `points` (n, 2), the
`timesteps` to visit (falling, ending in 0), the schedule. Each yields a `State` before every
move and one for the result, so that the caller owns drawing, measuring and stopping.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from course_utils.particles.denoisers import Predict
from course_utils.runtime import CourseError
from course_utils.schedules import NoisePath, add_noise, check_timestep, clean_from_noise


@dataclass(frozen=True)
class State:
    """Where the cloud is, and what the sampler believed there.

    `points`, `noise` and `clean` have shape (n, 2); noise and clean are the predictions at these
    points (at the result, t = 0: zero noise, the points themselves). `evaluations` counts the
    predictions asked for so far.
    """

    step: int
    t: int
    points: torch.Tensor
    noise: torch.Tensor
    clean: torch.Tensor
    evaluations: int


def static(count: int, rng: torch.Generator) -> torch.Tensor:
    """Pure noise to start from: (count, 2) standard normal numbers."""
    return torch.randn(count, 2, generator=rng)


def ddim(
    predict: Predict,
    points: torch.Tensor,
    timesteps: Sequence[int],
    schedule: NoisePath,
    eta: float = 0.0,
    step_noise: torch.Generator | None = None,
) -> Iterator[State]:
    """Song 2020 (DDIM), eq. 12 and 16: predict x0, then go to the next timestep along the predicted noise.

    eta = 0 adds nothing and has one destination per static; eta = 1 adds as much fresh noise,
    from `step_noise`, as DDPM.
    """
    if not 0 <= eta <= 1:
        raise CourseError(f"eta lies between 0 (no fresh noise) and 1 (as much as DDPM); {eta} does not.")
    if eta > 0:
        _need_generator(step_noise)
    for k, (t, following) in enumerate(_moves(timesteps)):
        noise = predict(points, t)
        clean = clean_from_noise(points, noise, t, schedule)
        yield State(k, t, points, noise, clean, k + 1)
        fresh = eta * _posterior_deviation(t, following, schedule)
        along = math.sqrt(max(schedule.noise_level[following] ** 2 - fresh**2, 0.0))
        points = schedule.signal[following] * clean + along * noise
        if fresh > 0:
            points = points + fresh * torch.randn(points.shape, generator=step_noise)
    yield _result(len(timesteps) - 1, points, len(timesteps) - 1)


def ddpm(
    predict: Predict,
    points: torch.Tensor,
    timesteps: Sequence[int],
    schedule: NoisePath,
    step_noise: torch.Generator | None = None,
) -> Iterator[State]:
    """Ho 2020 (DDPM), eq. 6-7: draw from the posterior of the next cloud, given this one and x0.

    Needs the generator `step_noise`, so that a run repeats.
    """
    _need_generator(step_noise)
    for k, (t, following) in enumerate(_moves(timesteps)):
        noise = predict(points, t)
        clean = clean_from_noise(points, noise, t, schedule)
        yield State(k, t, points, noise, clean, k + 1)
        kept, added = _stretch(t, following, schedule)
        from_clean = schedule.signal[following] * added / schedule.noise_level[t] ** 2
        from_noisy = kept * (schedule.noise_level[following] / schedule.noise_level[t]) ** 2
        points = from_clean * clean + from_noisy * points
        deviation = _posterior_deviation(t, following, schedule)
        if deviation > 0:
            points = points + deviation * torch.randn(points.shape, generator=step_noise)
    yield _result(len(timesteps) - 1, points, len(timesteps) - 1)


def euler(
    predict: Predict, points: torch.Tensor, timesteps: Sequence[int], schedule: NoisePath
) -> Iterator[State]:
    """Karras 2022, algorithm 1 without its second half: follow dx/dsigma = eps in a straight line.

    x = x_t / signal and sigma = noise / signal. In exact arithmetic this is DDIM with eta = 0.
    """
    for k, (t, following) in enumerate(_moves(timesteps)):
        noise = predict(points, t)
        yield State(k, t, points, noise, clean_from_noise(points, noise, t, schedule), k + 1)
        points = _follow(points, noise, t, following, schedule)
    yield _result(len(timesteps) - 1, points, len(timesteps) - 1)


def heun(
    predict: Predict, points: torch.Tensor, timesteps: Sequence[int], schedule: NoisePath
) -> Iterator[State]:
    """Karras 2022, algorithm 1: look at the slope at both ends of a step and go by their mean.

    Costs two evaluations a step, but one for the last, where there is no noise left to name.
    """
    evaluations = 0
    for k, (t, following) in enumerate(_moves(timesteps)):
        noise = predict(points, t)
        evaluations += 1
        yield State(k, t, points, noise, clean_from_noise(points, noise, t, schedule), evaluations)
        ahead = _follow(points, noise, t, following, schedule)
        if following > 0:
            noise = (noise + predict(ahead, following)) / 2
            evaluations += 1
            ahead = _follow(points, noise, t, following, schedule)
        points = ahead
    yield _result(len(timesteps) - 1, points, evaluations)


def replay(
    clean: torch.Tensor, noise: torch.Tensor, timesteps: Sequence[int], schedule: NoisePath
) -> Iterator[State]:
    """No sampler: the drowning itself shown backwards, every state looked up by `add_noise`."""
    for k, (t, _) in enumerate(_moves(timesteps)):
        yield State(k, t, add_noise(clean, noise, t, schedule), noise, clean, k + 1)
    yield _result(len(timesteps) - 1, clean, len(timesteps) - 1)


SAMPLERS: dict[str, Callable[..., Iterator[State]]] = {
    "ddim": ddim,
    "ddpm": ddpm,
    "euler": euler,
    "heun": heun,
}


def _moves(timesteps: Sequence[int]) -> Iterator[tuple[int, int]]:
    falling = all(a > b for a, b in pairwise(timesteps))
    if len(timesteps) < 2 or not falling or timesteps[-1] != 0:
        raise CourseError("A sampler visits falling timesteps that end in 0, for example [1000, 500, 0].")
    for t in timesteps:
        check_timestep(t)
    return pairwise(timesteps)


def _posterior_deviation(t: int, following: int, schedule: NoisePath) -> float:
    """Standard deviation of the next cloud given this one and x0 (Ho 2020, eq. 7)."""
    _, added = _stretch(t, following, schedule)
    return schedule.noise_level[following] / schedule.noise_level[t] * math.sqrt(added)


def _stretch(t: int, following: int, schedule: NoisePath) -> tuple[float, float]:
    """What drowning from `following` to t keeps of a cloud, and the variance of the noise it adds.

    On curved paths the latter is Ho's beta, 1 - kept^2; written out it holds on the straight path too.
    """
    kept = schedule.signal[t] / schedule.signal[following]
    added = schedule.noise_level[t] ** 2 - (kept * schedule.noise_level[following]) ** 2
    return kept, max(added, 0.0)


def _need_generator(step_noise: torch.Generator | None) -> None:
    if step_noise is None:
        raise CourseError(
            "A sampler that adds fresh noise needs a generator to draw it from: give step_noise."
        )


def _follow(
    points: torch.Tensor, noise: torch.Tensor, t: int, following: int, schedule: NoisePath
) -> torch.Tensor:
    """One straight move along dx/dsigma = eps, in Karras' coordinates and back."""
    here, there = schedule.signal[t], schedule.signal[following]
    sigma_change = schedule.noise_level[following] / there - schedule.noise_level[t] / here
    return there * (points / here + sigma_change * noise)


def _result(step: int, points: torch.Tensor, evaluations: int) -> State:
    return State(step, 0, points, torch.zeros_like(points), points, evaluations)
