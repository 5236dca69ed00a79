"""Challenges of notebook 1: the crossing, drowning, a training pair, the way back, and a denoiser to beat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_utils import pictures, plots
from course_utils.challenges.comparing import Suspect, compare, line_plot
from course_utils.challenges.engine import (
    Challenge,
    Mistake,
    Outcome,
    Par,
    a_number,
    call,
    check_callable,
    check_written,
    fresh_generator,
)
from course_utils.panels.stills import StillPicture
from course_utils.schedules import SCHEDULES, T_MAX, NoisePath, schedule
from course_utils.schedules import add_noise as drowned
from course_utils.schedules import clean_from_noise as taken_off

CROSSED = "linear"
CLOSE = 1.0  # timesteps
TIMESTEPS = (1, 355, 640, 990)
DENOISED = (200, 400, 600, 800)
SIDE = 64  # pixels of the pictures that are drowned
SLIP = 0.05  # an error in the noise, as a share of its spread
LIKE_NOISE = 0.05  # how far the mean and the spread of drawn noise may be from 0 and 1


def _cat(name: str = "cat", side: int = SIDE) -> torch.Tensor:
    """A picture to drown, (side, side, 3), -1..1."""
    return torch.tensor(pictures.to_unit(pictures.load(name, side)))


def _noise(like: torch.Tensor) -> torch.Tensor:
    return torch.randn(like.shape, generator=fresh_generator())


# --- the crossing --------------------------------------------------------------------------------


def _judge_crossing(answer: Any) -> Outcome:
    t, curve = a_number(answer, "my_crossing"), schedule(CROSSED)
    picture = line_plot(
        {"signal": (range(T_MAX + 1), curve.signal), "noise level": (range(T_MAX + 1), curve.noise_level)},
        "t",
        marked=t,
    )
    if abs(t - curve.crossing) <= CLOSE:
        level = float(np.interp(t, range(T_MAX + 1), curve.signal))
        return Outcome(True, f"Both weigh {level:.3f} there: their squares share the 1 evenly.", picture=picture)
    for name in SCHEDULES.keys() - {CROSSED}:
        if abs(t - schedule(name).crossing) <= CLOSE:
            raise Mistake("other schedule", f"That is where the {name} schedule crosses; ask the {CROSSED} one.")
    halves = {"signal": np.interp(-0.5, -curve.signal, range(T_MAX + 1))}
    halves["noise level"] = np.interp(0.5, curve.noise_level, range(T_MAX + 1))
    for what, place in halves.items():
        if abs(t - place) <= CLOSE:
            raise Mistake(
                "one half", f"There the {what} is one half. The two are equal higher up: their squares add up to 1."
            )
    if abs(t * T_MAX - curve.crossing) <= CLOSE:
        raise Mistake("share", f"That is a share of the way. A timestep counts from 0 to {T_MAX}.")
    if abs(t - np.sqrt(0.5)) < 0.01:
        raise Mistake("level", "That is how high the curves cross. Asked is where: at which timestep.")
    if not 0 <= t <= T_MAX:
        raise Mistake("outside", f"A timestep lies between 0 and {T_MAX}; {t:g} does not.")
    signal, noise = (float(np.interp(t, range(T_MAX + 1), one)) for one in (curve.signal, curve.noise_level))
    more = "the signal is still the larger, so go on" if signal > noise else "the noise has overtaken: go back"
    raise Mistake("unknown", f"At t = {t:g} the signal is {signal:.3f}, the noise level {noise:.3f}: {more}.", picture)


crossing = Challenge(
    name="crossing",
    title="Where the curves cross",
    task="On the *linear* schedule, at which timestep are `signal` and `noise_level` equal? Let the code find "
    "it: both are arrays of 1001 numbers, one for each t.",
    answer="my_crossing",
    stub='linear = schedule("linear")  # linear.signal, linear.noise_level\nmy_crossing = ...  # ← your line',
    hints=(
        "Look at the difference of the two arrays: it begins at 1 and ends near -1.",
        "The place is where the size of that difference is smallest.",
        "`abs(linear.signal - linear.noise_level)` is the size; numpy arrays have an `argmin()`.",
    ),
    solution="my_crossing = abs(linear.signal - linear.noise_level).argmin()",
    judge=_judge_crossing,
)


# --- add_noise -----------------------------------------------------------------------------------


def _levels(t: int, curve: NoisePath) -> tuple[float, float]:
    return float(curve.signal[t]), float(curve.noise_level[t])


def _mixed(weigh: Callable[[int, NoisePath], tuple[float, float]]) -> Callable[..., torch.Tensor]:
    """Drowning with other weights."""

    def function(clean: torch.Tensor, noise: torch.Tensor, t: int, curve: NoisePath) -> torch.Tensor:
        first, second = weigh(t, curve)
        return first * clean + second * noise

    return function


WRONG_SCHEDULE = (
    "Your function asks a schedule of its own; take the one it is handed, which is another one each time."
)


def _mixtures() -> tuple[Suspect, ...]:
    """The mistakes that people make when they mix picture and noise."""
    weights: tuple[tuple[str, Any, str], ...] = (
        (
            "swapped",
            lambda t, c: _levels(t, c)[::-1],
            "Signal and noise level are swapped: the signal goes with the picture.",
        ),
        (
            "squared",
            lambda t, c: tuple(level**2 for level in _levels(t, c)),
            "Your weights are the squares of the right ones. signal[t] is the root already.",
        ),
        (
            "root",
            lambda t, c: tuple(level**0.5 for level in _levels(t, c)),
            "Your weights are roots of the right ones. signal[t] is the root already.",
        ),
        (
            "off by one",
            lambda t, c: _levels(t - 1, c),
            "You are one timestep early: the arrays begin at t = 0, so index t is right.",
        ),
        (
            "off by one",
            lambda t, c: _levels(t + 1, c),
            "You are one timestep late: the arrays begin at t = 0, so index t is right.",
        ),
        (
            "straight path",
            lambda t, c: (1 - t / T_MAX, t / T_MAX),
            "That is the straight path of flow matching. Take the weights of the schedule you are handed.",
        ),
        (
            "complement",
            lambda t, c: (_levels(t, c)[0], 1 - _levels(t, c)[0]),
            "The weights of a curved schedule do not add up to 1, their squares do: take noise_level[t].",
        ),
        (
            "picture unweighted",
            lambda t, c: (1, _levels(t, c)[1]),
            "The picture is not weighted: it fades with signal[t] while the noise comes up.",
        ),
        (
            "noise unweighted",
            lambda t, c: (_levels(t, c)[0], 1),
            "The noise is not weighted: it comes up with noise_level[t].",
        ),
        ("unweighted", lambda t, c: (1, 1), "Nothing is weighted: both parts need a factor."),
        ("no noise", lambda t, c: (_levels(t, c)[0], 0), "The picture fades, but no noise comes in."),
        ("no picture", lambda t, c: (0, _levels(t, c)[1]), "The noise comes up, but the picture is missing."),
        ("minus", lambda t, c: (_levels(t, c)[0], -_levels(t, c)[1]), "The noise is taken off; add it."),
        ("wrong schedule", lambda t, c: _levels(t, schedule()), WRONG_SCHEDULE),
    )
    return tuple(Suspect(kind, _mixed(weigh), sentence) for kind, weigh, sentence in weights)


def _cases(noisy: bool = False) -> dict[str, tuple[Any, ...]]:
    """Pictures, noise, timesteps and two schedules; with `noisy`, the drowned picture in the picture's place."""
    found = {}
    for name in ("scaled-linear", "cosine"):
        curve = schedule(name)
        for t in TIMESTEPS if name == "scaled-linear" else TIMESTEPS[1:3]:
            clean = _cat()
            noise = _noise(clean)
            first = drowned(clean, noise, t, curve) if noisy else clean
            found[f"t = {t}" if name == "scaled-linear" else f"t = {t} ({name})"] = first, noise, t, curve
    return found


