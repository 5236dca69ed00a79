"""How a picture dissolves: signal and noise curves, the jump to any timestep, steps and targets.

Timesteps run from t = 0 (clean) to t = 1000 (static). diffusers counts its trained levels 0..999;
`to_index` and `from_index` are the only place that adds or subtracts one.
"""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course_utils.languages import N_, tr
from course_utils.runtime import CourseError

T_MAX = 1000

Array = Any  # numpy array or torch tensor: every formula below is plain arithmetic and serves both


@dataclass(frozen=True)
class NoisePath(ABC):
    """A noise schedule: x_t = signal[t] x0 + noise_level[t] eps, and what a network predicts on it.

    `signal` and `noise_level` have shape (1001,), index = t, values in 0..1. The methods take and
    return numpy arrays or torch tensors of any one shape.
    """

    name: str
    signal: NDArray[np.float64]
    noise_level: NDArray[np.float64]

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

    @abstractmethod
    def levels(self, t: float) -> tuple[float, float]:
        """Signal and noise level at timestep t in 0..1000. Raises `CourseError` for others."""

    @property
    @abstractmethod
    def constant(self) -> tuple[NDArray[np.float64], str]:
        """What stays 1 at every timestep, (1001,), and how it is written."""

    @abstractmethod
    def velocity(self, clean: Array, noise: Array, t: float) -> Array:
        """The velocity at timestep t, from the clean picture and the noise; of any one shape."""

    @abstractmethod
    def from_velocity(self, noisy: Array, v: Array, t: float) -> tuple[Array, Array]:
        """The x0 and the eps that a velocity at x_t implies; all of any one shape."""

    @abstractmethod
    def prediction(self, noisy: Array, clean: Array, t: float) -> Array:
        """What a network that knew x0 would predict at x_t; all of any one shape."""

    @abstractmethod
    def clean_and_noise(self, noisy: Array, prediction: Array, t: float) -> tuple[Array, Array]:
        """The x0 and the eps that a network's prediction at x_t implies; all of any one shape."""

    @abstractmethod
    def follow(self, noisy: Array, slope: Array, t: float, s: float) -> Array:
        """x_s, reached from x_t by keeping to the slope that a network predicts; of any one shape."""


class VariancePreserving(NoisePath):
    """signal^2 + noise^2 = 1, and the network predicts eps (Ho 2020). t is a whole number in 0..1000."""

    def levels(self, t: float) -> tuple[float, float]:
        """See `NoisePath`."""
        check_timestep(t)
        return float(self.signal[int(t)]), float(self.noise_level[int(t)])

    def velocity(self, clean: Array, noise: Array, t: float) -> Array:
        """v = signal eps - noise_level x0 (Salimans & Ho 2022, appendix D); of any one shape."""
        signal, level = self.levels(t)
        return signal * noise - level * clean

    @property
    def constant(self) -> tuple[NDArray[np.float64], str]:
        """1 at every timestep, (1001,), and how it is written."""
        return self.signal**2 + self.noise_level**2, N_("signal² + noise²")

    def from_velocity(self, noisy: Array, v: Array, t: float) -> tuple[Array, Array]:
        """x0 = signal x_t - noise_level v, eps = noise_level x_t + signal v; of any one shape."""
        signal, level = self.levels(t)
        return signal * noisy - level * v, level * noisy + signal * v

    def prediction(self, noisy: Array, clean: Array, t: float) -> Array:
        """eps = (x_t - signal x0) / noise_level, of any one shape; fails at t = 0."""
        return noise_from_clean(noisy, clean, t, self)

    def clean_and_noise(self, noisy: Array, prediction: Array, t: float) -> tuple[Array, Array]:
        """x0 = (x_t - noise_level eps) / signal, of any one shape; fails where no signal is left."""
        return clean_from_noise(noisy, prediction, t, self), prediction

    def follow(self, noisy: Array, slope: Array, t: float, s: float) -> Array:
        """d(x / signal) / d(noise_level / signal) = eps (after Karras 2022, eq. 4); of any one shape."""
        (signal, level), (signal_s, level_s) = self.levels(t), self.levels(s)
        return signal_s * (noisy / signal + (level_s / signal_s - level / signal) * slope)


