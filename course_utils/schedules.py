"""How a picture dissolves: signal and noise curves, the jump to any timestep, steps and targets.

Timesteps run from t = 0 (clean) to t = 1000 (static). diffusers counts its trained levels 0..999;
`to_index` and `from_index` are the only place that adds or subtracts one.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.runtime import CourseError

T_MAX = 1000

Array = Any  # numpy array or torch tensor: every formula below is plain arithmetic and serves both


@dataclass(frozen=True)
class Schedule:
    """Signal and noise level at every timestep: x_t = signal[t] x0 + noise_level[t] eps.

    `signal` and `noise_level` have shape (1001,), index = t, values in 0..1.
    `straight` marks the path of flow matching, where signal + noise = 1; on all others
    signal^2 + noise^2 = 1 ("variance preserving").
    """

    name: str
    signal: NDArray[np.float64]
    noise_level: NDArray[np.float64]
    straight: bool = False

    @property
    def crossing(self) -> float:
        """The timestep, interpolated between whole ones, at which signal and noise level are equal."""
        gap = self.signal - self.noise_level
        after = int(np.argmax(gap <= 0))
        return after - gap[after] / (gap[after] - gap[after - 1])

    @property
    def decibels(self) -> NDArray[np.float64]:
        """Signal-to-noise ratio 20 log10(signal / noise level), shape (1001,); +inf at t = 0."""
        with np.errstate(divide="ignore"):
            return 20 * (np.log10(self.signal) - np.log10(self.noise_level))


def _from_betas(name: str, betas: NDArray[np.float64]) -> Schedule:
    """alpha_bar_t = prod (1 - beta_s), s <= t; signal = sqrt(alpha_bar) (Ho 2020, eq. 4)."""
    alpha_bar = np.concatenate([[1.0], np.cumprod(1 - betas)])
    return Schedule(name, np.sqrt(alpha_bar), np.sqrt(1 - alpha_bar))


def linear() -> Schedule:
    """The first schedule: beta grows evenly from 0.0001 to 0.02 (Ho 2020, section 4)."""
    return _from_betas("linear", np.linspace(1e-4, 0.02, T_MAX))


def scaled_linear() -> Schedule:
    """Stable Diffusion's: sqrt(beta) grows evenly, beta from 0.00085 to 0.012 (Rombach 2022, code).

    At t = 1000 a little signal, 0.068, is left.
    """
    return _from_betas("scaled-linear", np.linspace(0.00085**0.5, 0.012**0.5, T_MAX) ** 2)


def cosine() -> Schedule:
    """alpha_bar follows a squared cosine (Nichol & Dhariwal 2021, eq. 17), each beta at most 0.999."""
    angle = (np.arange(T_MAX + 1) / T_MAX + 0.008) / 1.008 * math.pi / 2
    alpha_bar = np.cos(angle) ** 2
    return _from_betas("cosine", np.minimum(1 - alpha_bar[1:] / alpha_bar[:-1], 0.999))


def straight() -> Schedule:
    """The straight path of flow matching: signal = 1 - t/1000, noise = t/1000 (Lipman 2023)."""
    noise = np.arange(T_MAX + 1) / T_MAX
    return Schedule("straight path", 1 - noise, noise, straight=True)


SCHEDULES: dict[str, Callable[[], Schedule]] = {
    "scaled-linear": scaled_linear,
    "linear": linear,
    "cosine": cosine,
    "straight path": straight,
}


def schedule(name: str = "scaled-linear") -> Schedule:
    """Return a schedule by name (a key of `SCHEDULES`)."""
    if name not in SCHEDULES:
        raise CourseError(f"There is no schedule {name!r}; choose one of {', '.join(SCHEDULES)}.")
    return SCHEDULES[name]()


def to_index(t: int) -> int:
    """The level diffusers calls by 0..999 for a timestep t in 1..1000."""
    return int(t) - 1


def from_index(index: int) -> int:
    """The timestep t in 1..1000 for a diffusers level in 0..999."""
    return int(index) + 1


# --- the forward process ------------------------------------------------------------------------


def add_noise(clean: Array, noise: Array, t: int, schedule: Schedule) -> Array:
    """Jump from the clean picture straight to timestep t: x_t = signal x0 + noise_level eps.

    Ho 2020, eq. 4. `clean` and `noise` have the same shape; t is an integer in 0..1000.
    """
    check_timestep(t)
    return schedule.signal[t] * clean + schedule.noise_level[t] * noise


def forward_step(previous: Array, fresh_noise: Array, t: int, schedule: Schedule) -> Array:
    """One small step of drowning, from t - 1 to t: q(x_t | x_{t-1}) (Ho 2020, eq. 2).

    What is left of the previous picture is signal[t] / signal[t-1]; as much fresh noise is added as
    brings the noise to noise_level[t]. The same line serves curved and straight paths.
    """
    check_timestep(t, lowest=1)
    keep = schedule.signal[t] / schedule.signal[t - 1]
    added = schedule.noise_level[t] ** 2 - (keep * schedule.noise_level[t - 1]) ** 2
    return keep * previous + math.sqrt(max(added, 0.0)) * fresh_noise


def check_timestep(t: int, lowest: int = 0) -> None:
    """Raise `CourseError` unless t is a whole number in lowest..1000."""
    try:
        fits = lowest <= operator.index(t) <= T_MAX
    except TypeError:
        fits = False
    if not fits:  # a negative one would silently read the tables from their noisy end
        raise CourseError(f"A timestep is a whole number from {lowest} to {T_MAX}; {t} is not.")


# --- three targets, one fact --------------------------------------------------------------------
# x_t, together with any one of eps, v and x0, fixes the other two. On curved paths v = s eps - n x0
# (Salimans & Ho 2022, appendix D); on the straight path v = eps - x0, the direction towards static.


def velocity(clean: Array, noise: Array, t: int, schedule: Schedule) -> Array:
    """The velocity v at timestep t, from the clean picture and the noise."""
    check_timestep(t)
    if schedule.straight:
        return noise - clean
    return schedule.signal[t] * noise - schedule.noise_level[t] * clean


def clean_from_noise(noisy: Array, noise: Array, t: int, schedule: Schedule) -> Array:
    """x0 = (x_t - noise_level eps) / signal; fails where no signal is left."""
    check_timestep(t)
    _need(schedule.signal[t], "clean picture", "noise", t)
    return (noisy - schedule.noise_level[t] * noise) / schedule.signal[t]


def noise_from_clean(noisy: Array, clean: Array, t: int, schedule: Schedule) -> Array:
    """eps = (x_t - signal x0) / noise_level; fails at t = 0, where there is no noise to name."""
    check_timestep(t)
    _need(schedule.noise_level[t], "noise", "clean picture", t)
    return (noisy - schedule.signal[t] * clean) / schedule.noise_level[t]


def clean_from_velocity(noisy: Array, v: Array, t: int, schedule: Schedule) -> Array:
    """x0 = signal x_t - noise_level v (curved), x0 = x_t - noise_level v (straight)."""
    check_timestep(t)
    keep = 1.0 if schedule.straight else schedule.signal[t]
    return keep * noisy - schedule.noise_level[t] * v


def noise_from_velocity(noisy: Array, v: Array, t: int, schedule: Schedule) -> Array:
    """eps = noise_level x_t + signal v (curved), eps = x_t + signal v (straight)."""
    check_timestep(t)
    keep = 1.0 if schedule.straight else schedule.noise_level[t]
    return keep * noisy + schedule.signal[t] * v


def _need(level: float, wanted: str, given: str, t: int) -> None:
    if level <= 0:
        raise CourseError(
            f"At t = {t} the {wanted} cannot be told from the {given}: choose another timestep."
        )


# --- which timesteps a sampler visits ------------------------------------------------------------


def trailing(steps: int) -> list[int]:
    """Timesteps from 1000 down to 0, evenly spaced, the noisiest included: steps + 1 integers.

    The spacing of every sampler in this course (Lin 2024, section 3.3).
    """
    _check_steps(steps)
    return [round(T_MAX - k * T_MAX / steps) for k in range(steps)] + [0]


def leading(steps: int) -> list[int]:
    """Stable Diffusion's habit, an exhibit: the last stretch near static is left out.

    As diffusers' "leading" with steps_offset 1: multiples of 1000 // steps, plus one.
    """
    _check_steps(steps)
    stride = T_MAX // steps
    offset = min(1, to_index(T_MAX) - (steps - 1) * stride)  # diffusers leaves its table at 1000 steps
    return [from_index(k * stride + offset) for k in reversed(range(steps))] + [0]


def spent(steps: int, bias: float) -> list[int]:
    """Timesteps with more of them at one end: bias > 0 spends them near static, < 0 near clean.

    `bias` in -1..1; 0 is trailing spacing. The position u in 0..1 along the way is bent to
    u ** (8 ** bias). Two steps never share a timestep, so at most 1000 steps fit.
    """
    _check_steps(steps)
    if not -1 <= bias <= 1:
        raise CourseError(
            f"The budget's bias lies between -1 (clean end) and 1 (noisy end); {bias} does not."
        )
    bent = [round(T_MAX * (1 - (k / steps) ** (8.0**bias))) for k in range(steps + 1)]
    for k in range(1, steps):  # keep them distinct: at least one apart from the left ...
        bent[k] = min(bent[k], bent[k - 1] - 1)
    for k in range(steps - 1, 0, -1):  # ... and enough room to reach zero on the right
        bent[k] = max(bent[k], bent[k + 1] + 1)
    return bent


def _check_steps(steps: int) -> None:
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or not 1 <= steps <= T_MAX:
        raise CourseError(f"The number of steps is a whole number from 1 to {T_MAX}, not {steps!r}.")