def _own_noise(mine: Any, cases: dict[str, tuple[Any, ...]]) -> None:
    """Raise `Mistake` where a function mixes in noise that it was not handed."""
    name, (clean, noise, t, curve) = next(reversed(cases.items()))
    first, second = (call(mine, (clean, noise, t, curve), f"At {name}") for _ in range(2))
    if not isinstance(first, torch.Tensor) or first.shape != noise.shape:
        return
    mixed = (first - curve.signal[t] * clean) / curve.noise_level[t]
    correlated = float((mixed * noise).mean())
    if abs(float(mixed.std()) - 1) < 2 * LIKE_NOISE and abs(correlated) < 0.5:
        again = "the same at every call" if bool(torch.equal(first, second)) else "another at every call"
        raise Mistake("own noise", f"Your function draws noise of its own, {again}: mix in the noise you are handed.")


def _judge_add_noise(mine: Any) -> Outcome:
    cases = _cases()
    try:
        return compare(
            mine,
            drowned,
            cases,
            "my_add_noise",
            "clean, noise, t, schedule",
            _mixtures(),
            "Right at every t and on both schedules: whatever picture comes, you can drown it in one line.",
        )
    except Mistake as mistake:
        if mistake.kind in ("unknown", "random"):
            _own_noise(mine, cases)
        raise


