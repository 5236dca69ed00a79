"""Challenges of notebook 2: one reverse step, the training loss, the whole loop, and who replays."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import torch

from course_utils import metrics, particles
from course_utils.challenges import lineup
from course_utils.challenges.comparing import Suspect, compare
from course_utils.challenges.engine import Mistake, Outcome, call, fresh_generator
from course_utils.challenges.texts import written
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.stills import show_points
from course_utils.runtime import counted, shown
from course_utils.sampling import Predict
from course_utils.schedules import T_MAX, NoisePath, schedule, to_index, trailing

STRIDE = 100  # timesteps that a step goes back
STARTS = (950, 700, 200, 100)
WALKS = (10, 4)  # steps of the loops that are compared

Points = torch.Tensor


def _ready_scheduler(steps: int) -> Any:
    """DDIM of diffusers on the course's noise schedule."""
    from diffusers import DDIMScheduler

    ready = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        timestep_spacing="trailing",
    )
    ready.set_timesteps(steps)
    return ready


# --- one step ------------------------------------------------------------------------------------


def _stepped(go: Any) -> Any:
    """A step written with the two levels at t and at the following timestep."""

    def function(noisy: Points, noise: Points, t: int, s: int, curve: NoisePath) -> Points:
        here, there = ((float(curve.signal[one]), float(curve.noise_level[one])) for one in (t, s))
        return go(noisy, noise, here, there)

    return function


def _clean(x: Points, e: Points, levels: tuple[float, float]) -> Points:
    return (x - levels[1] * e) / levels[0]


def _shifted(by: int) -> Any:
    def function(x: Points, e: Points, t: int, s: int, curve: NoisePath) -> Points:
        return _stepped(lambda x, e, a, b: b[0] * _clean(x, e, a) + b[1] * e)(x, e, t + by, s + by, curve)

    return function


STEPS = (
    Suspect(
        "only the clean guess",
        _stepped(lambda x, e, a, b: _clean(x, e, a)),
        "That is only the clean guess: from there, put back as much of the noise as there is at `following`.",
    ),
    Suspect(
        "no step",
        _stepped(lambda x, e, a, b: x),
        "That is x_t again: weight the clean guess and the noise by the levels at `following`, not at t.",
    ),
    Suspect(
        "timesteps swapped",
        _stepped(lambda x, e, a, b: a[0] * _clean(x, e, (max(b[0], 1e-9), b[1])) + a[1] * e),
        "`t` and `following` are swapped: take the clean guess at t, and end the step at `following`.",
    ),
    Suspect(
        "swapped",
        _stepped(lambda x, e, a, b: b[1] * _clean(x, e, a) + b[0] * e),
        "Signal and noise level are swapped in the last line: the signal belongs with the clean guess.",
    ),
    Suspect(
        "not divided",
        _stepped(lambda x, e, a, b: b[0] * (x - a[1] * e) + b[1] * e),
        "The clean guess is too faint: divide it by `signal[t]`.",
    ),
    Suspect(
        "no noise back",
        _stepped(lambda x, e, a, b: b[0] * _clean(x, e, a)),
        "You put no noise back: add as much of it as there is at `following`.",
    ),
    Suspect(
        "noise unweighted",
        _stepped(lambda x, e, a, b: b[0] * _clean(x, e, a) + e),
        "You put all the noise back: weight it by the noise level at `following`.",
    ),
    Suspect(
        "no clean guess",
        _stepped(lambda x, e, a, b: x - (a[1] - b[1]) * e),
        "It is not enough to subtract a little noise, for the signal has to grow, too: work out the clean "
        "guess first.",
    ),
    Suspect(
        "squared",
        _stepped(lambda x, e, a, b: b[0] ** 2 * (x - a[1] ** 2 * e) / a[0] ** 2 + b[1] ** 2 * e),
        "Your weights are the squares of the right ones: take the two levels as they are.",
    ),
    Suspect(
        "off by one",
        _shifted(-1),
        "You are one timestep early: the arrays begin at t = 0, so use t itself as the index.",
    ),
    Suspect(
        "off by one",
        _shifted(1),
        "You are one timestep late: the arrays begin at t = 0, so use t itself as the index.",
    ),
)


