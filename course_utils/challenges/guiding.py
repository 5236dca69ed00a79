"""Challenges of notebook 5: the guidance line, two conventions, the gentlest dial, a sweet spot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch

from course_utils import judge, metrics
from course_utils.challenges.comparing import Suspect, compare, line_plot
from course_utils.challenges.engine import Mistake, Outcome, a_dict, fresh_generator
from course_utils.challenges.painted import marked_pages, painted_pages
from course_utils.challenges.texts import written
from course_utils.guidance import guide as guided
from course_utils.metrics.page_metrics import clipped, met
from course_utils.panels.guidance import universes
from course_utils.panels.stills import StillPicture
from course_utils.training.exam import prompts
from course_utils.training.examination import FIRST, SEED

OBEDIENT = 0.95  # share of prompts to meet
USUAL, CALM = 4.0, 60.0  # at most so many % of the colours that clip at the usual w may clip
DIALS = (0.0, 1.0, 4.0, 7.5, -2.0)
SHAPE = "ring"


# --- the guidance line ---------------------------------------------------------------------------

LINES = (
    Suspect(
        "swapped",
        lambda u, c, w: c + w * (u - c),
        "The two predictions are swapped: start at the unconditional one, go towards the conditional one.",
    ),
    Suspect(
        "from the conditional",
        lambda u, c, w: c + w * (c - u),
        "You start at the conditional prediction, as some papers do: start at the unconditional one, so that "
        "w = 1 gives the conditional prediction as it is.",
    ),
    Suspect(
        "one too few",
        lambda u, c, w: u + (w - 1) * (c - u),
        "Your w is one too small: at w = 1 the conditional prediction has to come out as it is.",
    ),
    Suspect(
        "minus",
        lambda u, c, w: u + w * (u - c),
        "You go away from the prompt: the difference is `conditional - unconditional`.",
    ),
    Suspect(
        "no start",
        lambda u, c, w: w * (c - u),
        "That is only the way: add the unconditional prediction, where it starts.",
    ),
    Suspect(
        "no difference",
        lambda u, c, w: u + w * c,
        "You multiply the conditional prediction by w: multiply the difference of the two.",
    ),
    Suspect(
        "only the conditional",
        lambda u, c, w: w * c,
        "You only multiply the conditional prediction by w: start at the unconditional one, and multiply the "
        "difference of the two.",
    ),
    Suspect(
        "brackets",
        lambda u, c, w: (u + w) * (c - u),
        "The brackets are in the wrong place: multiply the difference by w first, then add the start.",
    ),
    Suspect(
        "mean",
        lambda u, c, w: (u + c) / 2,
        "That is the mean of the two, whatever w is: w has to say how far to go.",
    ),
)


def _judge_guide(mine: Any) -> Outcome:
    chance = fresh_generator()
    cases = {f"w = {w:g}": (*torch.randn(2, 100, 2, generator=chance), w) for w in DIALS}
    return compare(
        mine,
        guided,
        cases,
        "my_guide",
        "unconditional, conditional, w",
        LINES,
        "Right at every w: 0 leaves the prompt out, 1 takes it as it was learned, and more exaggerates it.",
    )


guide = written("guide", _judge_guide)


# --- two conventions -----------------------------------------------------------------------------

COUNTINGS = (
    Suspect(
        "wrong way",
        lambda w: w + 1,
        "That goes the other way, from their s to our w: what is w = 1 here is s = 0 there.",
    ),
    Suspect(
        "the same", lambda w: w, "You return w unchanged, but what is w = 1 here is s = 0 there: convert it."
    ),
    Suspect(
        "mirrored",
        lambda w: 1 - w,
        "Your s falls as w grows: more guidance here has to be more guidance there, too.",
    ),
    Suspect(
        "sign",
        lambda w: -w,
        "Your s has the wrong sign: more guidance here has to be more guidance there, too.",
    ),
    Suspect("two", lambda w: w - 2, "You subtract too much: what is w = 1 here is s = 0 there."),
)


def _judge_convert(mine: Any) -> Outcome:
    without, with_prompt = torch.randn(2, 100, generator=fresh_generator())

    def theirs(w: float) -> float:
        """The s at which their formula, (1 + s) c - s u, gives what ours gives at w."""
        way = guided(without, with_prompt, w) - with_prompt  # s (c - u)
        return round(float((way / (with_prompt - without)).median()), 3)

    return compare(
        mine,
        theirs,
        {f"w = {w:g}": (w,) for w in DIALS},
        "my_s",
        "w",
        COUNTINGS,
        "Right: with your s their formula gives what ours gives at w. So their 7.5 is the stronger one: it "
        "is 8.5 here.",
    )


convert = written("convert", _judge_convert)


# --- the gentlest dial ---------------------------------------------------------------------------

DIAL = {"guidance": "4", "rescale": "0.5", "interval": "(0.1, 0.8)"}


def _painted_exam(chosen: Mapping[str, Any]) -> tuple[list[bool], float, StillPicture]:
    """Which of the exam's first prompts are met, the share of colours that clip, and the pages."""
    texts = prompts("fresh")[:FIRST]
    pages = painted_pages([{"prompt": text, "seed": SEED + k, **chosen} for k, text in enumerate(texts)])
    hits = met(judge.load(), pages, texts)
    return hits, float(clipped(pages).mean()), marked_pages(pages, hits)


