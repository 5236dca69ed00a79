"""Challenges of notebook 1: the crossing, drowning, a training pair, the way back, and a denoiser to beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_utils import pictures
from course_utils.challenges.comparing import Suspect, compare, line_plot
from course_utils.challenges.engine import (
    Mistake,
    Outcome,
    a_number,
    call,
    fresh_generator,
)
from course_utils.challenges.texts import written
from course_utils.languages import N_, tr
from course_utils.schedules import SCHEDULES, T_MAX, NoisePath, schedule
from course_utils.schedules import add_noise as drowned
from course_utils.schedules import clean_from_noise as taken_off

CROSSED = "linear"
CLOSE = 1.0  # timesteps
TIMESTEPS = (1, 355, 640, 990)
SIDE = 64  # pixels of the pictures that are drowned
SLIP = 0.05  # an error in the noise, as a share of its spread


def a_picture(name: str = "cat", side: int = SIDE) -> torch.Tensor:
    """A picture to drown, (side, side, 3), -1..1."""
    return torch.tensor(pictures.to_unit(pictures.load(name, side)))


def noise_like(like: torch.Tensor) -> torch.Tensor:
    """Noise that nobody knows beforehand, of any shape: that of `like`."""
    return torch.randn(like.shape, generator=fresh_generator())


# --- the crossing --------------------------------------------------------------------------------


def _judge_crossing(answer: Any) -> Outcome:
    t, curve = a_number(answer, "my_crossing"), schedule(CROSSED)
    picture = line_plot(
        {
            tr("signal"): (range(T_MAX + 1), curve.signal),
            tr("noise level"): (range(T_MAX + 1), curve.noise_level),
        },
        "t",
        marked=t,
    )
    if abs(t - curve.crossing) <= CLOSE:
        level = float(np.interp(t, range(T_MAX + 1), curve.signal))
        return Outcome(
            True,
            tr("Right: both are {level:.3f} there, so each of their squares is one half.", level=level),
            picture=picture,
        )
    for name in SCHEDULES.keys() - {CROSSED}:
        if abs(t - schedule(name).crossing) <= CLOSE:
            raise Mistake(
                "other schedule",
                tr(
                    "That is the crossing of the {name} schedule: use the {wanted} one.",
                    name=tr(name),
                    wanted=tr(CROSSED),
                ),
            )
    halves = {N_("signal"): np.interp(-0.5, -curve.signal, range(T_MAX + 1))}
    halves[N_("noise level")] = np.interp(0.5, curve.noise_level, range(T_MAX + 1))
    for what, place in halves.items():
        if abs(t - place) <= CLOSE:
            raise Mistake(
                "one half",
                tr(
                    "There the {what} is one half, but the other is not: compare the arrays with each other.",
                    what=tr(what),
                ),
            )
    if abs(t * T_MAX - curve.crossing) <= CLOSE:
        raise Mistake(
            "share",
            tr("That is a share of the way: give the timestep, a number from 0 to {last}.", last=T_MAX),
        )
    if abs(t - np.sqrt(0.5)) < 0.01:
        raise Mistake("level", tr("That is the height at which the curves cross: give the timestep."))
    if not 0 <= t <= T_MAX:
        raise Mistake(
            "outside", tr("A timestep lies between 0 and {last}, but yours is {t:g}.", last=T_MAX, t=t)
        )
    signal, noise = (float(np.interp(t, range(T_MAX + 1), one)) for one in (curve.signal, curve.noise_level))
    more = (
        tr("the signal is still larger, so try a later t")
        if signal > noise
        else tr("the noise is already larger, so try an earlier t")
    )
    raise Mistake(
        "unknown",
        tr(
            "At t = {t:g} the signal is {signal:.3f} and the noise level {noise:.3f}: {more}.",
            t=t,
            signal=signal,
            noise=noise,
            more=more,
        ),
        picture,
    )


crossing = written("crossing", _judge_crossing)


# --- add_noise -----------------------------------------------------------------------------------


def levels(t: int, curve: NoisePath) -> tuple[float, float]:
    """Signal and noise level at index t."""
    return float(curve.signal[t]), float(curve.noise_level[t])


def _mixed(weigh: Callable[[int, NoisePath], tuple[float, float]]) -> Callable[..., torch.Tensor]:
    """Drowning with other weights."""

    def function(clean: torch.Tensor, noise: torch.Tensor, t: int, curve: NoisePath) -> torch.Tensor:
        first, second = weigh(t, curve)
        return first * clean + second * noise

    return function


WRONG_SCHEDULE = N_(
    "Your function uses a schedule of its own: use the argument `schedule`, which is not always the same one."
)


def _mixtures() -> tuple[Suspect, ...]:
    """The mistakes that people make when they mix picture and noise."""
    weights: tuple[tuple[str, Any, str], ...] = (
        (
            "swapped",
            lambda t, c: levels(t, c)[::-1],
            N_("Signal and noise level are swapped: the signal belongs with the picture."),
        ),
        (
            "squared",
            lambda t, c: tuple(level**2 for level in levels(t, c)),
            N_("Your weights are the squares of the right ones: take the two levels as they are."),
        ),
        (
            "root",
            lambda t, c: tuple(level**0.5 for level in levels(t, c)),
            N_("Your weights are the roots of the right ones: take the two levels as they are."),
        ),
        (
            "off by one",
            lambda t, c: levels(t - 1, c),
            N_("You are one timestep early: the arrays begin at t = 0, so use t itself as the index."),
        ),
        (
            "off by one",
            lambda t, c: levels(t + 1, c),
            N_("You are one timestep late: the arrays begin at t = 0, so use t itself as the index."),
        ),
        (
            "straight path",
            lambda t, c: (1 - t / T_MAX, t / T_MAX),
            N_(
                "Those are the weights of flow matching's straight path: take those of the argument "
                "`schedule`."
            ),
        ),
        (
            "complement",
            lambda t, c: (levels(t, c)[0], 1 - levels(t, c)[0]),
            N_("On a curved schedule not the weights but their squares add up to 1: take `noise_level[t]`."),
        ),
        (
            "picture unweighted",
            lambda t, c: (1, levels(t, c)[1]),
            N_(
                "The picture is not weighted: multiply it by `signal[t]`, so that it fades as noise comes up."
            ),
        ),
        (
            "noise unweighted",
            lambda t, c: (levels(t, c)[0], 1),
            N_("The noise is not weighted: multiply it by `noise_level[t]`."),
        ),
        (
            "unweighted",
            lambda t, c: (1, 1),
            N_("Nothing is weighted: multiply each part by its own level at t."),
        ),
        (
            "no noise",
            lambda t, c: (levels(t, c)[0], 0),
            N_("The picture fades, but no noise comes in: add it."),
        ),
        (
            "no picture",
            lambda t, c: (0, levels(t, c)[1]),
            N_("The noise comes up, but the picture is missing: add it."),
        ),
        ("minus", lambda t, c: (levels(t, c)[0], -levels(t, c)[1]), N_("You subtract the noise: add it.")),
        ("wrong schedule", lambda t, c: levels(t, schedule()), WRONG_SCHEDULE),
    )
    return tuple(Suspect(kind, _mixed(weigh), sentence) for kind, weigh, sentence in weights)


MIXTURES = _mixtures()


def _cases(noisy: bool = False) -> dict[str, tuple[Any, ...]]:
    """Pictures, noise, timesteps and two schedules; with `noisy`, the picture is drowned already."""
    found = {}
    for name in ("scaled-linear", "cosine"):
        curve = schedule(name)
        for t in TIMESTEPS if name == "scaled-linear" else TIMESTEPS[1:3]:
            clean = a_picture()
            noise = noise_like(clean)
            first = drowned(clean, noise, t, curve) if noisy else clean
            found[f"t = {t}" if name == "scaled-linear" else f"t = {t} ({name})"] = first, noise, t, curve
    return found


def _own_noise(mine: Any, cases: dict[str, tuple[Any, ...]]) -> None:
    """Raise `Mistake` where a function mixes in noise that it was not handed."""
    name, (clean, noise, t, curve) = next(reversed(cases.items()))
    first, second = (call(mine, (clean, noise, t, curve), tr("At {name}", name=name)) for _ in range(2))
    if not isinstance(first, torch.Tensor) or first.shape != noise.shape:
        return
    mixed = (first - curve.signal[t] * clean) / curve.noise_level[t]
    correlated = float((mixed * noise).mean())
    if abs(float(mixed.std()) - 1) < 0.1 and abs(correlated) < 0.5:
        again = (
            tr("the same at every call") if bool(torch.equal(first, second)) else tr("fresh at every call")
        )
        raise Mistake(
            "own noise",
            tr("Your function draws noise of its own, {again}: mix in the argument `noise`.", again=again),
        )


def _judge_add_noise(mine: Any) -> Outcome:
    cases = _cases()
    try:
        return compare(
            mine,
            drowned,
            cases,
            "my_add_noise",
            "clean, noise, t, schedule",
            MIXTURES,
            tr("Right at every t and on both schedules: now you can drown any picture in one line."),
        )
    except Mistake as mistake:
        if mistake.kind in ("unknown", "random"):
            _own_noise(mine, cases)
        raise


add_noise = written("add_noise", _judge_add_noise)


# --- the way back --------------------------------------------------------------------------------


def _back(undo: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def function(noisy: torch.Tensor, noise: torch.Tensor, t: int, curve: NoisePath) -> torch.Tensor:
        return undo(noisy, noise, *levels(t, curve))

    return function


def _returns() -> tuple[Suspect, ...]:
    """The mistakes that people make on the way back."""
    return (
        Suspect(
            "not divided",
            _back(lambda x, e, s, n: x - n * e),
            N_(
                "The noise is gone, but the picture is still faint: put the difference in brackets, and "
                "divide it by the signal."
            ),
        ),
        Suspect(
            "brackets",
            _back(lambda x, e, s, n: x - n * e / s),
            N_("Only the noise is divided by the signal: put brackets around the difference."),
        ),
        Suspect(
            "unweighted",
            _back(lambda x, e, s, n: x - e),
            N_("Not all of eps is in x_t: multiply it by the noise level before you subtract it."),
        ),
        Suspect(
            "unweighted",
            _back(lambda x, e, s, n: (x - e) / s),
            N_("Not all of eps is in x_t: multiply it by the noise level before you subtract it."),
        ),
        Suspect(
            "multiplied",
            _back(lambda x, e, s, n: (x - n * e) * s),
            N_("You multiply by the signal: divide by it."),
        ),
        Suspect(
            "swapped",
            _back(lambda x, e, s, n: (x - s * e) / n),
            N_("Signal and noise level are swapped: the noise level belongs with eps."),
        ),
        Suspect(
            "plus",
            _back(lambda x, e, s, n: (x + n * e) / s),
            N_("You add the noise a second time: subtract it."),
        ),
        Suspect(
            "squared",
            _back(lambda x, e, s, n: (x - n**2 * e) / s**2),
            N_("Your weights are the squares of the right ones: take the two levels as they are."),
        ),
        Suspect(
            "off by one",
            lambda x, e, t, c: taken_off(x, e, t - 1, c),
            N_("You are one timestep early: the arrays begin at t = 0, so use t itself as the index."),
        ),
        Suspect(
            "off by one",
            lambda x, e, t, c: taken_off(x, e, t + 1, c),
            N_("You are one timestep late: the arrays begin at t = 0, so use t itself as the index."),
        ),
        Suspect("wrong schedule", lambda x, e, t, c: taken_off(x, e, t, schedule()), WRONG_SCHEDULE),
    )


def _judge_recover(mine: Any) -> Outcome:
    cases = _cases(noisy=True)
    compare(mine, taken_off, cases, "my_recover", "noisy, noise, t, schedule", _returns())
    errors, shown = {}, (355, 640, 990)
    for t in shown:
        noisy, noise, _, curve = cases[f"t = {t}"]
        slipped = torch.as_tensor(mine(noisy.clone(), noise + SLIP * noise_like(noise), t, curve))
        errors[t] = float((slipped - a_picture()).abs().mean())
    picture = line_plot({tr("how far off the picture is"): (shown, list(errors.values()))}, "t")
    return Outcome(
        True,
        tr(
            "Right. But a model never knows the noise exactly: with a slip of {slip:.0f} % in it, your "
            "picture is off by {early:.2f} at t = 355 and by {late:.2f} at t = 990, because the slip is "
            "multiplied by noise level over signal.",
            slip=100 * SLIP,
            early=errors[355],
            late=errors[990],
        ),
        picture=picture,
    )


recover = written("recover", _judge_recover)


CHALLENGES = (crossing, add_noise, recover)
