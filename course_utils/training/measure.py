"""Measure a painter of pages: the figures of its card and the curves of the notebooks.

python -m course_utils.training.measure

Every point is kept in runs/measure/ as soon as it is known, so that a run that was stopped goes on. Shares
carry the 95 % interval of Wilson. The first judge chooses the dial; what the second says decides nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from course_utils.metrics.page_metrics import frechet, nearest
from course_utils.painters import SAMPLERS
from course_utils.runcards.settings import GUIDANCE, STEPS
from course_utils.runtime import MODELS
from course_utils.training import loop
from course_utils.training.exam import COUNT, OLD, TOLD, prompts
from course_utils.training.examination import LIBRARY, MANY, SOME, Examination, eyes, features, real
from course_utils.training.kept import KeptPages

COUNTS = (1, 2, 3, 5, 10, 20, 60)
DIALS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 11.0, 15.0)
EVALUATIONS = (4, 6, 10, 20, 40)
SAMPLER_DIALS = (2.0, 4.0)  # which sampler leads depends on w
PLANE_STEPS = (1, 2, 3, 5, 8, 12, 20, 30)
PLANE_DIALS = (0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 11.0, 15.0)
PLANE_COUNT = 48  # questions a cell
VARIETY_DIALS = (0.0, 1.0, 3.0, 8.0, 15.0)
VARIETY_SEEDS = 16
VAGUE = "a cat"  # nothing is said of quality
POOR: Mapping[str, dict[str, Any]] = {
    "unguided": {"guidance": 1.0},
    "guided": {},
    "guided, with a negative prompt": {"negative": "blurry, low quality"},
}
BOTH = ("fresh", "held_out")  # asked of every variant; the other lists of the painter at its card's settings
DEFAULT: dict[str, Any] = {"steps": STEPS, "guidance": GUIDANCE}
# What the card of each painter is measured at, and what else is measured beside it, by name. Samplers are
# the checkpoints' own; the first judge chose guidance.
CARDS: Mapping[str, dict[str, Any]] = {
    "picturebook": {"steps": 20, "guidance": GUIDANCE},
    "picturebook-flow": {"steps": 20, "guidance": 5.0},
    "picturebook-fast": {"steps": 4, "guidance": GUIDANCE},
}
BESIDE: Mapping[str, dict[str, dict[str, Any]]] = {
    "picturebook": {
        "w = 0": {"guidance": 0.0},
        "3 steps": {"steps": 3},
        # Few steps and strong guidance hurt together: the teacher's best w at six evaluations is this one.
        "3 steps, w = 2": {"steps": 3, "guidance": 2.0},
    },
    "picturebook-flow": {"w = 0": {"guidance": 0.0}, "10 steps": {"steps": 10}},
    "picturebook-fast": {"2 steps": {"steps": 2}, "1 step": {"steps": 1}},
}


def steps_within(evaluations: int, sampler: str) -> int:
    """How many guided steps of a sampler so many evaluations pay for; a step of Heun's looks twice."""
    passes = evaluations // 2  # a guided look is two evaluations
    return (passes + 1) // 2 if sampler == "heun" else passes


def curves(exam: Examination) -> dict[str, Any]:
    """Guidance, steps, samplers and repairs, some questions a point."""
    steps, w = DEFAULT["steps"], DEFAULT["guidance"]

    def at(name: str, **settings: Any) -> dict[str, Any]:
        return exam.point(name, lambda: exam.marked("fresh", exam.some, **settings)) | settings

    def variety(dial: float) -> dict[str, Any]:
        found = exam.point(
            f"variety-{dial:g}", lambda: exam.variety(VARIETY_SEEDS, guidance=dial, steps=steps)
        )
        return {"guidance": dial, "variety": found}

    def ranked(sampler: str, evaluations: int, dial: float) -> dict[str, Any]:
        count = steps_within(evaluations, sampler)
        found = at(f"sampler-{sampler}-{count}-{dial:g}", sampler=sampler, steps=count, guidance=dial)
        return found | {"evaluations": 2 * (2 * count - 1 if sampler == "heun" else count)}

    return {
        "floor": exam.point(
            "floor", lambda: {"frechet": frechet(real(exam.some, exam.some), real(exam.some))}
        ),
        "variety": [variety(dial) for dial in VARIETY_DIALS],
        "guidance": [at(f"guidance-{dial:g}", guidance=dial, steps=steps) for dial in DIALS],
        "steps": [at(f"steps-{count}", steps=count, guidance=w) for count in COUNTS],
        "samplers": {
            sampler: [ranked(sampler, most, dial) for dial in SAMPLER_DIALS for most in EVALUATIONS]
            for sampler in SAMPLERS
        },
        "repairs": {
            "rescaled": [
                at(f"rescaled-{d:g}", guidance=d, steps=steps, rescale=0.7) for d in (4.0, 8.0, 15.0)
            ],
            "interval": [
                at(f"interval-{d:g}", guidance=d, steps=steps, interval=(0.2, 0.8)) for d in (4.0, 8.0, 15.0)
            ],
        },
    }


