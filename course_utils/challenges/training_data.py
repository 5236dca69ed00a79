"""Challenges of notebook 1, on training data: a pair of question and answer, and a denoiser to beat."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from course_utils.challenges.comparing import compare, line_plot
from course_utils.challenges.engine import Mistake, Outcome, call, check_callable, check_written
from course_utils.challenges.forward import MIXTURES, TIMESTEPS, a_picture, levels, noise_like
from course_utils.challenges.texts import written
from course_utils.languages import tr
from course_utils.panels.stills import StillPicture
from course_utils.schedules import NoisePath, schedule
from course_utils.schedules import add_noise as drowned

DENOISED = (200, 400, 600, 800)
LIKE_NOISE = 0.05  # how far the mean and the spread of drawn noise may be from 0 and 1


# --- a training pair -----------------------------------------------------------------------------


def _judge_pair(mine: Any) -> Outcome:
    check_callable(mine, "my_pair", "clean, t, schedule")
    curve, t = schedule(), 640
    clean = a_picture()
    first, second = (_a_pair(call(mine, (clean, t, curve), tr("At t = {t}", t=t)), clean) for _ in range(2))
    _check_noise(*first, second[1], clean, t, curve)
    for t in TIMESTEPS:
        for name in ("cat", "page"):
            picture = a_picture(name)
            x_t, eps = _a_pair(call(mine, (picture, t, curve), tr("At t = {t}", t=t)), picture)
            _check_mixture(x_t, eps, picture, t, curve)
    return Outcome(
        True,
        tr(
            "Right: question and answer belong together at every t, and no two pairs are alike. From one "
            "picture you can make as many as you like."
        ),
    )


def _a_pair(returned: Any, clean: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    if not isinstance(returned, tuple | list) or len(returned) != 2:
        raise Mistake(
            "no pair", tr("Your function has to return two things: x_t, and the noise that is in it.")
        )
    check_written(returned, "my_pair")
    try:
        x_t, eps = (torch.as_tensor(part).float() for part in returned)
    except (TypeError, ValueError, RuntimeError):
        raise Mistake("no numbers", tr("Both halves of a pair have to be arrays of numbers.")) from None
    for part in (x_t, eps):
        if part.shape != clean.shape:
            raise Mistake(
                "shape",
                tr(
                    "Both halves of a pair need the picture's shape, {wanted}, but one of yours has {yours}.",
                    wanted=tuple(clean.shape),
                    yours=tuple(part.shape),
                ),
            )
    return x_t, eps


def _check_noise(
    x_t: torch.Tensor, eps: torch.Tensor, another: torch.Tensor, clean: torch.Tensor, t: int, curve: NoisePath
) -> None:
    """Raise `Mistake` unless eps looks drawn from a bell curve of width 1, anew each time."""
    signal, level = levels(t, curve)
    rest = x_t - signal * clean  # the noise as it is mixed in
    if torch.allclose(eps, clean, atol=1e-3):
        raise Mistake(
            "wrong answer",
            tr(
                "The answer in your pair is the picture: return the noise, which is what a denoiser has "
                "to name."
            ),
        )
    if torch.allclose(x_t, x_t.new_tensor(0) + _swapped(eps, clean, signal, level, x_t), atol=1e-3):
        raise Mistake(
            "order",
            tr("The two are in the wrong order: return first the question, x_t, then its answer, the noise."),
        )
    if torch.allclose(eps, rest, atol=1e-3) and abs(float(eps.std()) - level) < LIKE_NOISE:
        raise Mistake(
            "weighted",
            tr("Your answer is the noise times its level: return it as you drew it, before it is weighted."),
        )
    if float((eps[..., 0] - eps[..., 1]).abs().max()) == 0:
        raise Mistake(
            "gray noise",
            tr("All three colour channels share one noise: draw a number for every number in the picture."),
        )
    if float(eps.min()) >= 0 and float(eps.max()) <= 1:
        raise Mistake(
            "uniform",
            tr("Your noise is spread evenly between 0 and 1: draw it from a bell curve, with `torch.randn`."),
        )
    if torch.equal(eps, another):
        raise Mistake(
            "seed reused",
            tr("Two calls give exactly the same noise: draw it inside the function, and set no seed there."),
        )
    mean, spread = float(eps.mean()), float(eps.std())
    if abs(mean) > LIKE_NOISE or abs(spread - 1) > LIKE_NOISE:
        raise Mistake(
            "other noise",
            tr(
                "Your noise has mean {mean:.2f} and spread {spread:.2f}, but they should be 0 and 1: "
                "take what `torch.randn` gives as it is.",
                mean=mean,
                spread=spread,
            ),
        )


def _swapped(
    eps: torch.Tensor, clean: torch.Tensor, signal: float, level: float, x_t: torch.Tensor
) -> torch.Tensor:
    """What stands in the place of x_t if the halves of a pair change places: the noise in the other half."""
    return (eps - signal * clean) / level


def _check_mixture(
    x_t: torch.Tensor, eps: torch.Tensor, clean: torch.Tensor, t: int, curve: NoisePath
) -> None:
    def handed(_clean: Any, _noise: Any, _t: int, _curve: NoisePath) -> torch.Tensor:
        return x_t

    compare(
        handed, drowned, {f"t = {t}": (clean, eps, t, curve)}, "x_t", "clean, noise, t, schedule", MIXTURES
    )


pair = written("pair", _judge_pair)


# --- a denoiser ----------------------------------------------------------------------------------


def _judge_denoiser(mine: Any) -> Outcome:
    check_callable(mine, "my_denoiser", "x_t, t, schedule")
    curve = schedule()
    yours, to_beat = {}, {}
    for t in DENOISED:
        level, losses = float(curve.noise_level[t]), []
        for name in ("cat", "page"):
            clean = a_picture(name, 96)
            eps = noise_like(clean)
            x_t = drowned(clean, eps, t, curve)
            guess = _a_guess(call(mine, (x_t, t, curve), tr("At t = {t}", t=t)), x_t)
            _check_guess(guess, clean, eps, x_t, level)
            losses.append([float(((one - eps) ** 2).mean()) for one in (guess, level * x_t)])
        yours[t], to_beat[t] = np.mean(losses, axis=0).tolist()
    left = {t: yours[t] / to_beat[t] for t in DENOISED}
    score = 100 * float(np.mean(list(left.values())))
    picture = _loss_plot(left)
    lost = [t for t in DENOISED if left[t] >= 1]
    if not lost:
        return Outcome(
            True,
            tr(
                "You beat it at every t: on average {score:.0f} % of its loss is left. A trained network "
                "carries on from here.",
                score=score,
            ),
            score=score,
            picture=picture,
        )
    t = max(lost, key=lambda one: left[one])
    raise Mistake(
        "unknown",
        tr(
            "At {lost} of {count} timesteps you do not beat it yet. The worst is t = {t}: your loss is "
            "{yours:.3f}, the one to beat {to_beat:.3f}. Try a blur of another width there.",
            lost=len(lost),
            count=len(DENOISED),
            t=t,
            yours=yours[t],
            to_beat=to_beat[t],
        ),
        picture,
    )


def _a_guess(value: Any, x_t: torch.Tensor) -> torch.Tensor:
    try:
        guess = torch.as_tensor(value).detach().float()
    except (TypeError, ValueError, RuntimeError):
        raise Mistake(
            "no numbers", tr("Your function has to return the noise as an array of numbers.")
        ) from None
    if guess.shape != x_t.shape:
        raise Mistake(
            "shape",
            tr(
                "Your guess has the shape {yours}, but it needs that of x_t, {wanted}.",
                yours=tuple(guess.shape),
                wanted=tuple(x_t.shape),
            ),
        )
    if not torch.isfinite(guess).all():
        raise Mistake("not finite", tr("Your guess holds nan or inf: look for a division by 0 or the like."))
    return guess


def _check_guess(
    guess: torch.Tensor, clean: torch.Tensor, eps: torch.Tensor, x_t: torch.Tensor, level: float
) -> None:
    """Raise `Mistake` for guesses that answer another question, or none."""
    if float(guess.abs().max()) == 0:
        raise Mistake("nothing", tr("Your guess is 0 everywhere, so its loss is 1: find the noise in x_t."))
    fits = [_correlation(guess, one) for one in (clean, eps, x_t)]
    if fits[2] > 0.99999:
        factor = float((guess * x_t).mean() / (x_t**2).mean())
        if abs(factor - level) < 0.01:
            raise Mistake(
                "the same", tr("That is the guess to beat, x_t scaled. What does a blur take away from x_t?")
            )
        raise Mistake(
            "the question", tr("That is only x_t again, picture and all: find what in it is noise.")
        )
    if fits[0] > 0.8 and fits[1] < 0.3:
        raise Mistake(
            "the picture",
            tr(
                "Your denoiser returns the picture: return the noise, what is left of x_t without the "
                "picture."
            ),
        )
    if abs(fits[0]) < 0.05 and abs(fits[1]) < 0.05:
        raise Mistake(
            "by chance",
            tr("Your answer has nothing to do with x_t: do not draw noise anew, but find what is in x_t."),
        )
    if fits[1] < -0.3:
        raise Mistake(
            "sign", tr("Your noise has the wrong sign: subtract the blur from x_t, not x_t from the blur.")
        )
    factor = float((guess * eps).mean() / (guess**2).mean())
    if fits[1] > 0.8 and abs(factor * level - 1) < 0.25 and level < 0.7:
        raise Mistake("not scaled", tr("That is the noise as it was mixed in: divide it by its level at t."))


def _correlation(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.corrcoef(torch.stack([one.ravel(), other.ravel()]))[0, 1])


def _loss_plot(left: dict[int, float]) -> StillPicture:
    """What is left of the loss to beat, as a share of it, at every timestep."""
    return line_plot(
        {tr("your loss"): (list(left), list(left.values()))},
        "t",
        reference=[{"name": tr("to beat"), "y": 1.0}],
    )


denoiser = written("denoiser", _judge_denoiser)

CHALLENGES = (pair, denoiser)
