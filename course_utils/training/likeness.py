"""How different two pages look to a judge that has learned to read pages (Johnson 2016, arXiv 1603.08155)."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional

from course_utils.judge import Judge
from course_utils.training import loop


def a_judge(folder: Path) -> Judge:
    """The first judge's eyes from a folder; those of an earlier world will do, whatever it was asked."""
    judge = Judge("first")
    loop.take_over(judge, load_file(folder / "first.safetensors"))
    return judge.eval().requires_grad_(False)


def look_apart(
    judge: Judge, clean: torch.Tensor, back: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """How different pages (batch, 3, side, side) look at all layers of the judge: (batch,), each in 0..4.

    `weights`, (batch, 1, side, side) with mean 1, say how much a place counts.
    """
    backbone = judge.backbone.to(clean.device)
    views = [backbone(pages, output_hidden_states=True).hidden_states for pages in (clean, back)]
    found = []
    for one, other in zip(*views, strict=True):
        gap = functional.normalize(one.float(), dim=1) - functional.normalize(other.float(), dim=1)
        places = gap.square().sum(1, keepdim=True)
        if weights is not None:
            places = places * functional.adaptive_avg_pool2d(weights, places.shape[-2:])
        found.append(places.mean((1, 2, 3)))
    return torch.stack(found).mean(0)