def plane(exam: Examination) -> dict[str, Any]:
    """Prompts met for every pair of steps and guidance, PLANE_COUNT questions a cell."""

    def cell(count: int, w: float) -> dict[str, Any]:
        texts = prompts("fresh")[:PLANE_COUNT]
        return exam.read(exam.paint(texts, steps=count, guidance=w), texts)

    return {
        "cells": [
            exam.point(f"plane-{count}-{w:g}", partial(cell, count, w)) | {"steps": count, "guidance": w}
            for count in PLANE_STEPS
            for w in PLANE_DIALS
        ]
    }


def figures(exam: Examination) -> dict[str, Any]:
    """The figures of the card."""
    card = CARDS[exam.painter.name]

    def shares(name: str, settings: Mapping[str, Any], splits: Sequence[str]) -> dict[str, Any]:
        return {
            split: exam.point(f"{name}-{split}", partial(exam.marked, split, exam.count, **settings))
            for split in splits
        }

    def marks(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        variety = exam.point(f"{name}-variety", lambda: exam.variety(VARIETY_SEEDS, **settings))
        return {"settings": settings, **shares(name, settings, BOTH), "variety": variety}

    return {
        **marks("card", card),
        **shares("card", card, (*(split for split in TOLD if split not in BOTH), *OLD)),
        "famous": exam.point("famous", lambda: exam.famous(exam.some, **card)),
        "poor": exam.point("poor", lambda: poor(exam, card)),
        "frechet": exam.point("frechet", lambda: frechets(exam, card)),
        "novelty": exam.point("novelty", lambda: novelty(exam, card)),
        "beside": {
            name: marks(f"card, {name}", card | changes)
            for name, changes in BESIDE[exam.painter.name].items()
        },
    }


def poor(exam: Examination, card: Mapping[str, Any]) -> dict[str, Any]:
    """Poor pages for a prompt that says nothing of their quality, each way that the painter can be asked."""
    return {
        name: exam.poor(VAGUE, exam.count, **{**card, **changes})
        for name, changes in POOR.items()
        if exam.takes(**changes)
    }


def frechets(exam: Examination, card: Mapping[str, Any]) -> dict[str, float]:
    """Distances to as many fresh pages: of other fresh pages, of their VAE round trips, of paintings.

    What is painted are captions of those other pages, as vague and as often poor as they are.
    """
    pages, count = KeptPages("fresh", seed=3), exam.many
    numbers = range(count, 2 * count)
    painted = exam.paint([pages.caption(number) for number in numbers], **card)
    decode, encode = exam.painter.decode, exam.painter.encode_image
    back = np.stack([decode(encode(pages.page(number))) for number in numbers])
    return {
        "real": frechet(real(count, count), real(count)),
        "reconstructed": frechet(eyes().describe(back), real(count)),
        "painted": frechet(eyes().describe(painted), real(count)),
        "pages": count,
    }


def novelty(exam: Examination, card: Mapping[str, Any]) -> dict[str, float]:
    """Mean distance to the nearest training page: of paintings, of unseen pages, and their quotient."""
    known = features(KeptPages("train"), 0, exam.library)
    painted = nearest(eyes().describe(exam.answers("fresh", exam.count, **card)), known)
    unseen = nearest(real(exam.count), known)
    return {
        "painted": float(painted.mean()),
        "unseen": float(unseen.mean()),
        "quotient": float(painted.mean() / unseen.mean()),
        "training pages": exam.library,
    }


def sheet(exam: Examination, path: Path, side: int = 10) -> None:
    """Real pages on the left, paintings of the same captions at the default settings on the right."""
    pages = KeptPages("fresh", seed=4)
    numbers = range(side * side)
    real_pages = np.stack([pages.page(number) for number in numbers])
    painted = exam.paint([pages.caption(number) for number in numbers], **DEFAULT)
    walls = [
        np.concatenate(np.concatenate(half.reshape(side, side, *half.shape[1:]), 1), 1)
        for half in (real_pages, painted)
    ]
    gap = np.full((walls[0].shape[0], 24, 3), 255, np.uint8)
    Image.fromarray(np.concatenate([walls[0], gap, walls[1]], 1)).save(path, quality=85)


PARTS = {"figures": figures, "curves": curves, "plane": plane}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write figures.json, curves.json and plane.json beside the painter's weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--painter", default="picturebook")
    parser.add_argument("--only", choices=list(PARTS))
    parser.add_argument("--sheet", type=Path, help="write only a sheet of real pages beside painted ones")
    parser.add_argument("--questions", type=int, default=COUNT, help="prompts for each figure of the card")
    parser.add_argument("--some", type=int, default=SOME, help="prompts for each point of a curve")
    parser.add_argument("--many", type=int, default=MANY, help="pages of a Fréchet distance")
    parser.add_argument("--library", type=int, default=LIBRARY, help="training pages to compare with")
    chosen = parser.parse_args(arguments)
    folder = loop.RUNS / "measure" / Path(chosen.painter).name
    exam = Examination(chosen.painter, folder, chosen.questions, chosen.some, chosen.library, chosen.many)
    if chosen.sheet:
        sheet(exam, chosen.sheet)
        return
    for name, compute in PARTS.items():
        if chosen.only in (None, name):
            target = MODELS / chosen.painter / f"{name}.json"
            target.write_text(json.dumps(compute(exam), indent=1) + "\n")


if __name__ == "__main__":
    main()
