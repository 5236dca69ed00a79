"""Challenges of notebook 3: attention by hand, and four that a judge decides who looks at the pages."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import Any

import numpy as np
import torch

from course_utils import judge, metrics
from course_utils.challenges.comparing import Suspect, compare
from course_utils.challenges.engine import Challenge, Mistake, Outcome, Par, a_dict, fresh_generator
from course_utils.challenges.painted import (
    a_prompt,
    marked_pages,
    painted_pages,
    said_otherwise,
    unsaid,
)
from course_utils.metrics.page_metrics import CORE, met
from course_utils.panels import page_painting
from course_utils.panels.stills import StillPicture, show_pictures
from course_utils.panels.steering import repaint
from course_utils.picturebook.captions import words
from course_utils.picturebook.draw import draw, draw_backdrop

WISH = "a blue cat in snow"
FORBIDDEN = ("blue", "blues", "bluish")
SEEDS = range(8)
ENOUGH = 7  # of SEEDS
UNSAID_ENOUGH = 5  # of SEEDS, where the colour must not be named
CELLS = 16  # of the page, each way
SAME = 12.0  # gray levels by which a cat may change and still be the same

Tensor = torch.Tensor


# --- attention -----------------------------------------------------------------------------------

ATTENTIONS = (
    Suspect(
        "no root",
        lambda q, k, v: (q @ k.mT).softmax(-1) @ v,
        "The scores are not divided by the root of d: without it the shares get too sharp.",
    ),
    Suspect(
        "divided by d",
        lambda q, k, v: (q @ k.mT / k.shape[-1]).softmax(-1) @ v,
        "The scores are divided by d itself: take its root.",
    ),
    Suspect(
        "wrong axis",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-2) @ v,
        "The softmax runs over the places: for each place the shares of the tokens are to add up to 1, softmax(-1).",
    ),
    Suspect(
        "no softmax",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5) @ v,
        "The scores are no shares yet: a softmax makes them positive, and add up to 1.",
    ),
    Suspect(
        "only shares",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1),
        "Those are the shares. What a place takes along is these shares of the values: @ v.",
    ),
    Suspect(
        "keys for values",
        lambda q, k, v: (q @ k.mT / k.shape[-1] ** 0.5).softmax(-1) @ k,
        "You take along the keys; keys are for finding, values for taking.",
    ),
    Suspect(
        "root of places",
        lambda q, k, v: (q @ k.mT / q.shape[-2] ** 0.5).softmax(-1) @ v,
        "d is the length of a query, q.shape[-1], not how many there are.",
    ),
)


def _judge_attend(mine: Any) -> Outcome:
    chance = fresh_generator()
    cases = {}
    for name, (heads, places, tokens, d) in {"a small layer": (1, 6, 5, 4), "a large layer": (4, 64, 32, 16)}.items():
        shapes = ((heads, places, d), (heads, tokens, d), (heads, tokens, d))
        cases[name] = tuple(2 * torch.randn(shape, generator=chance) for shape in shapes)
    return compare(
        mine,
        torch.nn.functional.scaled_dot_product_attention,
        cases,
        "my_attention",
        "q, k, v",
        ATTENTIONS,
        "The same as torch's scaled_dot_product_attention, which every painter and language model runs on.",
    )


attention = Challenge(
    name="attention",
    title="Attention in one line",
    task="From queries `q` (heads, places, d), keys `k` and values `v` (heads, tokens, d) return what each place takes "
    "along.",
    answer="my_attention",
    stub="def my_attention(q, k, v):\n    return ...  # ← your line",
    hints=(
        "The formula stands under *Attention*: scores, shares, and the shares of the values.",
        "Scores are `q @ k.mT`, divided by the root of d. Over which axis do the shares add up to 1?",
        "`.softmax(-1)` runs over the tokens; then comes `@ v`.",
    ),
    solution="def my_attention(q, k, v):\n    scores = q @ k.mT / k.shape[-1] ** 0.5\n"
    "    return scores.softmax(-1) @ v",
    judge=_judge_attend,
)


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
        said = f"Met on {hits} of {len(SEEDS)} pages, with {count} words."
        return Outcome(True, said, score=count, picture=picture)
    said, otherwise = f"Met on {hits} of {len(SEEDS)} pages", said_otherwise(prompt, WISH)
    if otherwise:
        mine, wished = otherwise[0]
        raise Mistake("another wish", f"{said}: you ask for {mine}, and the wish is {wished}.", picture)
    missing = unsaid(prompt, WISH)
    if missing:
        free = missing[0]
        raise Mistake(
            f"no {free}",
            f"{said}: no {free} is named, so the noise decides it; most often it is {_commonest(seen, free)}.",
            picture,
        )
    raise Mistake("unknown", f"{said}; {ENOUGH} are wanted. Say it more plainly, in words it learned.", picture)


meet = Challenge(
    name="meet",
    title="A blue cat in the snow",
    task="Write a prompt that brings a blue cat in the snow on at least 7 of 8 pages, in as few words as you can. "
    "A judge looks at the pages; guidance is 4.",
    answer="my_prompt",
    stub="my_prompt = ...  # ← for example \"a cat\"",
    hints=(
        "Three things must be said: what, in which colour, and where.",
        "Whatever you leave unsaid, the noise decides, another way on each page.",
        "It reads keywords as well: little words such as *a*, *in* and *the* can go.",
    ),
    solution='my_prompt = "blue cat snow"',
    judge=_judge_meet,
    par=Par(3, "words"),
)

REQUEST = {"prompt": '"a cat in snow"', "negative": '""', "guidance": "4", "other": '""', "blend": "0.0"}


def _judge_without(answer: Any) -> Outcome:
    request = a_dict(answer, "my_request", REQUEST)
    if "prompt" not in request:
        raise Mistake("no prompt", 'my_request is to hold a "prompt".')
    for key in ("prompt", "negative", "other"):
        if request.get(key):
            text = a_prompt(request[key], key)
            named = [word for word in words(text) if word in FORBIDDEN]
            if named:
                raise Mistake("blue", f"The word {named[0]} stands in your {key}: it is to come about unsaid.")
    hits, seen, picture = _marked([{"seed": seed, **request} for seed in SEEDS])
    said = f"A blue cat in snow on {hits} of {len(SEEDS)} pages"
    if hits >= UNSAID_ENOUGH:
        return Outcome(True, f"{said}, and nobody said so: you steered away from its opposite.", picture=picture)
    rest = [name for name in unsaid(request["prompt"], WISH) if name != "colour"]
    if rest:
        raise Mistake(f"no {rest[0]}", f"{said}: your prompt may name the {rest[0]}, only not the colour.", picture)
    otherwise = [mine for mine, wished in said_otherwise(request["prompt"], WISH)]
    if otherwise:
        raise Mistake("another wish", f"{said}: your prompt asks for {otherwise[0]}.", picture)
    if not request.get("negative"):
        raise Mistake("no push", f"{said}: the noise decides the colour. Push it with a negative prompt.", picture)
    colour = _commonest(seen, "colour")
    raise Mistake(
        "wrong push", f"{said}; most are {colour}. Away from which colour does this painter find blue?", picture
    )


without = Challenge(
    name="without",
    title="The same without saying blue",
    task="Get a blue cat in the snow on at least 5 of 8 pages, but the word *blue* stands nowhere. You may set "
    "`prompt`, `negative`, `guidance`, and `other` with `blend`.",
    answer="my_request",
    stub='my_request = {\n    "prompt": "a cat in snow",\n    "negative": ...,  # ← away from what?\n}',
    hints=(
        "Guidance pushes away from a negative prompt. A push away from one colour is a push towards another.",
        "Colours that lie opposite each other look so to the network, too. Which one lies opposite blue?",
        'A negative prompt of one word, the opposite of blue: try `"orange"`, then others, and look.',
    ),
    solution='my_request = {"prompt": "a cat in snow", "negative": "orange"}',
    judge=_judge_without,
)


# --- what the noise decides ----------------------------------------------------------------------


def _differences(prompt: str) -> tuple[metrics.Estimate, np.ndarray]:
    """In how many of subject, colour and setting two pages of a prompt differ, 0..3, and the pages.

    The error bar is a jackknife's: it leaves out one seed at a time, as couples that share a seed are not
    independent. The pages are (n, side, side, 3).
    """
    pages = painted_pages([{"prompt": prompt, "seed": seed} for seed in range(12)])
    seen = [[verdict.answers[name] for name in CORE] for verdict in judge.load().read(pages)]
    apart = np.array([[sum(a != b for a, b in zip(one, other, strict=True)) for other in seen] for one in seen])
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
    said = f"Two pages of yours differ in {mine.mean:.1f} ± {mine.error:.1f} of three things"
    compared = f"those of 'a cat' in {cat.mean:.1f} ± {cat.error:.1f}"
    if mine.mean - cat.mean > 2 * np.hypot(mine.error, cat.error):
        return Outcome(True, f"{said}, {compared}: the less is said, the more the noise decides.", picture=picture)
    named = [name for name in CORE if name not in unsaid(prompt, "a blue cat in snow")]
    if len(named) > 1:
        raise Mistake("too much said", f"{said}, {compared}: {' and '.join(named)} are settled by your words.", picture)
    if named:
        raise Mistake("one named", f"{said}, {compared}: as with 'a cat', the {named[0]} is settled. Leave it open.", picture)
    raise Mistake("unknown", f"{said}, {compared}: no difference that chance could not make.", picture)


widest = Challenge(
    name="widest",
    title="Leave it to the noise",
    task="Find a prompt whose pages differ more from seed to seed than those of *a cat*. The judge counts in how many "
    "of subject, colour and setting two pages differ, over 12 seeds.",
    answer="my_open_prompt",
    stub="my_open_prompt = ...  # ← for example \"a red cat\"",
    hints=(
        "Every word settles something, on all pages alike. What does *a cat* settle?",
        "The widest prompt names no subject, no colour and no setting.",
        "One word that could be anything does it.",
    ),
    solution='my_open_prompt = "something"',
    judge=_judge_widest,
)


# --- repainting ----------------------------------------------------------------------------------


@cache
def _cat_pixels() -> np.ndarray:
    """Where the cat is on the page to repaint, (side, side) bool: where it differs from its bare backdrop."""
    return (draw(repaint.PAGE) != draw_backdrop(repaint.PAGE)).any(-1)


def cat_cells() -> np.ndarray:
    """The cells of which at least a half is cat, (16, 16) bool."""
    side = _cat_pixels().shape[0] // CELLS
    return _cat_pixels().reshape(CELLS, side, CELLS, side).mean((1, 3)) >= 0.5


def _judge_repair(answer: Any) -> Outcome:
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise Mistake("no pair", "The judge wants two things: my_words and my_hole.")
    prompt, hole = a_prompt(answer[0], "my_words"), _a_hole(answer[1])
    inside = float((hole & cat_cells()).sum() / cat_cells().sum())
    painting, _ = repaint.repainted(page_painting.settings(prompt, seed=7), hole, 1.0)
    seen = judge.load().read(painting.pixels[None])[0].answers
    change = np.abs(painting.pixels.astype(float) - repaint.page()).mean(-1)
    moved = float(change[_cat_pixels()].mean())
    picture = show_pictures({"before": repaint.page(), "your hole": _with_hole(hole), "after": painting.pixels})
    setting = seen["setting"] or "nothing it knows"
    said = f"The judge sees {setting}, and the cat has changed by {moved:.0f} gray levels"
    if seen["setting"] == "snow" and seen["subject"] == "cat" and moved <= SAME:
        return Outcome(True, f"{said}: the same cat, somewhere else.", picture=picture)
    if inside > 0.5 and (hole & ~cat_cells()).sum() < (~hole & ~cat_cells()).sum():
        raise Mistake("inside out", f"{said}: your hole is the cat. Repaint all the rest instead, `~my_hole`.", picture)
    if moved > SAME:
        raise Mistake("cat repainted", f"{said}: more of the cat has to stay out of the hole.", picture)
    if seen["setting"] != "snow" and "setting" in unsaid(prompt, WISH):
        raise Mistake("no setting", f"{said}: your words do not say where the cat is.", picture)
    if seen["setting"] != "snow":
        raise Mistake("too little", f"{said}: too much of the meadow is left, or your words ask for it.", picture)
    raise Mistake("unknown", f"{said}; it sees {seen['subject'] or 'no subject it knows'} there.", picture)


def _a_hole(value: Any) -> np.ndarray:
    """A hole (16, 16) bool out of an answer, or a `Mistake`."""
    try:
        hole = np.asarray(value)
        hole = hole.astype(bool) if hole.dtype.kind in "biuf" else hole[:0]
    except (TypeError, ValueError, RuntimeError):
        hole = np.zeros(0)
    if hole.shape != (CELLS, CELLS):
        raise Mistake("no hole", f"my_hole is to be {CELLS} x {CELLS} cells, True where it is to be repainted.")
    if not hole.any():
        raise Mistake("empty hole", "Nothing is repainted yet: set cells of my_hole to True.")
    if hole.all():
        raise Mistake("all hole", "Everything is repainted: set the cells of the cat to False.")
    return hole


def _with_hole(hole: np.ndarray) -> np.ndarray:
    """The page with its hole in gray, (side, side, 3) uint8."""
    page = repaint.page().copy()
    side = page.shape[0] // CELLS
    page[np.kron(hole, np.ones((side, side), bool))] = 128
    return page


repair = Challenge(
    name="repair",
    title="The same cat, somewhere else",
    task="Take the cat of the page, hat and all, from the meadow into the snow: choose what is repainted, 16 x 16 "
    "cells with True where new paint goes, and say what belongs there. The cat itself has to stay.",
    answer="my_hole",
    stub="my_words = ...  # ← what is on the finished page\n"
    "my_hole = torch.zeros(16, 16, dtype=torch.bool)\nmy_hole[...] = True  # ← rows, columns",
    hints=(
        "The cat sits in the middle: what is repainted is the frame around it.",
        "Begin with everything, `my_hole[:] = True`, then take the cat out: set a rectangle to False.",
        "Rows 2 to 13 and columns 4 to 11 hold the cat; `[2:14, 4:12]`. The words name the cat, its hat, and the snow.",
    ),
    solution='my_words = "an orange cat with a hat in the snow"\nmy_hole = torch.ones(16, 16, dtype=torch.bool)\n'
    "my_hole[2:14, 4:12] = False",
    judge=_judge_repair,
)

CHALLENGES = (attention, meet, without, widest, repair)
