"""Where the network looks for each word: the attention maps of a painting.

In a U-Net places look at words, in cross-attention (Rombach 2022, section 3.3). In a transformer places
and words look at each other in one joint attention (Esser 2024, arXiv 2403.03206), of which this keeps the
attention of places to words. Maps are read word by word, as in Hertz 2022 (arXiv 2208.01626).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from course_utils.painters.cross_attention import attend, computed_by, shares
from course_utils.painters.joint import Joint


class Watch:
    """Collects what the layers attend to while a picture is painted."""

    def __init__(self, side: int) -> None:
        self.side = side
        self._steps: list[list[torch.Tensor]] = []

    def begin_step(self) -> None:
        """From here on maps belong to the next step."""
        self._steps.append([])

    def add(self, scores: torch.Tensor) -> None:
        """Take one layer's scores for one picture, (heads, places, tokens)."""
        places = scores.shape[1]
        side = int(places**0.5)
        grid = scores.reshape(-1, side, side, scores.shape[-1]).permute(0, 3, 1, 2)
        self._steps[-1].append(functional.interpolate(grid.float(), self.side, mode="bilinear").mean(0))

    @property
    def maps(self) -> torch.Tensor:
        """Share of attention (steps, tokens, side, side), mean over layers and heads.

        Over all tokens that is 1 in cross-attention, less in joint attention, where places also look at
        places.
        """
        return torch.stack([torch.stack(layers).mean(0) for layers in self._steps])


class _JointWatched(TorchFunctionMode):
    """While it is on, it keeps the attention of places to words in each joint attention of torch's."""

    def __init__(self, watch: Watch, layout: Joint) -> None:
        super().__init__()
        self.watch, self.layout = watch, layout
        self.places = self.words = 0
        self.time: float | None = None
        self.counts = True

    def begin(self, network: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """The network is about to be called; called again at the same timestep, it has no prompt."""
        call = inspect.signature(network.forward).bind(*args, **kwargs).arguments
        time = float(torch.as_tensor(call[self.layout.time]).flatten()[0])
        self.counts, self.time = time != self.time, time
        if self.counts:
            picture = call[self.layout.picture][self.layout.asked]
            self.places = picture.shape[0] if picture.ndim == 2 else _patches(picture, network)
            self.words = len(call[self.layout.words][self.layout.asked])
            self.watch.begin_step()

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if function is functional.scaled_dot_product_attention and self.counts:
            self.look(*args, **kwargs)
        return function(*args, **kwargs)

    def look(self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, **how: Any) -> None:
        """Keep the shares of an attention, queries and keys (batch, heads, tokens, width), if it is joint."""
        filled = [-(-count // self.layout.fill) * self.layout.fill for count in (self.places, self.words)]
        if not query.shape[2] == key.shape[2] == sum(filled):
            return
        places, words = (filled[1], 0) if self.layout.words_first else (0, filled[0])
        asked = slice(self.layout.asked, self.layout.asked + 1 or None)
        if how.get("attn_mask") is not None:
            how["attn_mask"] = how["attn_mask"][asked]
        # Where each word's value is one that no other has, what is mixed from them are the shares. Head by
        # head, as all shares of a large model at once would not fit beside it.
        values = torch.eye(sum(filled), device=key.device, dtype=key.dtype)[:, words : words + self.words]
        shares = [
            functional.scaled_dot_product_attention(one[asked], to[asked], values[None, None], **how)
            for one, to in zip(query.split(1, dim=1), key.split(1, dim=1), strict=True)
        ]
        self.watch.add(torch.cat(shares)[:, 0, places : places + self.places].cpu())


def _patches(picture: torch.Tensor, network: Any) -> int:
    patch = network.config.get("patch_size") or network.config["all_patch_size"][0]
    return picture.shape[-2] * picture.shape[-1] // patch**2


@contextmanager
def watching(painter: Any, side: int = 16) -> Iterator[Watch]:
    """Watch what the places of a painter's network attend to, and leave it as it was. Maps are (side, side).

    Meanwhile torch paints, and not the fast engine. Raises `CourseError` for networks whose attention is of a
    kind that is not known here.
    """
    watch = Watch(side)
    attending: AbstractContextManager[Any]
    begin: Callable[..., None]

    def watched(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor) -> torch.Tensor:
        watch.add(shares(query[-1], key[-1]))  # of a batch of both, the one with the prompt
        return attend(query, key, value)

    if painter.joint is None:
        begin, attending = lambda *_: watch.begin_step(), computed_by(watched, painter)
    else:
        attending = _JointWatched(watch, painter.joint)
        begin = attending.begin
    step = painter.network.register_forward_pre_hook
    with painter.lock, painter.by_torch(), attending, step(begin, with_kwargs=True):
        yield watch