def _judge_step(mine: Any) -> Outcome:
    ready = _ready_scheduler(T_MAX // STRIDE)

    def theirs(noisy: Points, noise: Points, t: int, _following: int, _curve: NoisePath) -> Points:
        return ready.step(noise, to_index(t), noisy).prev_sample

    chance = fresh_generator()
    cases = {
        f"t = {t}": (*torch.randn(2, 50, 2, generator=chance), t, t - STRIDE, schedule()) for t in STARTS
    }
    return compare(
        mine,
        theirs,
        cases,
        "my_step",
        "noisy, noise, t, following, schedule",
        STEPS,
        "Right: the same as diffusers' DDIMScheduler, number for number.",
    )


step = written("step", _judge_step)


# --- the loss ------------------------------------------------------------------------------------

LOSSES = (
    Suspect(
        "absolute",
        lambda g, e: (g - e).abs().mean(),
        "That is the mean absolute error: square the differences, so that large ones count for more.",
    ),
    Suspect(
        "sum",
        lambda g, e: ((g - e) ** 2).sum(),
        "That is the sum, which grows with how many numbers there are: take the mean.",
    ),
    Suspect(
        "root", lambda g, e: ((g - e) ** 2).mean().sqrt(), "That is the root of the loss: leave the root out."
    ),
    Suspect(
        "no mean",
        lambda g, e: (g - e) ** 2,
        "Your function returns one square for each number: take their mean.",
    ),
    Suspect(
        "not squared",
        lambda g, e: (g - e).mean(),
        "Errors above and below 0 cancel each other out: square them before you take the mean.",
    ),
    Suspect(
        "mean before square",
        lambda g, e: (g - e).mean() ** 2,
        "You take the mean first, so errors cancel each other out: square first, then take the mean.",
    ),
    Suspect("half", lambda g, e: ((g - e) ** 2).mean() / 2, "That is half the loss: leave out the factor."),
    Suspect(
        "difference of squares",
        lambda g, e: (g**2 - e**2).mean(),
        "You take the difference of the squares: take the square of the difference.",
    ),
    Suspect("plus", lambda g, e: ((g + e) ** 2).mean(), "You add the two: take their difference."),
)


def _judge_loss(mine: Any) -> Outcome:
    chance = fresh_generator()
    cases = {}
    for name, share, shape in (("a good", 0.9, (40, 2)), ("a poor", 0.3, (8, 8, 3)), ("no", 0.0, (30, 2))):
        noise = torch.randn(shape, generator=chance)
        cases[f"{name} guess"] = share * noise + 0.1 * torch.randn(shape, generator=chance), noise
    return compare(
        mine,
        torch.nn.functional.mse_loss,
        cases,
        "my_loss",
        "guess, noise",
        LOSSES,
        "Right: that is the mean squared error, and all that training ever brings down.",
    )


loss = written("loss", _judge_loss)


# --- the loop ------------------------------------------------------------------------------------


def _walk(predict: Predict, x: Points, timesteps: list[int], curve: NoisePath, moves: Any = None) -> Points:
    """The loop of DDIM over pairs of timesteps, by default all of them."""
    for t, s in pairwise(timesteps) if moves is None else moves:
        x = _stepped(lambda x, e, a, b: b[0] * _clean(x, e, a) + b[1] * e)(x, predict(x, t), t, s, curve)
    return x


def _asks_static(predict: Predict, x: Points, timesteps: list[int], curve: NoisePath) -> Points:
    return _walk(lambda _x, t: predict(x, t), x, timesteps, curve)


def _asks_following(predict: Predict, x: Points, timesteps: list[int], curve: NoisePath) -> Points:
    after = dict(pairwise(timesteps))
    return _walk(lambda x, t: predict(x, after[int(t)]), x, timesteps, curve)


LOOPS = (
    Suspect(
        "not walked",
        lambda predict, x, timesteps, curve: x,
        "That is the static you were given: set `x` to its new value inside the loop.",
    ),
    Suspect(
        "returned early",
        lambda predict, x, timesteps, curve: _walk(predict, x, timesteps[:2], curve),
        "Your loop ends after its first step: move `return` out of the loop, one indent to the left.",
    ),
    Suspect(
        "one step short",
        lambda predict, x, timesteps, curve: _walk(predict, x, timesteps[:-1], curve),
        "The last step, to 0, is missing: n timesteps make n - 1 pairs, and you need them all.",
    ),
    Suspect(
        "one step short",
        lambda predict, x, timesteps, curve: _walk(predict, x, timesteps[1:], curve),
        "The first step, from t = 1000, is missing: n timesteps make n - 1 pairs, and you need them all.",
    ),
    Suspect(
        "asks the static",
        _asks_static,
        "You show the network the static at every step: show it `x` as it is by then.",
    ),
    Suspect(
        "asks at following",
        _asks_following,
        "You tell the network the wrong timestep: when you ask, `x` is still at t, not yet at s.",
    ),
    Suspect(
        "one jump",
        lambda predict, x, timesteps, curve: _walk(predict, x, [timesteps[0], 0], curve),
        "You go to the clean guess in a single jump: stop at every timestep in the list.",
    ),
)


def _judge_loop(mine: Any) -> Outcome:
    predict = classifier_free_guidance(point_sampling.shipped().predict, "cat")

    def theirs(predict: Predict, x: Points, timesteps: list[int], _curve: NoisePath) -> Points:
        ready = _ready_scheduler(len(timesteps) - 1)
        for t in timesteps[:-1]:
            x = ready.step(predict(x, t), to_index(t), x).prev_sample
        return x

    static = torch.randn(particles.COUNT // 2, 2, generator=fresh_generator())
    cases = {counted(steps, "step"): (predict, static, trailing(steps), schedule()) for steps in WALKS}
    try:
        compare(mine, theirs, cases, "my_sampler", "predict, x, timesteps, schedule", LOOPS)
    except Mistake as mistake:
        if mistake.kind in ("unknown", "shape", "factor") and mistake.picture is None:
            mistake.picture = show_points({"wanted": theirs(*cases["10 steps"])}, metrics.target("cat"))
        raise
    painted = {name: np.asarray(call(mine, arguments, name)) for name, arguments in cases.items()}
    return Outcome(
        True,
        "Right: your loop ends where that of diffusers ends, point for point. It would paint a page, too.",
        picture=show_points(painted, metrics.target("cat")),
    )


loop = written("loop", _judge_loop)


# --- the line-up ---------------------------------------------------------------------------------


def _judge_spot(answer: Any) -> Outcome:
    if not isinstance(answer, str):
        raise Mistake(
            "no letters", f'my_suspects has to be three letters such as "ABC", not {shown(answer)}.'
        )
    letters = [letter for letter in answer.upper() if letter.isalnum()]
    if not letters:
        raise Mistake(
            "stub", "Look at the line-up first, then write down a letter for each of its three cases."
        )
    strange = [letter for letter in letters if letter not in lineup.LETTERS]
    if strange:
        raise Mistake("strange letter", f"There is no {strange[0]} in the line-up: name A, B or C.")
    if len(letters) != len(lineup.CASES):
        raise Mistake(
            "number", f"Give one letter for each of the {len(lineup.CASES)} cases; you gave {len(letters)}."
        )
    named = [lineup.dealt(case)[letter] for case, letter in zip(lineup.CASES, letters, strict=True)]
    if set(named) == {"replay"}:
        return Outcome(
            True, "All three caught: on a static it has not seen, a replay takes off the wrong noise."
        )
    if len(set(letters)) == 1:
        raise Mistake(
            "always the same",
            f"The replay is not {letters[0]} every time: every case deals the letters anew, so look at each.",
        )
    case, who = next((case, who) for case, who in zip(lineup.CASES, named, strict=True) if who != "replay")
    said = {"exact": "knows the shape", "learned": "learned the shape from examples"}[who]
    raise Mistake(
        who,
        f"In case {case} your suspect {said}: it paints a cat from any static. Look for the one that fails "
        "on every static but 7.",
    )


spot = written("spot", _judge_spot)

CHALLENGES = (step, loss, loop, spot)
