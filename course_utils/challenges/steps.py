"""Challenges of notebook 4: a goal for few evaluations, four timesteps, a Heun step, and the bill."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import torch

from course_utils import metrics, particles, sampling
from course_utils.challenges.comparing import Suspect, compare
from course_utils.challenges.engine import Mistake, Outcome, a_dict, fresh_generator
from course_utils.challenges.texts import written
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.stills import StillPicture, show_points
from course_utils.runtime import counted, generator, plain, shown
from course_utils.sampling import SAMPLERS, Predict
from course_utils.schedules import T_MAX, NoisePath, biased_timesteps, schedule, trailing

NEAR = 0.05  # distance to reach, counted as the instrument counts it
SEEDS = 4
FEW = 4  # steps whose timesteps are to be chosen
NEARER = 0.075  # distance to reach with them; evenly spread they come to 0.11

Points = torch.Tensor


def _predict() -> Predict:
    return classifier_free_guidance(point_sampling.shipped().predict, "cat")


def _statics() -> Points:
    """The statics of some seeds that nobody knows beforehand, (SEEDS n, 2)."""
    return torch.randn(SEEDS * particles.COUNT, 2, generator=fresh_generator())


def _ends(sampler: str, timesteps: Sequence[int]) -> tuple[metrics.Estimate, Points, int]:
    """The mean distance in which a walk ends over seeds, one of the clouds (n, 2), and its evaluations."""
    walk = point_sampling.sampler_named(sampler)
    *_, end = walk(_predict(), _statics(), timesteps, schedule(), generator(1))
    clouds = end.x.split(particles.COUNT)
    return point_sampling.over_seeds(metrics.average_distance, clouds, "cat"), clouds[0], end.evaluations


def _seen(cloud: Points, title: str) -> StillPicture:
    return show_points({title: cloud}, metrics.target("cat"), size=4)


# --- a goal for few evaluations ------------------------------------------------------------------

SETTINGS = {"sampler": '"ddim"', "steps": "60", "bias": "0"}


def _judge_way(answer: Any) -> Outcome:
    chosen = {"bias": 0.0, **a_dict(answer, "my_way", SETTINGS)}
    missing = [key for key in SETTINGS if key not in chosen]
    if missing:
        raise Mistake("missing", f"my_way has no {missing[0]} yet: set it, as in {{{SETTINGS_TEXT}}}.")
    steps, bias = plain(chosen["steps"]), plain(chosen["bias"])
    if isinstance(bias, bool) or not isinstance(bias, int | float):
        raise Mistake("no number", f"The bias has to be a number from -1 to 1, not {shown(bias)}.")
    distance, cloud, evaluations = _ends(str(chosen["sampler"]), biased_timesteps(steps, bias))
    picture = _seen(cloud, f"{counted(evaluations, 'evaluation')}: {distance.mean:.3f}")
    said = f"Distance {distance} with {counted(evaluations, 'evaluation')}"
    if distance.mean <= NEAR:
        return Outcome(
            True, f"{said}: close enough. Can you do it with fewer?", score=evaluations, picture=picture
        )
    if evaluations >= 60:
        raise Mistake(
            "wrong end",
            f"{said}: there are plenty of steps, but they are spent in the wrong place. Change the bias.",
            picture,
        )
    if bias > 0:
        raise Mistake(
            "noisy end",
            f"{said}: a bias above 0 spends the steps near the static. Try one below 0.",
            picture,
        )
    raise Mistake(
        "too far",
        f"{said}; the goal is {NEAR} or less. Try more steps, another bias or another sampler.",
        picture,
    )


SETTINGS_TEXT = ", ".join(f'"{key}": {value}' for key, value in SETTINGS.items())

way = written("way", _judge_way)


# --- four timesteps ------------------------------------------------------------------------------


def _judge_timesteps(answer: Any) -> Outcome:
    try:
        walk = [plain(t) for t in answer]
    except TypeError:
        raise Mistake("no list", f"my_timesteps has to be a list of numbers, not {shown(answer)}.") from None
    strange = [t for t in walk if isinstance(t, bool) or not isinstance(t, int)]
    if strange:
        raise Mistake("no whole number", f"Timesteps have to be whole numbers; {shown(strange[0])} is not.")
    if len(walk) != FEW + 1:
        raise Mistake(
            "number",
            f"{FEW} steps need {FEW + 1} timesteps, counting the 0 at the end; yours has {len(walk)}.",
        )
    if walk[-1] != 0:
        raise Mistake("no end", "The last timestep has to be 0: only there are the points clean.")
    if any(a <= b for a, b in itertools.pairwise(walk)):
        raise Mistake(
            "not falling", "Each timestep has to be smaller than the one before: noise only ever gets less."
        )
    if walk[0] != T_MAX:
        raise Mistake(
            "late start", f"The first timestep has to be {T_MAX}: what you start from is pure static."
        )
    distance, cloud, _ = _ends("ddim", walk)
    picture = _seen(cloud, f"{walk}: {distance.mean:.3f}")
    said = f"Your four steps end {distance} away from the cat"
    if distance.mean <= NEARER:
        return Outcome(
            True, f"{said}: much closer than evenly spread ones.", score=distance.mean, picture=picture
        )
    if walk == trailing(FEW):
        raise Mistake("even", f"{said}: those are spread evenly. Where are short steps worth more?", picture)
    if walk[1] > T_MAX // 2:
        raise Mistake(
            "noisy end",
            f"{said}: too many timesteps lie near the static. Move them towards the clean end.",
            picture,
        )
    raise Mistake(
        "too far",
        f"{said}; the goal is {NEARER} or less. Move one timestep at a time, and watch the distance.",
        picture,
    )


timesteps = written("timesteps", _judge_timesteps)


# --- a Heun step ---------------------------------------------------------------------------------


def _heun(predict: Predict, points: Points, t: int, s: int, curve: NoisePath) -> Points:
    """One step of the library's Heun."""
    states = sampling.heun(predict, points, [t, s, 0] if s else [t, 0], curve)
    next(states)
    return next(states).x


