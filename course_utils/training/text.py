"""Train the picture book's text encoder: CLIP's architecture, CLIP's objective, our own words.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.text

A text encoder and a small picture encoder learn together to tell which caption belongs to which page
(Radford 2021, arXiv 2103.00020, figure 3). The text encoder then goes to the painter, never trained again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPTokenizer

from course_utils import clip
from course_utils.picturebook.captions import KNOWN_WORDS
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.tensors import to_tensor
from course_utils.training import loop

RECIPE = loop.Recipe("text", steps=1_000, batch=256, rate=2e-3, warmup=100, decay=0.99, save_every=250)


def tokenizer(words: Sequence[str] = KNOWN_WORDS) -> CLIPTokenizer:
    """A CLIP tokenizer that knows these words whole and everything else as bytes."""
    vocabulary, merges = _byte_pairs(words)
    start, end = "<|startoftext|>", "<|endoftext|>"
    table = {token: number for number, token in enumerate([*vocabulary, start, end])}
    return CLIPTokenizer(vocab=table, merges=merges, model_max_length=clip.LENGTH)


def _byte_pairs(words: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Byte-level vocabulary, and merges that join each word to one token.

    Words are taken one after the other; what the merges so far leave in pieces is joined from the left. A
    later merge ranks lower, so it cannot undo an earlier word.
    """
    letters = _byte_letters()
    vocabulary = [*letters, *(letter + "</w>" for letter in letters)]
    merges: list[tuple[str, str]] = []
    for word in words:
        pieces = [*word[:-1], word[-1] + "</w>"]
        while len(pieces) > 1:
            pairs = list(pairwise(pieces))
            known = [pair for pair in merges if pair in pairs]
            pair = known[0] if known else pairs[0]
            if not known:
                merges.append(pair)
                if "".join(pair) not in vocabulary:
                    vocabulary.append("".join(pair))
            pieces = _merged(pieces, pair)
    return vocabulary, merges


def _merged(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for piece in pieces:
        if joined and (joined[-1], piece) == pair:
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _byte_letters() -> list[str]:
    """The 256 printable characters by which byte-level tokenizers write bytes (Radford 2019)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + k) for k in range(len(others))]


class Contrast(nn.Module):
    """Which caption belongs to which page, asked both ways round."""

    def __init__(self, pair: clip.PictureText) -> None:
        super().__init__()
        self.pair = pair

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Losses of a batch of (pages, tokens)."""
        pages, tokens = batch
        likeness = (
            self.pair.scale() * self.pair.of_pictures(pages).float() @ self.pair.of_tokens(tokens).float().T
        )
        own = torch.arange(len(pages), device=likeness.device)
        loss = functional.cross_entropy(likeness, own) + functional.cross_entropy(likeness.T, own)
        right = (likeness.argmax(1) == own).float().mean()
        return {"loss": loss / 2, "right": right}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the pair and write it, with its tokenizer."""
    chosen = loop.options(RECIPE, arguments, main.__doc__ or "")
    recipe: Any = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    if chosen.smoke:
        recipe = recipe.smoke(batch=16)
    words = tokenizer()
    pages = Pages("train", recipe.seed)

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        pictures = to_tensor([pages.page(number) for number in numbers])
        return pictures, clip.tokenise(words, [pages.caption(number) for number in numbers])

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        pair = clip.build(len(words), words.eos_token_id)
    trained = loop.run(recipe, Contrast(pair), fetch, chosen.restart)
    if trained is None:
        return
    clip.save(trained.pair, words, chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