add_noise = Challenge(
    name="add_noise",
    title="Drown a picture",
    task="Write the one line: the picture weighted by the signal at t, plus the noise weighted by the noise "
    "level at t. `schedule.signal` and `schedule.noise_level` are arrays, index t.",
    answer="my_add_noise",
    stub="def my_add_noise(clean, noise, t, schedule):\n    return ...  # ← your line",
    hints=(
        "Look at the formula under *One line of arithmetic*: two products and a plus.",
        "At t = 0 the picture must come back as it is, at t = 1000 nearly pure noise.",
        "The first half is `schedule.signal[t] * clean`; the second is built like it.",
    ),
    solution="def my_add_noise(clean, noise, t, schedule):\n"
    "    return schedule.signal[t] * clean + schedule.noise_level[t] * noise",
    judge=_judge_add_noise,
)


# --- a training pair -----------------------------------------------------------------------------


def _judge_pair(mine: Any) -> Outcome:
    check_callable(mine, "my_pair", "clean, t, schedule")
    curve, t = schedule(), 640
    clean = _cat()
    first, second = (_a_pair(call(mine, (clean, t, curve), f"At t = {t}"), clean) for _ in range(2))
    _check_noise(*first, second[1], clean, t, curve)
    for t in TIMESTEPS:
        for name in ("cat", "page"):
            picture = _cat(name)
            x_t, eps = _a_pair(call(mine, (picture, t, curve), f"At t = {t}"), picture)
            _check_mixture(x_t, eps, picture, t, curve)
    return Outcome(
        True,
        "Question and answer fit at every t, and no two pairs are alike: from one picture you can make as many as "
        "you like.",
    )