def _with_slopes(mix: Any, last: bool = False) -> Any:
    """A step by some mixture of the slopes at both ends; with `last`, also where no noise is left."""

    def function(predict: Predict, points: Points, t: int, s: int, curve: NoisePath) -> Points:
        slope = predict(points, t)
        ahead = curve.follow(points, slope, t, s)
        if s or last:
            ahead = curve.follow(points, mix(slope, predict(ahead, s)), t, s)
        return ahead

    return function


def _from_ahead(predict: Predict, points: Points, t: int, s: int, curve: NoisePath) -> Points:
    slope = predict(points, t)
    ahead = curve.follow(points, slope, t, s)
    return curve.follow(ahead, (slope + predict(ahead, s)) / 2, t, s) if s else ahead


def _same_place(predict: Predict, points: Points, t: int, s: int, curve: NoisePath) -> Points:
    slope = predict(points, t)
    return (
        curve.follow(points, (slope + predict(points, s)) / 2, t, s)
        if s
        else curve.follow(points, slope, t, s)
    )


def _same_time(predict: Predict, points: Points, t: int, s: int, curve: NoisePath) -> Points:
    slope = predict(points, t)
    ahead = curve.follow(points, slope, t, s)
    return curve.follow(points, (slope + predict(ahead, t)) / 2, t, s) if s else ahead


HEUNS = (
    Suspect(
        "euler",
        _with_slopes(lambda first, second: first),
        "That is Euler's step: look again at its end, and go by the mean of the two slopes.",
    ),
    Suspect(
        "last look",
        _with_slopes(lambda first, second: (first + second) / 2, last=True),
        "At following = 0 there is no noise left to name: return `ahead` there, without a second look.",
    ),
    Suspect(
        "no mean",
        _with_slopes(lambda first, second: first + second),
        "You add the two slopes: halve the sum to get their mean.",
    ),
    Suspect(
        "second only",
        _with_slopes(lambda first, second: second),
        "You go by the second slope alone: take the mean of both.",
    ),
    Suspect(
        "from ahead",
        _from_ahead,
        "You go on from `ahead`, but the second look is only a look: go from `points`, where you began.",
    ),
    Suspect(
        "same place",
        _same_place,
        "You take the second look at `points`: take it at the end of the step, at `ahead`.",
    ),
    Suspect(
        "same time",
        _same_time,
        "You ask for the second slope at timestep t: at the end of the step it is `following`.",
    ),
)