class RectifiedFlow(NoisePath):
    """signal + noise = 1, and the network predicts v = eps - x0 (Lipman 2023). t is any number in 0..1000."""

    def levels(self, t: float) -> tuple[float, float]:
        """See `NoisePath`."""
        if not 0 <= t <= T_MAX:
            raise CourseError(tr("A timestep lies between 0 and {last}; {t} does not.", last=T_MAX, t=t))
        return 1 - t / T_MAX, t / T_MAX

    def velocity(self, clean: Array, noise: Array, t: float) -> Array:
        """v = eps - x0, the direction towards noise, the same at every t; of any one shape."""
        return noise - clean

    @property
    def constant(self) -> tuple[NDArray[np.float64], str]:
        """1 at every timestep, (1001,), and how it is written."""
        return self.signal + self.noise_level, N_("signal + noise")

    def from_velocity(self, noisy: Array, v: Array, t: float) -> tuple[Array, Array]:
        """x0 = x_t - noise_level v, eps = x_t + signal v; of any one shape."""
        signal, level = self.levels(t)
        return noisy - level * v, noisy + signal * v

    def prediction(self, noisy: Array, clean: Array, t: float) -> Array:
        """v = (x_t - x0) / noise_level, of any one shape; fails at t = 0."""
        level = self.levels(t)[1]
        _need(level, "velocity", "clean picture", t)
        return (noisy - clean) / level

    def clean_and_noise(self, noisy: Array, prediction: Array, t: float) -> tuple[Array, Array]:
        """As `from_velocity`, which is what the network predicts; of any one shape."""
        return self.from_velocity(noisy, prediction, t)

    def follow(self, noisy: Array, slope: Array, t: float, s: float) -> Array:
        """dx / d noise_level = v; of any one shape."""
        return noisy + (self.levels(s)[1] - self.levels(t)[1]) * slope


def _from_betas(name: str, betas: NDArray[np.float64]) -> NoisePath:
    """alpha_bar_t = prod (1 - beta_s), s <= t; signal = sqrt(alpha_bar) (Ho 2020, eq. 4)."""
    alpha_bar = np.concatenate([[1.0], np.cumprod(1 - betas)])
    return VariancePreserving(name, np.sqrt(alpha_bar), np.sqrt(1 - alpha_bar))


def of_checkpoint(config: Mapping[str, Any]) -> NoisePath:
    """The noise schedule in the settings of a checkpoint's scheduler, as diffusers writes them.

    Raises `CourseError` for schedules, and for predictions, of another kind than this course has.
    """
    kind, ends = config.get("beta_schedule"), (config.get("beta_start", 0.0), config.get("beta_end", 0.0))
    if config.get("prediction_type", "epsilon") != "epsilon":
        raise CourseError(f"This network predicts {config['prediction_type']}; the course's predict epsilon.")
    if kind == "scaled_linear":
        return _from_betas(kind, np.linspace(ends[0] ** 0.5, ends[1] ** 0.5, T_MAX) ** 2)
    if kind == "linear":
        return _from_betas(kind, np.linspace(*ends, T_MAX))
    if kind == "squaredcos_cap_v2":
        return cosine()
    raise CourseError(f"This checkpoint has the noise schedule {kind!r}, which the course does not know.")


def linear() -> NoisePath:
    """The first schedule: beta grows evenly from 0.0001 to 0.02 (Ho 2020, section 4)."""
    return _from_betas("linear", np.linspace(1e-4, 0.02, T_MAX))


def scaled_linear() -> NoisePath:
    """Stable Diffusion's: sqrt(beta) grows evenly, beta from 0.00085 to 0.012 (Rombach 2022, code).

    At t = 1000 a little signal, 0.068, is left.
    """
    return _from_betas("scaled-linear", np.linspace(0.00085**0.5, 0.012**0.5, T_MAX) ** 2)


def cosine() -> NoisePath:
    """alpha_bar follows a squared cosine (Nichol & Dhariwal 2021, eq. 17), each beta at most 0.999."""
    angle = (np.arange(T_MAX + 1) / T_MAX + 0.008) / 1.008 * math.pi / 2
    alpha_bar = np.cos(angle) ** 2
    return _from_betas("cosine", np.minimum(1 - alpha_bar[1:] / alpha_bar[:-1], 0.999))


def straight() -> NoisePath:
    """The straight path of flow matching: signal = 1 - t/1000, noise = t/1000 (Lipman 2023)."""
    noise = np.arange(T_MAX + 1) / T_MAX
    return RectifiedFlow("straight path", 1 - noise, noise)


SCHEDULES: dict[str, Callable[[], NoisePath]] = {
    N_("scaled-linear"): scaled_linear,
    N_("linear"): linear,
    N_("cosine"): cosine,
    N_("straight path"): straight,
}


def schedule(name: str = "scaled-linear") -> NoisePath:
    """Return a schedule by name (a key of `SCHEDULES`)."""
    if name not in SCHEDULES:
        known = ", ".join(SCHEDULES)
        raise CourseError(tr("There is no schedule {name!r}; choose one of {known}.", name=name, known=known))
    return SCHEDULES[name]()