def _a_pair(returned: Any, clean: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Mistake("no pair", "Your function is to return two things: x_t, and the noise that is in it.")
    check_written(returned, "my_pair")
    try:
        x_t, eps = (torch.as_tensor(part).float() for part in returned)
    except (TypeError, ValueError, RuntimeError):
        raise Mistake("no numbers", "Both halves of a pair are arrays of numbers.") from None
    for part in (x_t, eps):
        if part.shape != clean.shape:
            raise Mistake("shape", f"A picture has the shape {tuple(clean.shape)}, yours {tuple(part.shape)}.")
    return x_t, eps


def _check_noise(
    x_t: torch.Tensor, eps: torch.Tensor, another: torch.Tensor, clean: torch.Tensor, t: int, curve: NoisePath
) -> None:
    """Raise `Mistake` unless eps looks drawn from a bell curve of width 1, anew each time."""
    signal, level = _levels(t, curve)
    rest = x_t - signal * clean  # the noise as it is mixed in
    if torch.allclose(eps, clean, atol=1e-3):
        raise Mistake("wrong answer", "The answer of your pair is the picture; a denoiser is asked for the noise.")
    if torch.allclose(x_t, x_t.new_tensor(0) + _swapped(eps, clean, signal, level, x_t), atol=1e-3):
        raise Mistake("order", "The two are in the wrong order: first the question x_t, then its answer, the noise.")
    if torch.allclose(eps, rest, atol=1e-3) and abs(float(eps.std()) - level) < LIKE_NOISE:
        raise Mistake("weighted", "Your answer is the noise as it was mixed in; a denoiser names it unweighted.")
    if float((eps[..., 0] - eps[..., 1]).abs().max()) == 0:
        raise Mistake("gray noise", "All three channels share one noise: draw one number for every number of x0.")
    if float(eps.min()) >= 0 and float(eps.max()) <= 1:
        raise Mistake("uniform", "That noise is drawn evenly from 0 to 1. Draw it from a bell curve: torch.randn.")
    if torch.equal(eps, another):
        raise Mistake(
            "seed reused", "Two calls give the very same noise: a seed is set inside. Let each pair draw anew."
        )
    mean, spread = float(eps.mean()), float(eps.std())
    if abs(mean) > LIKE_NOISE or abs(spread - 1) > LIKE_NOISE:
        raise Mistake(
            "other noise", f"Your noise has mean {mean:.2f} and spread {spread:.2f}; it should have 0 and 1."
        )


def _swapped(
    eps: torch.Tensor, clean: torch.Tensor, signal: float, level: float, x_t: torch.Tensor
) -> torch.Tensor:
    """What stands in the place of x_t if the halves of a pair change places: the noise in the other half."""
    return (eps - signal * clean) / level


def _check_mixture(x_t: torch.Tensor, eps: torch.Tensor, clean: torch.Tensor, t: int, curve: NoisePath) -> None:
    def handed(_clean: Any, _noise: Any, _t: int, _curve: NoisePath) -> torch.Tensor:
        return x_t

    compare(handed, drowned, {f"t = {t}": (clean, eps, t, curve)}, "x_t", "clean, noise, t, schedule", _mixtures())


pair = Challenge(
    name="pair",
    title="Make a training pair",
    task="Return a question and its answer: x_t, and the noise that is in it. Draw the noise yourself, anew at "
    "every call, in the shape of the picture.",
    answer="my_pair",
    stub="def my_pair(clean, t, schedule):\n    eps = ...  # ← draw the noise\n    x_t = ...  # ← mix\n"
    "    return x_t, eps",
    hints=(
        "Look at the loop under *Free training data*: it makes four such pairs.",
        "The noise comes from a bell curve of width 1, one number for each number of the picture.",
        "`torch.randn(clean.shape)` draws it. The second line is the one that drowns.",
    ),
    solution="def my_pair(clean, t, schedule):\n    eps = torch.randn(clean.shape)\n"
    "    x_t = schedule.signal[t] * clean + schedule.noise_level[t] * eps\n    return x_t, eps",
    judge=_judge_pair,
)


# --- the way back --------------------------------------------------------------------------------


def _back(undo: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    def function(noisy: torch.Tensor, noise: torch.Tensor, t: int, curve: NoisePath) -> torch.Tensor:
        return undo(noisy, noise, *_levels(t, curve))

    return function


def _returns() -> tuple[Suspect, ...]:
    """The mistakes that people make on the way back."""
    return (
        Suspect(
            "not divided",
            _back(lambda x, e, s, n: x - n * e),
            "The noise is off, but the picture is still faint: divide by the signal, with brackets around the rest.",
        ),
        Suspect(
            "brackets",
            _back(lambda x, e, s, n: x - n * e / s),
            "Only the noise is divided by the signal: put brackets around the difference.",
        ),
        Suspect("unweighted", _back(lambda x, e, s, n: x - e), "Only a part of eps is in x_t: weight it before."),
        Suspect(
            "unweighted",
            _back(lambda x, e, s, n: (x - e) / s),
            "Only a part of eps is in x_t: weight it by the noise level before you take it off.",
        ),
        Suspect("multiplied", _back(lambda x, e, s, n: (x - n * e) * s), "Divide by the signal; you multiply."),
        Suspect(
            "swapped",
            _back(lambda x, e, s, n: (x - s * e) / n),
            "Signal and noise level are swapped: the noise level goes with eps.",
        ),
        Suspect("plus", _back(lambda x, e, s, n: (x + n * e) / s), "The noise is added once more: take it off."),
        Suspect(
            "squared",
            _back(lambda x, e, s, n: (x - n**2 * e) / s**2),
            "Your weights are the squares of the right ones. signal[t] is the root already.",
        ),
        Suspect(
            "off by one",
            lambda x, e, t, c: taken_off(x, e, t - 1, c),
            "You are one timestep early: the arrays begin at t = 0, so index t is right.",
        ),
        Suspect(
            "off by one",
            lambda x, e, t, c: taken_off(x, e, t + 1, c),
            "You are one timestep late: the arrays begin at t = 0, so index t is right.",
        ),
        Suspect("wrong schedule", lambda x, e, t, c: taken_off(x, e, t, schedule()), WRONG_SCHEDULE),
    )


def _judge_recover(mine: Any) -> Outcome:
    cases = _cases(noisy=True)
    compare(mine, taken_off, cases, "my_recover", "noisy, noise, t, schedule", _returns())
    errors, shown = {}, (355, 640, 990)
    for t in shown:
        noisy, noise, _, curve = cases[f"t = {t}"]
        slipped = torch.as_tensor(mine(noisy.clone(), noise + SLIP * _noise(noise), t, curve))
        errors[t] = float((slipped - _cat()).abs().mean())
    picture = line_plot({"how far the picture is off": (shown, list(errors.values()))}, "t")
    return Outcome(
        True,
        f"Right. But a model never knows the noise exactly: with a slip of {SLIP:.0%} in it your picture is off by "
        f"{errors[355]:.2f} at t = 355 and by {errors[990]:.2f} at t = 990, as the slip grows by noise over signal.",
        picture=picture,
    )


recover = Challenge(
    name="recover",
    title="The way back that no model has",
    task="Solve the line for the clean picture: given x_t and the very noise that is in it, return x0. Why can "
    "no model do as you did? The judge has a figure for that.",
    answer="my_recover",
    stub="def my_recover(noisy, noise, t, schedule):\n    return ...  # ← your line",
    hints=(
        "Write x_t = signal · x0 + noise level · eps, and bring x0 to one side.",
        "First take off the noise, as much of it as was mixed in. What is left is faint.",
        "It ends in `/ schedule.signal[t]`, with the difference in brackets before it.",
    ),
    solution="def my_recover(noisy, noise, t, schedule):\n"
    "    return (noisy - schedule.noise_level[t] * noise) / schedule.signal[t]",
    judge=_judge_recover,
)


# --- a denoiser ----------------------------------------------------------------------------------


def _judge_denoiser(mine: Any) -> Outcome:
    check_callable(mine, "my_denoiser", "x_t, t, schedule")
    curve = schedule()
    yours, to_beat = {}, {}
    for t in DENOISED:
        level, losses = float(curve.noise_level[t]), []
        for name in ("cat", "page"):
            clean = _cat(name, 96)
            eps = _noise(clean)
            x_t = drowned(clean, eps, t, curve)
            guess = _a_guess(call(mine, (x_t, t, curve), f"At t = {t}"), x_t)
            _check_guess(guess, clean, eps, x_t, level)
            losses.append([float(((one - eps) ** 2).mean()) for one in (guess, level * x_t)])
        yours[t], to_beat[t] = np.mean(losses, axis=0).tolist()
    left = {t: yours[t] / to_beat[t] for t in DENOISED}
    score = 100 * float(np.mean(list(left.values())))
    picture = _loss_bars(yours, to_beat)
    lost = [t for t in DENOISED if left[t] >= 1]
    if not lost:
        return Outcome(
            True,
            f"You beat it at every t: on average {score:.0f} % of its loss is left. A trained network goes on from "
            "here.",
            score=score,
            picture=picture,
        )
    t = max(lost, key=lambda one: left[one])
    raise Mistake(
        "unknown",
        f"{len(lost)} of {len(DENOISED)} timesteps are not beaten; worst is t = {t}, where your loss is {yours[t]:.3f} "
        f"against {to_beat[t]:.3f}.",
        picture,
    )


def _a_guess(value: Any, x_t: torch.Tensor) -> torch.Tensor:
    try:
        guess = torch.as_tensor(value).detach().float()
    except (TypeError, ValueError, RuntimeError):
        raise Mistake("no numbers", "Your function is to return the noise as an array of numbers.") from None
    if guess.shape != x_t.shape:
        raise Mistake("shape", f"The noise has the shape {tuple(x_t.shape)}, your guess {tuple(guess.shape)}.")
    if not torch.isfinite(guess).all():
        raise Mistake("not finite", "Your guess holds numbers that are not finite (nan or inf).")
    return guess


def _check_guess(
    guess: torch.Tensor, clean: torch.Tensor, eps: torch.Tensor, x_t: torch.Tensor, level: float
) -> None:
    """Raise `Mistake` for guesses that answer another question, or none."""
    if float(guess.abs().max()) == 0:
        raise Mistake("nothing", "Your denoiser names no noise at all; its loss is 1 whatever t is.")
    fits = [_correlation(guess, one) for one in (clean, eps, x_t)]
    if fits[2] > 0.99999:
        factor = float((guess * x_t).mean() / (x_t**2).mean())
        if abs(factor - level) < 0.01:
            raise Mistake("the same", "That is the one to beat: x_t, scaled. What does a blur take away from x_t?")
        raise Mistake("the question", "That is x_t itself, picture and all: find what in it is noise.")
    if fits[0] > 0.8 and fits[1] < 0.3:
        raise Mistake("the picture", "Your denoiser names the picture; asked is the noise, what is left without it.")
    if abs(fits[0]) < 0.05 and abs(fits[1]) < 0.05:
        raise Mistake("by chance", "Your answer has nothing to do with x_t: noise drawn anew is another noise.")
    if fits[1] < -0.3:
        raise Mistake("sign", "Your noise has the wrong sign: take the blur from x_t, not x_t from the blur.")
    factor = float((guess * eps).mean() / (guess**2).mean())
    if fits[1] > 0.8 and abs(factor * level - 1) < 0.25 and level < 0.7:
        raise Mistake("not scaled", "That is the noise as it was mixed in: divide by the noise level at t.")


def _correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.corrcoef(torch.stack([one.ravel(), other.ravel()]))[0, 1])


def _loss_bars(yours: dict[int, float], to_beat: dict[int, float]) -> StillPicture:
    figure, axes = plots.panes(1, width=7)
    shares = {f"t = {t}": {"your loss": yours[t], "to beat": to_beat[t]} for t in DENOISED}
    plots.bars(axes[0], shares, {"your loss": "learned", "to beat": "target"}, "mean squared error of the noise")
    return StillPicture(plots.png(figure), "Your loss beside the one to beat at four timesteps.")


denoiser = Challenge(
    name="denoiser",
    title="A denoiser of your own",
    task="Name the noise in x_t better than `schedule.noise_level[t] * x_t` does, at t = 200, 400, 600 and 800. "
    "Neighbouring pixels share their picture but not their noise. No training is needed.",
    answer="my_denoiser",
    stub="from scipy.ndimage import uniform_filter\n\n\ndef my_denoiser(x_t, t, schedule):\n"
    "    return ...  # ← your line",
    hints=(
        "A blur averages neighbours: the picture stays, the noise cancels. So x_t minus its blur is mostly noise.",
        "What the blur takes away is the noise as it was mixed in, at the noise level of t. And at high t a wider "
        "blur is needed.",
        "`blur = torch.tensor(uniform_filter(x_t, (width, width, 1)))`, then divide `x_t - blur`; try `width = t // 30`.",
    ),
    solution="def my_denoiser(x_t, t, schedule):\n    width = max(5, round(5 * (t / 200) ** 1.5))\n"
    "    blur = torch.tensor(uniform_filter(x_t, (width, width, 1)))\n"
    "    return (x_t - blur) / schedule.noise_level[t]",
    judge=_judge_denoiser,
    par=Par(25, "% of the loss left"),
)

CHALLENGES = (crossing, add_noise, pair, recover, denoiser)
