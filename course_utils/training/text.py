"""Train the picture book's text encoder: CLIP's architecture, CLIP's objective, our own words.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.text

A text encoder and a small picture encoder learn together to tell which caption belongs to which page
(Radford 2021, arXiv 2103.00020, figure 3): among pages at random first, then among couples that differ in one
option. The text encoder then goes to the painter and is never trained again. With --keep-text the picture
encoder learns anew, and longer, against a text encoder that is finished.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import CLIPTextModelWithProjection, CLIPTokenizer, ResNetModel

from course_utils import clip
from course_utils.picturebook import lexicon
from course_utils.picturebook.captions import KNOWN_WORDS, with_article
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.tensors import to_tensor
from course_utils.training import loop
from course_utils.training.dropout import add_unknown_word
from course_utils.training.kept import COUNT, KeptPages
from course_utils.training.tokens import byte_letters, byte_pairs, common_words
from course_utils.training.twins import couples

RECIPE = loop.Recipe("text", steps=1_400, batch=256, rate=2e-3, warmup=100, decay=0.99, save_every=250)

PLAIN = 0.7  # share of the steps before every second page is a twin of the one before it


def tokenizer(words: Sequence[str] = KNOWN_WORDS) -> CLIPTokenizer:
    """A CLIP tokenizer that knows these words whole and everything else in sub-words, at worst as bytes."""
    letters = byte_letters()
    ends = [letter + "</w>" for letter in letters]
    vocabulary, merges = byte_pairs(
        [*letters, *ends],
        *([[*word[:-1], word[-1] + "</w>"] for word in table] for table in (words, common_words())),
    )
    start, end = "<|startoftext|>", "<|endoftext|>"
    table = {token: number for number, token in enumerate([*vocabulary, start, end])}
    return CLIPTokenizer(vocab=table, merges=merges, model_max_length=clip.LENGTH)


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


# What is said of each answer when CLIP is asked which of them fits a page best: the lexicon's first phrase.
# "none" of the details has no words, and so no sentence.
SENTENCES = {
    "subject": {answer: with_article(said) for answer, (said, *_) in lexicon.NOUNS.items()},
    **{
        name: {answer: f"something {said}" for answer, (said, *_) in phrases.items()}
        for name, phrases in (
            ("colour", lexicon.COLOUR_WORDS),
            ("setting", lexicon.SETTING_PHRASES),
            ("size", lexicon.SIZE_WORDS),
            ("place", lexicon.PLACE_PHRASES),
            ("detail", lexicon.DETAIL_PHRASES),
            ("light", lexicon.LIGHT_PHRASES),
            ("eyes", lexicon.EYES_WORDS),
            ("coat", lexicon.COAT_WORDS),
        )
    },
    **{
        name: {answer: f"something, {said}" for answer, (said, *_) in phrases.items()}
        for name, phrases in (("style", lexicon.STYLE_PHRASES), ("quality", lexicon.QUALITY_WORDS))
    },
}
BATCH = 50


def zero_shot(pair: clip.PictureText, words: CLIPTokenizer, pages: Pages, count: int) -> dict[str, float]:
    """How often the sentence nearest to a page names the right answer, per attribute (Radford 2021, 3.1).

    Nothing was trained for it. Pages whose answer has no sentence are left out of that attribute.
    """
    numbers = range(count)
    with torch.inference_mode():
        parts = [numbers[first : first + BATCH] for first in range(0, count, BATCH)]
        seen = torch.cat([pair.of_pictures(to_tensor([pages.page(k) for k in part])) for part in parts])
        found = {}
        for name, sentences in SENTENCES.items():
            nearest = (seen @ pair.of_tokens(clip.tokenise(words, list(sentences.values()))).T).argmax(1)
            truth = [getattr(pages.scene(number), name) for number in numbers]
            named = [list(sentences)[k] for k in nearest]
            marks = [one == answer for one, answer in zip(named, truth, strict=True) if answer in sentences]
            found[name] = sum(marks) / len(marks)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the pair and write it, with its tokenizer."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--keep-text", type=Path, help="a folder whose text encoder stays as it is")
    parser.add_argument("--begin", type=Path, help="a folder with an earlier picture encoder")
    own, others = parser.parse_known_args(arguments)
    chosen = loop.options(RECIPE, others, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    if own.keep_text:
        recipe = replace(recipe, name="pictures", seed=chosen.seed + 1)
    if chosen.smoke:
        recipe = recipe.smoke(batch=8)
    words = tokenizer()
    pages = KeptPages("train")

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        # The text encoder meets couples at the end; a picture encoder alone meets them all along.
        if step % 2 == 1 if own.keep_text else step >= PLAIN * recipe.steps:
            shown, captions = couples(pages, numbers)
        else:
            shown = [pages.page(number % COUNT) for number in numbers]
            captions = [pages.caption(number % COUNT, telling=number // COUNT) for number in numbers]
        typed = [
            add_unknown_word(caption, np.random.default_rng((31, recipe.seed, number)))
            for caption, number in zip(captions, numbers, strict=True)
        ]
        return to_tensor(shown), clip.tokenise(words, typed)

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        pair = clip.build(len(words), words.eos_token_id)
    if own.begin:
        loop.take_over(pair.picture, ResNetModel.from_pretrained(own.begin / "picture_encoder").state_dict())
    if own.keep_text:
        pair.text = CLIPTextModelWithProjection.from_pretrained(own.keep_text / "text_encoder")
        pair.text.requires_grad_(False)
    trained = loop.run(recipe, Contrast(pair), fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    clip.save(trained.pair, words, chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
