"""The smallest recipe there is, a straight line to fit; it imports little, for processes that train it."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from course_utils.training import loop

RECIPE = loop.Recipe("line", steps=12, batch=4, rate=0.05, warmup=2, save_every=4, precision="no")


class Line(nn.Module):
    """What is trained, and its loss."""

    def __init__(self):
        super().__init__()
        self.line = nn.Linear(1, 1)

    def forward(self, batch):
        x, y = batch
        return {"loss": (self.line(x) - y).square().mean()}


def points(step, numbers):
    """Examples by their numbers."""
    x = torch.tensor([[float(np.random.default_rng(number).normal())] for number in numbers])
    return x, 3 * x + 1


def fitted(recipe=RECIPE, fetch=points, **more):
    """The slope that a run ends with; None in a process that is not the first."""
    torch.manual_seed(0)
    trained = loop.run(recipe, Line(), fetch, **more)
    return trained and trained.line.weight.item()
