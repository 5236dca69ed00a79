"""Challenges of episode 5: the gentlest dial that obeys, the guidance line, two ways to count w."""

from __future__ import annotations

from typing import Any

import torch

from course_utils import guidance, judge, metrics
from course_utils.challenges.engine import Function, held_against
from course_utils.metrics.page_metrics import adherence, clipped
from course_utils.panels import page_painting
from course_utils.panels.base import Verdict, judged
from course_utils.runtime import generator
from course_utils.training.exam import prompts
from course_utils.training.examination import FIRST, SEED

OBEDIENT = 0.95  # share of prompts to meet
DIALS = (0.0, 1.0, 4.0, 7.5)


def dial(w: float, **repairs: Any) -> Verdict:
    """How many of the exam's first prompts are met at w, and how many colours clip. Goal: OBEDIENT."""
    texts = prompts("fresh")[:FIRST]
    wanted = [
        page_painting.settings(text, seed=SEED + k, guidance=w, **repairs) for k, text in enumerate(texts)
    ]
    painted = page_painting.developed(page_painting.sheet(wanted))
    share, burnt = adherence(judge.load(), painted, texts), metrics.estimate(clipped(painted))
    return judged(
        f"w = {w:g}: {share.hits} of {share.count} met, {100 * burnt.mean:.2f} % of the colours clipped. "
        f"The goal is {OBEDIENT:.0%} met: {'reached' if share.mean >= OBEDIENT else 'not yet'}."
    )


def guide(mine: Function) -> Verdict:
    """Hold `mine(unconditional, conditional, w)` against the course's guidance."""
    without, with_prompt = torch.randn(2, 100, 2, generator=generator(7))
    cases = {f"w = {w:g}": (without, with_prompt, w) for w in (*DIALS, -2.0)}
    return held_against(mine, guidance.guide, cases)


def convert(mine: Function) -> Verdict:
    """Hold `mine(w)`, from diffusers' counting (1 is plain) to Ho and Salimans' (0 is plain), against it."""
    return held_against(mine, lambda w: w - 1, {f"w = {w:g}": (w,) for w in DIALS})
