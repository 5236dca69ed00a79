"""Classifier-free guidance over a batch: both sides of the formula in one call of the network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from course_utils.guidance import guide
from course_utils.painters.engine import Engine


@dataclass(frozen=True)
class Asked:
    """What one step is asked for, a picture each: w, rescaling, vectors (batch, 32, width) of both sides."""

    dials: Sequence[float]
    rescales: Sequence[float]
    unconditional: torch.Tensor
    conditional: torch.Tensor


def both_sides(
    engine: Engine, noisy: torch.Tensor, timestep: torch.Tensor, asked: Asked
) -> tuple[torch.Tensor, list[int]]:
    """The guided guesses (Ho & Salimans 2022, eq. 6, counted as diffusers does) and the evaluations of each.

    A side that w leaves out, the prompt at w = 0 and the empty one at w = 1, is not computed.
    """
    with_prompt = [k for k, w in enumerate(asked.dials) if w != 0]
    without = [k for k, w in enumerate(asked.dials) if w != 1]
    vectors = torch.cat([_rows(asked.unconditional, without), _rows(asked.conditional, with_prompt)])
    guesses = engine.noise(torch.cat([_rows(noisy, without), _rows(noisy, with_prompt)]), timestep, vectors)
    unconditional = dict(zip(without, guesses[: len(without)], strict=True))
    conditional = dict(zip(with_prompt, guesses[len(without) :], strict=True))
    noise, passes = [], []
    for k, (w, share) in enumerate(zip(asked.dials, asked.rescales, strict=True)):
        passes.append((k in unconditional) + (k in conditional))
        if w == 0:
            noise.append(unconditional[k])
        elif w == 1:
            noise.append(conditional[k])
        else:
            noise.append(_rescaled(guide(unconditional[k], conditional[k], w), conditional[k], share))
    return torch.stack(noise), passes


def _rows(tensor: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    """Some rows of a tensor; all of them, as nearly always, cost nothing."""
    return tensor if len(rows) == len(tensor) else tensor[list(rows)]


def _rescaled(guided: torch.Tensor, conditional: torch.Tensor, share: float) -> torch.Tensor:
    """Give a guided guess the spread of the conditional one, by `share` (Lin 2024, eq. 15 and 16)."""
    if not share:
        return guided
    return torch.lerp(guided, guided * (conditional.std() / guided.std()), share)
