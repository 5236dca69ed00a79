"""Challenges of notebook 3: attention by hand, and four that a judge decides who looks at the pages."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import torch

from course_utils import judge, metrics
from course_utils.challenges.comparing import Suspect, compare
from course_utils.challenges.engine import Mistake, Outcome, a_dict, fresh_generator
from course_utils.challenges.painted import (
    a_prompt,
    marked_pages,
    painted_pages,
    said_otherwise,
    unsaid,
)
from course_utils.challenges.texts import written
from course_utils.metrics.page_metrics import CORE, met
from course_utils.panels.stills import StillPicture
from course_utils.picturebook.captions import words

WISH = "a blue cat in snow"
FORBIDDEN = ("blue", "blues", "bluish")
SEEDS = range(8)
ENOUGH = 7  # of SEEDS
UNSAID_ENOUGH = 6  # of SEEDS, where the colour must not be named

Tensor = torch.Tensor


# --- attention -----------------------------------------------------------------------------------

ATTENTIONS = (
    Suspect(
        "no root",
        lambda q, k, v: (q @ k.mT).softmax(-1) @ v,
        "The scores are not divided yet: divide them by the root of d, or the shares get too sharp.",
    ),
    Suspect(
        "divided by d",
        lambda q, k, v: (q @ k.mT / k.shape[-1]).softmax(-1) @ v,
        "You divide the scores by d itself: divide by its root.",
    ),
    Suspect(
        "wrong axis",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-2) @ v,
        "Your softmax runs over the places: take `softmax(-1)`, so that for each place the shares of the "
        "tokens add up to 1.",
    ),
    Suspect(
        "no softmax",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5) @ v,
        "Your scores are not shares yet: a softmax makes them positive, and makes them add up to 1.",
    ),
    Suspect(
        "only shares",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1),
        "Those are only the shares: use them to mix the values, with `@ v`.",
    ),
    Suspect(
        "keys for values",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1) @ k,
        "You mix the keys: keys are only for finding, so mix the values `v`.",
    ),
    Suspect(
        "root of places",
        lambda q, k, v: (q @ k.mT / q.shape[-2] ** 0.5).softmax(-1) @ v,
        "You divide by the root of how many queries there are: d is how long a query is, `q.shape[-1]`.",
    ),
)


def _judge_attend(mine: Any) -> Outcome:
    chance = fresh_generator()
    cases = {}
    for name, (heads, places, tokens, d) in {
        "a small layer": (1, 6, 5, 4),
        "a large layer": (4, 64, 32, 16),
    }.items():
        shapes = ((heads, places, d), (heads, tokens, d), (heads, tokens, d))
        cases[name] = tuple(2 * torch.randn(shape, generator=chance) for shape in shapes)
    return compare(
        mine,
        torch.nn.functional.scaled_dot_product_attention,
        cases,
        "my_attention",
        "q, k, v",
        ATTENTIONS,
        "Right: the same as torch's `scaled_dot_product_attention`, which painters and language models use.",
    )


attention = written("attention", _judge_attend)


# --- a wish --------------------------------------------------------------------------------------


def _marked(requests: list[dict[str, Any]]) -> tuple[int, list[judge.Verdict], StillPicture]:
    """On how many pages the judge finds the wish, what it sees on each, and the pages with their marks."""
    pages = painted_pages(requests)
    hits = met(judge.load(), pages, [WISH] * len(pages))
    return sum(hits), judge.load().read(pages), marked_pages(pages, hits)


def _commonest(seen: list[judge.Verdict], name: str) -> str:
    answers = [verdict.answers[name] or "nothing it knows" for verdict in seen]
    return max(set(answers), key=answers.count)


def _judge_meet(answer: Any) -> Outcome:
    prompt = a_prompt(answer, "my_prompt")
    hits, seen, picture = _marked([{"prompt": prompt, "seed": seed} for seed in SEEDS])
    count = len(words(prompt))
    if hits >= ENOUGH:
        said = f"A blue cat in snow on {hits} of {len(SEEDS)} pages, with {count} words."
        return Outcome(True, said, score=count, picture=picture)
    said, otherwise = f"A blue cat in snow on {hits} of {len(SEEDS)} pages", said_otherwise(prompt, WISH)
    if otherwise:
        mine, wished = otherwise[0]
        raise Mistake("another wish", f"{said}: you ask for {mine}, but it should be {wished}.", picture)
    missing = unsaid(prompt, WISH)
    if missing:
        free = missing[0]
        raise Mistake(
            f"no {free}",
            f"{said}: your prompt names no {free}, so the noise decides it; most often it is "
            f"{_commonest(seen, free)}. Name it.",
            picture,
        )
    raise Mistake(
        "unknown",
        f"{said}; {ENOUGH} are needed. Say it more plainly, in words the painter has learned.",
        picture,
    )


meet = written("meet", _judge_meet)

REQUEST = {"prompt": '"a cat in snow"', "negative": '""', "guidance": "4", "other": '""', "blend": "0.0"}


def _judge_without(answer: Any) -> Outcome:
    request = a_dict(answer, "my_request", REQUEST)
    if "prompt" not in request:
        raise Mistake("no prompt", 'my_request has to hold a "prompt".')
    for key in ("prompt", "negative", "other"):
        if request.get(key):
            text = a_prompt(request[key], key)
            named = [word for word in words(text) if word in FORBIDDEN]
            if named:
                raise Mistake(
                    "blue",
                    f"The word {named[0]} is in your {key}: take it out, and get the colour without it.",
                )
    hits, seen, picture = _marked([{"seed": seed, **request} for seed in SEEDS])
    said = f"A blue cat in snow on {hits} of {len(SEEDS)} pages"
    if hits >= UNSAID_ENOUGH:
        return Outcome(
            True, f"{said}, and nobody said blue: you steered there without naming it.", picture=picture
        )
    rest = [name for name in unsaid(request["prompt"], WISH) if name != "colour"]
    if rest:
        raise Mistake(
            f"no {rest[0]}",
            f"{said}: your prompt names no {rest[0]}. Name it; only the colour has to stay unsaid.",
            picture,
        )
    otherwise = [mine for mine, wished in said_otherwise(request["prompt"], WISH)]
    if otherwise:
        raise Mistake("another wish", f"{said}: your prompt asks for {otherwise[0]}. Leave it out.", picture)
    if not request.get("negative"):
        raise Mistake(
            "no push", f"{said}: the noise decides the colour. Push it with a negative prompt.", picture
        )
    colour = _commonest(seen, "colour")
    raise Mistake(
        "wrong push",
        f"{said}; the colour is mostly {colour}. Away from which colour must you push to get blue?",
        picture,
    )


without = written("without", _judge_without)


# --- what the noise decides ----------------------------------------------------------------------


def _differences(prompt: str) -> tuple[metrics.Estimate, np.ndarray]:
    """In how many of subject, colour and setting two pages of a prompt differ, 0..3, and the pages.

    The error bar is a jackknife's: it leaves out one seed at a time, as couples that share a seed are not
    independent. The pages are (n, side, side, 3).
    """
    pages = painted_pages([{"prompt": prompt, "seed": seed} for seed in range(12)])
    seen = [[verdict.answers[name] for name in CORE] for verdict in judge.load().read(pages)]
    apart = np.array(
        [[sum(a != b for a, b in zip(one, other, strict=True)) for other in seen] for one in seen]
    )
    count = len(seen)

    def mean(kept: list[int]) -> float:
        return float(np.mean([apart[a, b] for a, b in combinations(kept, 2)]))

    left_out = np.array([mean([k for k in range(count) if k != gone]) for gone in range(count)])
    error = float(np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum()))
    return metrics.Estimate(mean(list(range(count))), error, count), pages


@cache
def _of_a_cat() -> metrics.Estimate:
    return _differences("a cat")[0]


def _judge_widest(answer: Any) -> Outcome:
    prompt = a_prompt(answer, "my_open_prompt")
    (mine, pages), cat = _differences(prompt), _of_a_cat()
    picture = marked_pages(pages, [True] * len(pages))
    said = f"On average two of your pages differ in {mine.mean:.1f} ± {mine.error:.1f} of the three things"
    compared = f"two of 'a cat' in {cat.mean:.1f} ± {cat.error:.1f}"
    if mine.mean - cat.mean > 2 * np.hypot(mine.error, cat.error):
        return Outcome(
            True, f"{said}, {compared}: the less you say, the more the noise decides.", picture=picture
        )
    named = [name for name in CORE if name not in unsaid(prompt, "a blue cat in snow")]
    if len(named) > 1:
        raise Mistake(
            "too much said",
            f"{said}, {compared}: your words settle {' and '.join(named)}. Say less.",
            picture,
        )
    if named:
        raise Mistake(
            "one named",
            f"{said}, {compared}: your words still settle the {named[0]}. Leave that open, too.",
            picture,
        )
    raise Mistake(
        "unknown", f"{said}, {compared}: that could be chance. Try a prompt that says even less.", picture
    )


widest = written("widest", _judge_widest)


CHALLENGES = (attention, meet, without, widest)
