"""Cross-attention laid open: put your own formula in its place, look at the tensors of one layer.

Vaswani 2017 (arXiv 1706.03762), eq. 1; in a U-Net, Rombach 2022 (arXiv 2112.10752), section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from course_utils.runtime import CourseError

CROSS = ".attn2.processor"  # how diffusers names them among a U-Net's attentions

Attend = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
    """softmax(q k^T / sqrt(d)) v (Vaswani 2017, arXiv 1706.03762, eq. 1).

    Queries (..., places, d); keys and values (..., tokens, d); returns (..., places, d).
    """
    return shares(query, key) @ value


def shares(query: torch.Tensor, key: torch.Tensor) -> torch.Tensor:
    """How each place divides its attention among tokens: (..., places, tokens), summing to 1 over tokens."""
    return (query @ key.mT / key.shape[-1] ** 0.5).softmax(-1)


class _Computed:
    """Cross-attention as diffusers computes it, except for the formula in its middle."""

    def __init__(self, formula: Attend) -> None:
        self.formula = formula

    def __call__(
        self, attn: Any, hidden_states: torch.Tensor, encoder_hidden_states: torch.Tensor, **_: Any
    ) -> torch.Tensor:
        def by_head(numbers: torch.Tensor) -> torch.Tensor:  # (batch, heads, places or tokens, d)
            return numbers.unflatten(-1, (attn.heads, -1)).transpose(1, 2)

        query = by_head(attn.to_q(hidden_states))
        key, value = by_head(attn.to_k(encoder_hidden_states)), by_head(attn.to_v(encoder_hidden_states))
        mixed = self.formula(query, key, value).transpose(1, 2).flatten(2)
        return attn.to_out[1](attn.to_out[0](mixed))


def layers(network: Any) -> list[str]:
    """The layers in which places look at words, by diffusers' names; a transformer has none."""
    names = getattr(network, "attn_processors", {})
    return [name.removesuffix(CROSS) for name in names if name.endswith(CROSS)]


@contextmanager
def computed_by(formula: Attend, painter: Any, layer: str = "") -> Iterator[None]:
    """Compute a painter's cross-attention, or that of one layer, by a formula of your own for a while.

    The formula takes queries (batch, heads, places, d), keys and values (batch, heads, tokens, d), and
    returns (batch, heads, places, d). Under guidance the batch holds first the pictures without the prompt,
    then those with it. Meanwhile torch paints, and not the fast engine. Raises `CourseError` for networks
    without cross-attention, and for a layer that is not there.
    """
    network, found = painter.network, layers(painter.network)
    if not found:
        raise CourseError(
            f"The network of {painter.name!r} has no cross-attention: choose a painter with a U-Net, such as "
            "picturebook."
        )
    if layer and layer not in found:
        raise CourseError(
            f"There is no layer {layer!r} with cross-attention; choose one of {', '.join(found)}."
        )
    ours = {name + CROSS: _Computed(formula) for name in ([layer] if layer else found)}
    with painter.lock, painter.by_torch():
        before = dict(network.attn_processors)
        network.set_attn_processor(before | ours)
        try:
            yield
        finally:
            network.set_attn_processor(before)


@dataclass(frozen=True)
class Tensors:
    """What one layer's cross-attention works on, for one picture.

    `q` is (heads, places, d), `k` and `v` are (heads, tokens, d), `mixed`, what the layer makes of them, is
    (heads, places, d).
    """

    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor
    mixed: torch.Tensor


def of_layer(painter: Any, layer: str, x: torch.Tensor, t: float, vectors: torch.Tensor) -> Tensors:
    """The tensors of one layer as the network predicts for a latent (4, h, w) at t and a prompt's vectors.

    Layers are named as in diffusers, "up_blocks.1.attentions.1.transformer_blocks.0" for example. Raises
    `CourseError` for a layer that is not there, and for networks without cross-attention.
    """
    kept: list[Tensors] = []

    def keep(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        mixed = attend(q, k, v)
        kept.append(Tensors(q[0], k[0], v[0], mixed[0]))
        return mixed

    with computed_by(keep, painter, layer), torch.inference_mode():
        painter.predict(x[None], t, vectors[None])
    return kept[0]
