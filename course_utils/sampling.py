"""From static to picture: every sampler of the course, each written out as its paper's algorithm.

A model is `predict(x, t)`: what a network says of x at timestep t, which is eps on a variance-preserving path
and the velocity on a rectified flow. x is (batch, ...): 1,200 points (1200, 2) or latents (batch, 4, 16, 16).

    here               in the papers
    x                  x_t
    prediction         eps_theta(x_t, t); on a rectified flow v_theta(x_t, t)
    clean, noise       the x_0 and the eps that the prediction implies at x_t
    t, s               this timestep and the next one of the walk, s < t (Song's t and t-1, Karras' i and i+1)
    signal, level      sqrt(alpha_bar_t), sqrt(1 - alpha_bar_t); on a rectified flow 1 - sigma and sigma

All samplers share one prefix of arguments, `(predict, x, timesteps, path, generators)`: the state to begin
with, the falling timesteps to visit, ending in 0, and where fresh noise comes from. Each is a generator of
states, one before every move and one for the result: whoever asks for the next one owns drawing, measuring
and stopping.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from course_utils.runtime import CourseError
from course_utils.schedules import NoisePath, VariancePreserving, check_falling, to_index

if TYPE_CHECKING:  # imported where numbers are drawn: a look at the table of samplers costs nothing
    import torch

Predict = Callable[["torch.Tensor", float], "torch.Tensor"]  # (batch, ...), t -> (batch, ...)
Generators = Any  # a torch.Generator, one for each picture, or None


@dataclass(frozen=True)
class State:
    """Where the walk is at timestep `t`, and what the model says there.

    `x`, `noise` and `clean` have one shape, (batch, ...); noise and clean are what the prediction at x
    implies (at the result, t = 0: no noise, x itself). `evaluations` counts the predictions asked for so far.
    """

    step: int
    t: float
    x: torch.Tensor
    noise: torch.Tensor
    clean: torch.Tensor
    evaluations: int


def draw_noise(shape: Sequence[int], generators: Generators) -> torch.Tensor:
    """Standard normal numbers of a shape (batch, ...).

    With a generator for each picture, every picture's noise is what it would be in any other batch. Raises
    `CourseError` without a generator: a run that cannot be repeated teaches nothing.
    """
    import torch

    if generators is None:
        raise CourseError("A sampler that adds fresh noise needs a generator to draw it from.")
    if isinstance(generators, torch.Generator):
        return torch.randn(tuple(shape), generator=generators)
    return torch.cat([torch.randn((1, *shape[1:]), generator=one) for one in generators])


def ddpm(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
) -> Iterator[State]:
    """Ho 2020, algorithm 2: draw x_s from q(x_s | x_t, x_0), a Gaussian about a mixture of both (eq. 7).

    Begins with x_T = eps; x and every state are (batch, ...).
    """
    for k, (t, s) in enumerate(_moves(timesteps)):
        clean, noise = path.clean_and_noise(x, predict(x, t), t)  # 1. what the network thinks x_0 is
        yield State(k, t, x, noise, clean, k + 1)
        kept, added = _stretch(t, s, path)  # sqrt(alpha_t) and beta_t of the stretch from s to t
        (signal, level), noisier = path.levels(s), path.levels(t)[1]
        x = (signal * added * clean + kept * level**2 * x) / noisier**2  # 2. the mean, eq. 7
        if s > 0:  # 3. its spread; the last step adds none
            x = x + _posterior_deviation(t, s, path) * draw_noise(x.shape, generators)
    yield _result(len(timesteps) - 1, x, len(timesteps) - 1)


def ddim(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
    eta: float = 0.0,
) -> Iterator[State]:
    """Song 2020, eq. 12: to the x_0 that is predicted, and back along the predicted noise as far as s.

    eta = 0 adds nothing fresh and has one destination for each x_T = eps; eta = 1 adds as much as DDPM
    does (eq. 16); others raise `CourseError`. x and every state are (batch, ...).
    """
    if not 0 <= eta <= 1:
        raise CourseError(f"eta lies between 0 (no fresh noise) and 1 (as much as DDPM); {eta} does not.")
    for k, (t, s) in enumerate(_moves(timesteps)):
        clean, noise = path.clean_and_noise(x, predict(x, t), t)  # 1. "predicted x_0"
        yield State(k, t, x, noise, clean, k + 1)
        signal, level = path.levels(s)
        fresh = eta * _posterior_deviation(t, s, path)  # sigma_t, eq. 16
        x = signal * clean + math.sqrt(level**2 - fresh**2) * noise  # 2. "direction pointing to x_t"
        if fresh > 0:
            x = x + fresh * draw_noise(x.shape, generators)  # 3. "random noise"
    yield _result(len(timesteps) - 1, x, len(timesteps) - 1)


def euler(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
) -> Iterator[State]:
    """Karras 2022, algorithm 1 without its second half: the prediction is a slope, follow it straight on.

    From one and the same x it goes where DDIM with eta = 0 goes. On a variance-preserving path it begins with
    level * eps, Karras' sigma_max * eps. Draws nothing from `generators`. x and every state are (batch, ...).
    """
    for k, (t, s) in enumerate(_moves(timesteps)):
        slope = predict(x, t)
        clean, noise = path.clean_and_noise(x, slope, t)
        yield State(k, t, x, noise, clean, k + 1)
        x = path.follow(x, slope, t, s)
    yield _result(len(timesteps) - 1, x, len(timesteps) - 1)


def heun(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
) -> Iterator[State]:
    """Karras 2022, algorithm 1: look at the slope at both ends of a step and go by the mean of the two.

    Two evaluations a step, but one for the last, at whose end there is no noise left to name. Begins as Euler
    does, and draws nothing either. x and every state are (batch, ...).
    """
    evaluations = 0
    for k, (t, s) in enumerate(_moves(timesteps)):
        slope = predict(x, t)  # d_i
        evaluations += 1
        clean, noise = path.clean_and_noise(x, slope, t)
        yield State(k, t, x, noise, clean, evaluations)
        ahead = path.follow(x, slope, t, s)  # Euler's step
        if s > 0:
            slope = (slope + predict(ahead, s)) / 2  # d_i and d'_i, half of each
            evaluations += 1
            ahead = path.follow(x, slope, t, s)
        x = ahead
    yield _result(len(timesteps) - 1, x, evaluations)


def consistency(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
) -> Iterator[State]:
    """Song 2023 (2303.01469), algorithm 1: leap to x_0, drown it again less deep in fresh noise, leap again.

    For models distilled to name x_0 from anywhere, such as latent consistency models (Luo 2023). x and every
    state are (batch, ...).
    """
    for k, (t, s) in enumerate(_moves(timesteps)):
        clean, noise = path.clean_and_noise(x, predict(x, t), t)
        yield State(k, t, x, noise, clean, k + 1)
        signal, level = path.levels(s)
        x = signal * clean + level * draw_noise(x.shape, generators) if s > 0 else clean
    yield _result(len(timesteps) - 1, x, len(timesteps) - 1)


def replay(
    clean: torch.Tensor, noise: torch.Tensor, timesteps: Sequence[float], path: NoisePath
) -> Iterator[State]:
    """No sampler: the forward process backwards, each state by adding the same noise (Ho 2020, eq. 4).

    `clean`, `noise` and every state are (batch, ...).
    """
    for k, (t, _) in enumerate(_moves(timesteps)):
        signal, level = path.levels(t)
        yield State(k, t, signal * clean + level * noise, noise, clean, k + 1)
    yield _result(len(timesteps) - 1, clean, len(timesteps) - 1)


def dpm_plus_plus_2m(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
) -> Iterator[State]:
    """DPM-Solver++(2M) (Lu 2022, arXiv 2211.01095, algorithm 2), by diffusers. Begins with x_T = eps.

    x and every state are (batch, ...). Raises `CourseError` on a rectified flow.
    """
    from diffusers import DPMSolverMultistepScheduler

    return _by_diffusers(DPMSolverMultistepScheduler, predict, x, timesteps, path)


def unipc(
    predict: Predict,
    x: torch.Tensor,
    timesteps: Sequence[float],
    path: NoisePath,
    generators: Generators = None,
) -> Iterator[State]:
    """UniPC (Zhao 2023, arXiv 2302.04867), by diffusers. Begins with x_T = eps.

    x and every state are (batch, ...). Raises `CourseError` on a rectified flow.
    """
    from diffusers import UniPCMultistepScheduler

    return _by_diffusers(UniPCMultistepScheduler, predict, x, timesteps, path)


@dataclass(frozen=True)
class Sampler:
    """A sampler under the name that people use: how it walks, and diffusers' class of the same algorithm.

    Ho begins with the noise as it is; Karras, whose x_T is sigma_max eps, with noise as loud as at the first
    timestep (`scaled_start`).
    """

    walk: Callable[..., Iterator[State]]
    diffusers: str
    scaled_start: bool = False

    def initial_state(self, noise: torch.Tensor, t: float, path: NoisePath) -> torch.Tensor:
        """What the walk begins with at its first timestep t, given noise (batch, ...)."""
        return path.levels(t)[1] * noise if self.scaled_start else noise


SAMPLERS: dict[str, Sampler] = {
    "ddpm": Sampler(ddpm, "DDPMScheduler"),
    "ddim": Sampler(ddim, "DDIMScheduler"),
    "euler": Sampler(euler, "EulerDiscreteScheduler", scaled_start=True),
    "heun": Sampler(heun, "HeunDiscreteScheduler", scaled_start=True),
    "dpm++ 2m": Sampler(dpm_plus_plus_2m, "DPMSolverMultistepScheduler"),
    "unipc": Sampler(unipc, "UniPCMultistepScheduler"),
}


def _by_diffusers(
    kind: Any, predict: Predict, x: torch.Tensor, timesteps: Sequence[float], path: NoisePath
) -> Iterator[State]:
    """A multistep scheduler of diffusers' on our timesteps, as a generator of states."""
    if not isinstance(path, VariancePreserving):
        raise CourseError(f"{kind.__name__} is offered on variance-preserving paths only: choose euler.")
    moves = list(_moves(timesteps))
    import torch

    betas = 1 - (path.signal[1:] / path.signal[:-1]) ** 2  # (1000,)
    scheduler = kind(trained_betas=betas.tolist(), prediction_type="epsilon")
    scheduler.set_timesteps(len(moves))  # forgets the last run; then our own timesteps take their place
    sigmas = [path.levels(t)[1] / path.levels(t)[0] for t in timesteps]
    scheduler.sigmas = torch.tensor(sigmas)
    scheduler.timesteps = torch.tensor([to_index(t) for t, _ in moves])
    for k, (t, _) in enumerate(moves):
        prediction = predict(x, t)
        clean, noise = path.clean_and_noise(x, prediction, t)
        yield State(k, t, x, noise, clean, k + 1)
        x = scheduler.step(prediction, scheduler.timesteps[k], x, return_dict=False)[0]
    yield _result(len(moves), x, len(moves))


def _moves(timesteps: Sequence[float]) -> Iterator[tuple[float, float]]:
    check_falling(timesteps)
    return pairwise(timesteps)


def _stretch(t: float, s: float, path: NoisePath) -> tuple[float, float]:
    """What drowning from s to t keeps of x_s, and the variance of the noise it adds.

    On a variance-preserving path the latter is Ho's beta, 1 - kept^2; written out it holds on both.
    """
    kept = path.levels(t)[0] / path.levels(s)[0]
    return kept, max(path.levels(t)[1] ** 2 - (kept * path.levels(s)[1]) ** 2, 0.0)


def _posterior_deviation(t: float, s: float, path: NoisePath) -> float:
    """Standard deviation of x_s given x_t and x_0 (Ho 2020, eq. 7)."""
    return path.levels(s)[1] / path.levels(t)[1] * math.sqrt(_stretch(t, s, path)[1])


def _result(step: int, x: torch.Tensor, evaluations: int) -> State:
    return State(step, 0, x, 0 * x, x, evaluations)
