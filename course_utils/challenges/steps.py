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
from course_utils.runtime import generator, plain, shown
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
        raise Mistake("missing", f"my_way is to say which {missing[0]}, as in {{{SETTINGS_TEXT}}}.")
    steps, bias = plain(chosen["steps"]), plain(chosen["bias"])
    if isinstance(bias, bool) or not isinstance(bias, int | float):
        raise Mistake("no number", f"The bias is a number from -1 to 1, not {shown(bias)}.")
    distance, cloud, evaluations = _ends(str(chosen["sampler"]), biased_timesteps(steps, bias))
    picture = _seen(cloud, f"{evaluations} evaluations: {distance.mean:.3f}")
    said = f"Distance {distance} with {evaluations} evaluations"
    if distance.mean <= NEAR:
        return Outcome(
            True, f"{said}: near enough. Can it be had for fewer?", score=evaluations, picture=picture
        )
    if evaluations >= 60:
        raise Mistake(
            "wrong end", f"{said}: not the number is at fault, but where the steps are spent.", picture
        )
    if bias > 0:
        raise Mistake(
            "noisy end", f"{said}; a bias above 0 spends the steps near the static. Is that wise?", picture
        )
    raise Mistake(
        "too far", f"{said}; the goal is {NEAR}. Try a step more, another bias or another sampler.", picture
    )


SETTINGS_TEXT = ", ".join(f'"{key}": {value}' for key, value in SETTINGS.items())

way = written("way", _judge_way)


# --- four timesteps ------------------------------------------------------------------------------


def _judge_timesteps(answer: Any) -> Outcome:
    try:
        walk = [plain(t) for t in answer]
    except TypeError:
        raise Mistake("no list", f"my_timesteps is to be a list of numbers, not {shown(answer)}.") from None
    strange = [t for t in walk if isinstance(t, bool) or not isinstance(t, int)]
    if strange:
        raise Mistake("no whole number", f"Timesteps are whole numbers; {shown(strange[0])} is none.")
    if len(walk) != FEW + 1:
        raise Mistake(
            "number",
            f"{FEW} steps visit {FEW + 1} timesteps, the 0 at the end among them; yours are {len(walk)}.",
        )
    if walk[-1] != 0:
        raise Mistake("no end", "The last timestep is to be 0: only there the points are clean.")
    if any(a <= b for a, b in itertools.pairwise(walk)):
        raise Mistake("not falling", "Timesteps are to fall from one to the next, for noise only gets less.")
    if walk[0] != T_MAX:
        raise Mistake(
            "late start", f"The first timestep is to be {T_MAX}: what you start from is pure static."
        )
    distance, cloud, _ = _ends("ddim", walk)
    picture = _seen(cloud, f"{walk}: {distance.mean:.3f}")
    said = f"Your four steps end {distance} away"
    if distance.mean <= NEARER:
        return Outcome(True, f"{said}: less than the even ones by far.", score=distance.mean, picture=picture)
    if walk == trailing(FEW):
        raise Mistake("even", f"{said}; those are the even ones. Where are short steps worth more?", picture)
    if walk[1] > T_MAX // 2:
        raise Mistake(
            "noisy end", f"{said}; too many of them lie near the static. Move them to the clean end.", picture
        )
    raise Mistake("too far", f"{said}; the goal is {NEARER}. Move one timestep at a time and watch.", picture)


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
        "That is Euler's step. Heun looks again at its end, and goes by the mean of the two slopes.",
    ),
    Suspect(
        "last look",
        _with_slopes(lambda first, second: (first + second) / 2, last=True),
        "At following = 0 there is no noise left to name: the last step goes by its first slope alone.",
    ),
    Suspect(
        "no mean",
        _with_slopes(lambda first, second: first + second),
        "The two slopes are added: halve their sum.",
    ),
    Suspect(
        "second only",
        _with_slopes(lambda first, second: second),
        "You go by the second slope alone: take the mean of both.",
    ),
    Suspect("from ahead", _from_ahead, "The second look is only a look: go again from where you began."),
    Suspect(
        "same place", _same_place, "The second look is taken from where you began: look from the step's end."
    ),
    Suspect(
        "same time", _same_time, "The second look is told timestep t: at the step's end it is following."
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
        "Your step ends where Heun's ends. It asks twice, but for the last one.",
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
        "Those are the steps. A step costs two evaluations with guidance, and two looks with Heun.",
    ),
    Suspect(
        "no guidance",
        lambda sampler, steps, w: _bill(sampler, steps, w, guided=1),
        "Guidance is missing: with it every look asks twice, without the prompt and with it.",
    ),
    Suspect(
        "always doubled",
        lambda sampler, steps, w: 2 * _bill(sampler, steps, w, guided=1),
        "At w = 0 and w = 1 one of the two predictions has no say, and is not paid for.",
    ),
    Suspect(
        "doubled at 0",
        lambda sampler, steps, w: _bill(sampler, steps, w) * (2 if w == 0 else 1),
        "At w = 0 only the prediction without the prompt counts: it is not doubled.",
    ),
    Suspect(
        "doubled at 1",
        lambda sampler, steps, w: _bill(sampler, steps, w) * (2 if w == 1 else 1),
        "At w = 1 only the prediction with the prompt counts: it is not doubled.",
    ),
    Suspect(
        "no heun",
        lambda sampler, steps, w: _bill(sampler, steps, w, heun=1, last=0),
        "Heun is missing: it looks at both ends of a step.",
    ),
    Suspect(
        "heun's last step",
        lambda sampler, steps, w: _bill(sampler, steps, w, last=0),
        "Heun's last step looks only once: at its end there is no noise left.",
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
    cases = {f"{sampler}, {steps} steps, w = {w:g}": (sampler, steps, w) for sampler, steps, w in bills}
    return compare(
        mine,
        _counted,
        cases,
        "my_evaluations",
        "sampler, steps, w",
        BILLS,
        "Every bill was right; the judge let the samplers walk and counted.",
    )


evaluations = written("evaluations", _judge_evaluations)

CHALLENGES = (way, timesteps, heun_step, evaluations)
