"""Muon (Liu 2025, arXiv 2502.16982) by torch, on processors that only imitate bfloat16."""

from __future__ import annotations

from functools import wraps
from typing import Any

import torch
from torch.optim import _muon


def stay_in_single_precision() -> None:
    """Let torch's Muon turn matrices as they are.

    It does so in bfloat16, and has no option. Without instructions for that a processor takes 0.7 s
    for a matrix of 224 by 1344 numbers, and 0.06 s in single precision (beside a training on all cores).
    """
    turn = _muon._zeropower_via_newtonschulz
    if hasattr(turn, "__wrapped__"):
        return

    @wraps(turn)
    def as_it_is(matrix: torch.Tensor, *settings: Any) -> torch.Tensor:
        return turn(matrix.clone().as_subclass(_Single), *settings)

    setattr(_muon, turn.__name__, as_it_is)


class _Single(torch.Tensor):
    """A matrix that stays in single precision when it is asked for another."""

    def bfloat16(self) -> torch.Tensor:
        return self.as_subclass(torch.Tensor)
