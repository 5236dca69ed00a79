"""Pre-train a small causal language model on captions: the text encoder of the painter of now.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.language

Qwen3's architecture, next-word prediction, nothing else: it never sees a page. What it has learned about the
captions lies in its hidden states, and the flow painter reads its prompts there.

A text is two captions of one page, one after the other. Who only ever continues one caption need not remember
what it was about: after "a blue cat" and "a blue dog" come the same words, and the states soon hardly differ.
To foresee the second caption, the first must be remembered word by word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3ForCausalLM

from course_utils.picturebook.captions import KNOWN_WORDS
from course_utils.picturebook.dataset import Pages
from course_utils.training import loop
from course_utils.training.dropout import add_unknown_word
from course_utils.training.tokens import byte_letters, byte_pairs, common_words

RECIPE = loop.Recipe("language", steps=1_200, batch=128, rate=1e-3, warmup=100, decay=0.99, precision="no")
WIDTH = 128
LENGTH = 40  # tokens of a prompt
END = "<|endoftext|>"
# What a prompt is turned into before it is cut into tokens: lower case, a space before its first word.
TEMPLATE = "{% for message in messages %} {{ message['content'] | lower }}{% endfor %}"


def tokenizer(words: Sequence[str] = KNOWN_WORDS) -> Qwen2Tokenizer:
    """A tokenizer of Qwen's class that knows these words whole, each with the space before it."""
    space = chr(256 + 32)  # how byte-level tokenizers write a space
    vocabulary, merges = byte_pairs(
        byte_letters(),
        *([[space, *word] for word in table] for table in ([*words, ","], common_words())),
    )
    made = Qwen2Tokenizer(
        vocab={token: number for number, token in enumerate([*vocabulary, END])},
        merges=merges,
        unk_token=END,
        pad_token=END,
        model_max_length=LENGTH,
    )
    made.chat_template = TEMPLATE
    return made


def build(vocabulary: int) -> Qwen3ForCausalLM:
    """A fresh model for a tokenizer with this many tokens, the last of them the end."""
    model = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=vocabulary,
            hidden_size=WIDTH,
            intermediate_size=3 * WIDTH,
            num_hidden_layers=4,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=32,
            max_position_embeddings=4 * LENGTH,
            tie_word_embeddings=False,
            bos_token_id=None,
            eos_token_id=vocabulary - 1,
            pad_token_id=vocabulary - 1,
        )
    )
    # Words begin as different as can be, and the layers add to them: else what they add drowns the word.
    nn.init.normal_(model.model.embed_tokens.weight)
    return model


def tokenise(words: Qwen2Tokenizer, captions: Sequence[str], length: int = LENGTH) -> torch.Tensor:
    """Token numbers (batch, length): each caption as its chat template writes it, filled up with ends."""
    told = [
        words.apply_chat_template([{"role": "user", "content": caption}], tokenize=False)
        for caption in captions
    ]
    return words(
        told, padding="max_length", max_length=length, truncation=True, return_tensors="pt"
    ).input_ids


def texts(pages: Pages, numbers: Sequence[int]) -> list[str]:
    """Two captions of each page, one after the other, either perhaps with an unknown word."""
    found = []
    for number in numbers:
        rng = np.random.default_rng((41, pages.seed, number))
        first, second = (add_unknown_word(pages.caption(number, telling), rng) for telling in (0, 1))
        found.append(f"{first}{END} {second}")
    return found


class NextWord(nn.Module):
    """How surely the next token is foreseen; of the ends behind a text only the first counts."""

    def __init__(self, model: Qwen3ForCausalLM) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: torch.Tensor) -> dict[str, torch.Tensor]:
        """The loss of a batch of tokenised texts, (batch, length)."""
        end = self.model.config.eos_token_id
        shown, foreseen = tokens[:, :-1], tokens[:, 1:]
        logits = self.model(input_ids=shown).logits.float()
        counted = torch.where((shown == end) & (foreseen == end), -100, foreseen)
        loss = functional.cross_entropy(logits.flatten(0, 1), counted.flatten(), ignore_index=-100)
        return {"loss": loss}


def perplexity(model: Qwen3ForCausalLM, words: Qwen2Tokenizer, count: int = 2000) -> float:
    """Among how many next tokens the model wavers on texts about fresh pages: exp of its mean loss."""
    pages, objective = Pages("fresh"), NextWord(model).eval()
    with torch.inference_mode():
        tokens = tokenise(words, texts(pages, range(count)), 2 * LENGTH)
        losses = [objective(part)["loss"].item() for part in tokens.split(250)]
    return math.exp(sum(losses) / len(losses))


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the language model and write it, with its tokenizer."""
    chosen = loop.options(RECIPE, arguments, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    if chosen.smoke:
        recipe = recipe.smoke(batch=16)
    words, pages = tokenizer(), Pages("train", recipe.seed)

    def fetch(step: int, numbers: Sequence[int]) -> torch.Tensor:
        return tokenise(words, texts(pages, numbers), 2 * LENGTH)

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        model = build(len(words))
    trained = loop.run(recipe, NextWord(model), fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    out: Path = chosen.out or recipe.folder / "final"
    trained.model.save_pretrained(out / "text_encoder")
    words.save_pretrained(out / "tokenizer")
    print(f"perplexity on fresh texts: {perplexity(trained.model, words, 100 if chosen.smoke else 2000):.2f}")


if __name__ == "__main__":
    main()