def to_index(t: float) -> int:
    """The level diffusers calls by 0..999 for a timestep t in 1..1000."""
    return int(t) - 1


def from_index(index: int) -> int:
    """The timestep t in 1..1000 for a diffusers level in 0..999."""
    return int(index) + 1


# --- the forward process ------------------------------------------------------------------------


def add_noise(clean: Array, noise: Array, t: float, schedule: NoisePath) -> Array:
    """Jump from the clean picture straight to timestep t: x_t = signal x0 + noise_level eps.

    Ho 2020, eq. 4. `clean` and `noise` are of any one shape; t is in 0..1000, a whole number on a
    variance-preserving path.
    """
    signal, level = schedule.levels(t)
    return signal * clean + level * noise


def forward_step(previous: Array, fresh_noise: Array, t: int, schedule: NoisePath) -> Array:
    """One small step of drowning, from t - 1 to t: q(x_t | x_{t-1}) (Ho 2020, eq. 2).

    What is left of the previous picture is signal[t] / signal[t-1]; as much fresh noise is added as
    brings the noise to noise_level[t]. The same line serves curved and straight paths. Arrays of any one
    shape; t is a whole number in 1..1000.
    """
    check_timestep(t, lowest=1)
    keep = schedule.signal[t] / schedule.signal[t - 1]
    added = schedule.noise_level[t] ** 2 - (keep * schedule.noise_level[t - 1]) ** 2
    return keep * previous + math.sqrt(max(added, 0.0)) * fresh_noise


def check_timestep(t: float, lowest: int = 0) -> None:
    """Raise `CourseError` unless t is a whole number in lowest..1000."""
    try:
        fits = lowest <= operator.index(t) <= T_MAX  # type: ignore[arg-type]
    except TypeError:
        fits = False
    if not fits:  # a negative one would silently read the tables from their noisy end
        raise CourseError(
            tr(
                "A timestep is a whole number from {lowest} to {last}; {t} is not.",
                lowest=lowest,
                last=T_MAX,
                t=t,
            )
        )


def check_falling(timesteps: Sequence[float]) -> None:
    """Raise `CourseError` unless the timesteps fall and end in 0."""
    falling = all(a > b for a, b in pairwise(timesteps))
    if not timesteps or not falling or timesteps[-1] != 0:
        raise CourseError("A sampler visits falling timesteps that end in 0, for example [1000, 500, 0].")


# --- three targets, one fact --------------------------------------------------------------------
# x_t, together with any one of eps, v and x0, fixes the other two.


def velocity(clean: Array, noise: Array, t: float, schedule: NoisePath) -> Array:
    """The velocity v at timestep t, from the clean picture and the noise; of any one shape."""
    return schedule.velocity(clean, noise, t)


def clean_from_noise(noisy: Array, noise: Array, t: float, schedule: NoisePath) -> Array:
    """x0 = (x_t - noise_level eps) / signal, of any one shape; fails where no signal is left."""
    signal, level = schedule.levels(t)
    _need(signal, N_("clean picture"), N_("noise"), t)
    return (noisy - level * noise) / signal


def noise_from_clean(noisy: Array, clean: Array, t: float, schedule: NoisePath) -> Array:
    """eps = (x_t - signal x0) / noise_level, of any one shape; fails at t = 0, where there is no noise."""
    signal, level = schedule.levels(t)
    _need(level, N_("noise"), N_("clean picture"), t)
    return (noisy - signal * clean) / level


def clean_from_velocity(noisy: Array, v: Array, t: float, schedule: NoisePath) -> Array:
    """x0 from x_t and the velocity; of any one shape."""
    return schedule.from_velocity(noisy, v, t)[0]


def noise_from_velocity(noisy: Array, v: Array, t: float, schedule: NoisePath) -> Array:
    """eps from x_t and the velocity; of any one shape."""
    return schedule.from_velocity(noisy, v, t)[1]


def _need(level: float, wanted: str, given: str, t: float) -> None:
    if level <= 0:
        raise CourseError(
            tr(
                "At t = {t} the {wanted} cannot be told from the {given}: choose another timestep.",
                t=t,
                wanted=tr(wanted),
                given=tr(given),
            )
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


def biased_timesteps(steps: int, bias: float) -> list[int]:
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


def distilled(steps: int, levels: int = 50) -> list[int]:
    """Timesteps of a model distilled at `levels` levels: `steps` of them, evenly chosen as in diffusers."""
    _check_steps(steps)
    return [T_MAX // levels * (levels - levels * k // steps) for k in range(steps)] + [0]


def _check_steps(steps: int) -> None:
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or not 1 <= steps <= T_MAX:
        raise CourseError(f"The number of steps is a whole number from 1 to {T_MAX}, not {steps!r}.")