def _judge_heun(mine: Any) -> Outcome:
    points = torch.randn(400, 2, generator=fresh_generator())
    cases = {
        f"t = {t}, following = {s}": (_predict(), points, t, s, schedule())
        for t, s in ((1000, 900), (500, 300), (200, 100), (100, 0))
    }
    return compare(
        mine,
        _heun,
        cases,
        "my_heun_step",
        "predict, points, t, following, schedule",
        HEUNS,
        "Right: your step ends where Heun's ends. It asks twice, except for the last step.",
    )


heun_step = written("heun_step", _judge_heun)


# --- the bill ------------------------------------------------------------------------------------


def _counted(sampler: str, steps: int, w: float) -> int:
    """How often a network is asked, counted while a sampler walks with it."""
    asked = 0

    def network(x: Points, t: float, conditioning: Any) -> Points:
        nonlocal asked
        asked += 1
        return 0 * x

    predict = classifier_free_guidance(network, "a prompt", w)
    for _ in SAMPLERS[sampler].walk(predict, torch.ones(1, 2), trailing(steps), schedule(), generator(0)):
        pass
    return asked


def _bill(sampler: str, steps: int, w: float, guided: float = 2, heun: float = 2, last: int = 1) -> float:
    looks = heun * steps - last if sampler == "heun" else steps
    return looks * (1 if w in (0, 1) else guided)


BILLS = (
    Suspect(
        "steps",
        lambda sampler, steps, w: steps,
        "You return the steps alone: with guidance each look costs two evaluations, and Heun looks twice at "
        "a step.",
    ),
    Suspect(
        "no guidance",
        lambda sampler, steps, w: _bill(sampler, steps, w, guided=1),
        "Guidance is missing: it makes every look ask twice, without the prompt and with it.",
    ),
    Suspect(
        "always doubled",
        lambda sampler, steps, w: 2 * _bill(sampler, steps, w, guided=1),
        "You always double: at w = 0 and w = 1 one of the two predictions has no say, and costs nothing.",
    ),
    Suspect(
        "doubled at 0",
        lambda sampler, steps, w: _bill(sampler, steps, w) * (2 if w == 0 else 1),
        "At w = 0 only the prediction without the prompt counts: do not double there.",
    ),
    Suspect(
        "doubled at 1",
        lambda sampler, steps, w: _bill(sampler, steps, w) * (2 if w == 1 else 1),
        "At w = 1 only the prediction with the prompt counts: do not double there.",
    ),
    Suspect(
        "no heun",
        lambda sampler, steps, w: _bill(sampler, steps, w, heun=1, last=0),
        "Heun is missing: it looks at both ends of a step, so twice.",
    ),
    Suspect(
        "heun's last step",
        lambda sampler, steps, w: _bill(sampler, steps, w, last=0),
        "You count one look too many for Heun: its last step looks once, as no noise is left at its end.",
    ),
)


def _judge_evaluations(mine: Any) -> Outcome:
    bills = (
        ("ddim", 20, 4.0),
        ("ddim", 20, 1.0),
        ("heun", 20, 1.0),
        ("heun", 10, 4.0),
        ("dpm++ 2m", 8, 0.0),
        ("euler", 5, 2.0),
    )
    cases = {
        f"{sampler}, {counted(steps, 'step')}, w = {w:g}": (sampler, steps, w) for sampler, steps, w in bills
    }
    return compare(
        mine,
        _counted,
        cases,
        "my_evaluations",
        "sampler, steps, w",
        BILLS,
        "Every bill is right: the judge let the samplers run, and counted.",
    )


evaluations = written("evaluations", _judge_evaluations)

CHALLENGES = (way, timesteps, heun_step, evaluations)
