"""Where the network looks for each word: the cross-attention maps of a painting.

Rombach 2022, section 3.3; read off word by word as in Hertz 2022 (arXiv 2208.01626).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

from course_utils.runtime import CourseError

CROSS = "attn2.processor"  # how diffusers names the cross-attention among a U-Net's attentions


class Watch:
    """Collects what cross-attention layers attend to while a painting is made."""

    def __init__(self, side: int) -> None:
        self.side = side
        self._steps: list[list[torch.Tensor]] = []

    def begin_step(self) -> None:
        """From here on maps belong to the next step."""
        self._steps.append([])

    def add(self, scores: torch.Tensor) -> None:
        """Take one layer's scores (batch * heads, places, tokens); the last picture of the batch counts."""
        places = scores.shape[1]
        side = int(places**0.5)
        grid = scores.reshape(-1, side, side, scores.shape[-1]).permute(0, 3, 1, 2)
        self._steps[-1].append(functional.interpolate(grid.float(), self.side, mode="bilinear").mean(0))

    @property
    def maps(self) -> torch.Tensor:
        """Share of attention (steps, tokens, side, side), mean over layers and heads; 1 over all tokens."""
        return torch.stack([torch.stack(layers).mean(0) for layers in self._steps])


class _Watched:
    """Cross-attention as diffusers computes it, one line apart: the scores are kept."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def __call__(
        self, attn: Any, hidden_states: torch.Tensor, encoder_hidden_states: torch.Tensor, **_: Any
    ) -> torch.Tensor:
        query = attn.head_to_batch_dim(attn.to_q(hidden_states))
        key = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
        value = attn.head_to_batch_dim(attn.to_v(encoder_hidden_states))
        scores = attn.get_attention_scores(query, key)
        self.watch.add(scores[-attn.heads :])
        mixed = attn.batch_to_head_dim(torch.bmm(scores, value))
        return attn.to_out[1](attn.to_out[0](mixed))


@contextmanager
def watching(painter: Any, side: int = 16) -> Iterator[Watch]:
    """Watch the cross-attention of a painter's U-Net, and leave it as it was. Maps are (side, side).

    Only torch can be watched; a fast engine rests meanwhile. Raises `CourseError` for painters without
    cross-attention.
    """
    network = painter.network
    watch = Watch(side)
    with painter.lock, painter.by_torch():
        before = dict(getattr(network, "attn_processors", {}))
        if not any(name.endswith(CROSS) for name in before):
            raise CourseError(
                f"In {painter.name!r} places and words look at each other in one attention: maps of single "
                "words are shown for painters with cross-attention, as Stable Diffusion 1.5 and XL."
            )
        watched = {
            name: _Watched(watch) if name.endswith(CROSS) else processor for name, processor in before.items()
        }
        step = network.register_forward_pre_hook(lambda *_: watch.begin_step())
        network.set_attn_processor(watched)
        try:
            yield watch
        finally:
            step.remove()
            network.set_attn_processor(before)
