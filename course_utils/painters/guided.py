"""Classifier-free guidance over a batch: both sides of the formula in one call of the network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from course_utils.guidance import guide
from course_utils.runcards.settings import Settings
from course_utils.sampling import Predict
from course_utils.schedules import T_MAX

Model = Callable[[torch.Tensor, float, torch.Tensor], torch.Tensor]  # (x, t, conditioning) -> prediction


class GuidedBatch:
    """`predict(x, t)` for a batch in which each picture has settings of its own.

    Ho & Salimans 2022, eq. 6, counted as diffusers does. A side that w leaves out, the prompt at w = 0 and
    the empty one at w = 1, is not computed. `evaluations` holds the passes that each picture has taken.
    """

    def __init__(
        self, model: Model, wanted: Sequence[Settings], conditional: torch.Tensor, unconditional: torch.Tensor
    ) -> None:
        """`conditional` and `unconditional` are the prompts' vectors, (batch, tokens, width)."""
        self._model, self._wanted = model, wanted
        self._conditional, self._unconditional = conditional, unconditional
        self.evaluations = [0] * len(wanted)

    def __call__(self, x: torch.Tensor, t: float) -> torch.Tensor:
        """The guided prediction for every picture of x, (batch, channels, h, w)."""
        ws = [guidance_at(settings, t) for settings in self._wanted]
        with_prompt = [k for k, w in enumerate(ws) if w != 0]
        without = [k for k, w in enumerate(ws) if w != 1]
        vectors = torch.cat([_rows(self._unconditional, without), _rows(self._conditional, with_prompt)])
        both = self._model(torch.cat([_rows(x, without), _rows(x, with_prompt)]), t, vectors)
        unconditional = dict(zip(without, both[: len(without)], strict=True))
        conditional = dict(zip(with_prompt, both[len(without) :], strict=True))
        found = []
        for k, (w, settings) in enumerate(zip(ws, self._wanted, strict=True)):
            sides = [side[k] for side in (unconditional, conditional) if k in side]
            self.evaluations[k] += len(sides)
            if len(sides) == 1:
                found.append(sides[0])
            else:
                found.append(rescaled(guide(sides[0], sides[1], w), sides[1], settings.rescale))
        return torch.stack(found)


class OnePass:
    """`predict(x, t)` for a batch that takes one evaluation a step; `evaluations` holds the passes so far."""

    def __init__(self, predict: Predict, batch: int) -> None:
        self._predict, self.evaluations = predict, [0] * batch

    def __call__(self, x: torch.Tensor, t: float) -> torch.Tensor:
        """The prediction for every picture of x, (batch, channels, h, w)."""
        self.evaluations = [count + 1 for count in self.evaluations]
        return self._predict(x, t)


def guidance_at(settings: Settings, t: float) -> float:
    """w at timestep t: 1 outside the interval, which runs from 0 (static) to 1 (clean)."""
    low, high = settings.interval
    inside = (low, high) == (0.0, 1.0) or low <= (T_MAX - t) / T_MAX < high
    return settings.guidance if inside else 1.0


def rescaled(guided: torch.Tensor, conditional: torch.Tensor, share: float) -> torch.Tensor:
    """A guided prediction with the spread of the conditional one, by `share` 0..1 (Lin 2024, eq. 15 and 16).

    Both are the prediction for one picture, (channels, h, w).
    """
    if not share:
        return guided
    return torch.lerp(guided, guided * (conditional.std() / guided.std()), share)


def _rows(tensor: torch.Tensor, rows: Sequence[int]) -> torch.Tensor:
    """Some rows of a tensor; all of them, as nearly always, cost nothing."""
    return tensor if len(rows) == len(tensor) else tensor[list(rows)]