@cache
def _usual_clipping() -> float:
    return _painted_exam({"guidance": USUAL})[1]


def _judge_dial(answer: Any) -> Outcome:
    chosen = a_dict(answer, "my_dial", DIAL)
    if "guidance" not in chosen:
        raise Mistake("no guidance", 'my_dial has to set "guidance"; the repairs are up to you.')
    hits, burnt, picture = _painted_exam(chosen)
    share, score = metrics.share(hits), 100 * burnt / _usual_clipping()
    said = f"{share.hits} of {share.count} prompts met, with {score:.0f} % of the clipping at w = {USUAL:g}"
    if share.mean < OBEDIENT and chosen["guidance"] <= 1:
        raise Mistake(
            "deaf", f"{said}: at w = 1 or below the prompt does not count enough. Turn w up.", picture
        )
    if share.mean < OBEDIENT:
        raise Mistake(
            "too few", f"{said}: {OBEDIENT:.0%} of the prompts have to be met. Try another w.", picture
        )
    if score > CALM and len(chosen) > 1 and chosen["guidance"] >= USUAL:
        raise Mistake("repaired only", f"{said}: the repair alone is not enough. Turn w down, too.", picture)
    if score > CALM:
        raise Mistake(
            "clipped", f"{said}: it obeys, but at most {CALM:.0f} % is allowed. Turn w down.", picture
        )
    return Outcome(
        True,
        f"{said}: it obeys, and clips little. Can you get it lower still?",
        score=score,
        picture=picture,
    )


dial = written("dial", _judge_dial)


# --- the sweet spot of another shape -------------------------------------------------------------


@cache
def _measured() -> universes.GuidanceCurve:
    return universes.measure_guidance(SHAPE)


def _made_up() -> universes.GuidanceCurve:
    """A curve as no painter has it, with its summit somewhere."""
    shares = torch.rand(6, generator=fresh_generator()).tolist()
    found = tuple(metrics.Estimate(share, 0.01, 5) for share in shares)
    return universes.GuidanceCurve((0.0, 0.7, 1.3, 2.9, 5.0, 11.0), found, found, found)


def _at_the(choose: Callable[[list[float]], float]) -> Callable[[universes.GuidanceCurve], float]:
    """The w at which the means have a value that is chosen from them."""

    def function(curve: universes.GuidanceCurve) -> float:
        means = [found.mean for found in curve.adherence]
        return curve.ws[means.index(choose(means))]

    return function


SPOTS = (
    Suspect(
        "the share",
        lambda curve: max(found.mean for found in curve.adherence),
        "That is how high the curve gets: return the w at which it gets there.",
    ),
    Suspect(
        "the place",
        lambda curve: curve.ws.index(curve.sweet_spot),
        "That is the place in the list: return the w at that place in `curve.ws`.",
    ),
    Suspect(
        "the lowest", _at_the(min), "That is the w of the lowest adherence: return the w of the highest."
    ),
    Suspect(
        "the last",
        lambda curve: curve.ws[-1],
        "That is the largest w, and too much tears the shape: return the w of the highest adherence.",
    ),
    Suspect(
        "the first",
        lambda curve: curve.ws[0],
        "That is the first w, where the prompt is left out: return the w of the highest adherence.",
    ),
    Suspect(
        "the heart's",
        lambda curve: 1.5,
        "You return the same w for every curve: let the code find it on the curve it is given.",
    ),
)


def _judge_sweet_spot(mine: Any) -> Outcome:
    curve = _measured()
    cases = {f"the {SHAPE}": (curve,), "a made-up curve": (_made_up(),), "another one": (_made_up(),)}
    compare(mine, lambda one: one.sweet_spot, cases, "my_sweet_spot", "curve", SPOTS)
    top = max(curve.adherence, key=lambda found: found.mean)
    tied = [one for one, found in zip(curve.ws, curve.adherence, strict=True) if found.meets(top)]
    means = [found.mean for found in curve.adherence]
    return Outcome(
        True,
        f"Right on any curve. The {SHAPE}'s sweet spot is w = {curve.sweet_spot:g}, but from w = "
        f"{min(tied):g} to {max(tied):g} the measurement sees no difference.",
        picture=line_plot({f"points on the {SHAPE}": (curve.ws, means)}, "w", marked=curve.sweet_spot),
    )


sweet_spot = written("sweet_spot", _judge_sweet_spot)

CHALLENGES = (guide, convert, dial, sweet_spot)
