"""The picture book's own CLIP: a text and a picture encoder that learned together what belongs together.

Radford 2021, arXiv 2103.00020. The painter borrows the text encoder; the pair as a whole says how well a
picture fits a prompt, and notebook 3 lets it push a painting from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional

from course_utils.picturebook.captions import check_learned
from course_utils.runtime import MODELS, verify_checksums

if TYPE_CHECKING:  # importing these takes seconds
    from transformers import CLIPTextModelWithProjection, CLIPTokenizer, ResNetModel

LENGTH = 40  # tokens of a prompt, start and end included
WIDTH = 128  # numbers in a token's vector
GRID = 4  # places across at which the picture encoder is read


class PictureText(nn.Module):
    """Two encoders into one space of unit vectors, and how sharply to compare there."""

    def __init__(self, text: CLIPTextModelWithProjection, picture: ResNetModel) -> None:
        super().__init__()
        self.text, self.picture = text, picture
        # Read off a grid, so that left and right can be told apart.
        self.projection = nn.Linear(GRID**2 * picture.config.hidden_sizes[-1], text.config.projection_dim)
        self.sharpness = nn.Parameter(torch.tensor(2.0))  # log of the inverse temperature

    def of_pictures(self, pictures: torch.Tensor) -> torch.Tensor:
        """Unit vectors (batch, width) of pictures (batch, 3, 128, 128) in -1..1."""
        seen = functional.adaptive_avg_pool2d(self.picture(pictures).last_hidden_state, GRID)
        return functional.normalize(self.projection(seen.flatten(1)), dim=-1)

    def of_tokens(self, tokens: torch.Tensor) -> torch.Tensor:
        """Unit vectors (batch, width) of tokenised captions (batch, 40)."""
        return functional.normalize(self.text(input_ids=tokens).text_embeds, dim=-1)

    def scale(self) -> torch.Tensor:
        """The inverse temperature, a scalar, at most 100."""
        return self.sharpness.clamp(max=4.6).exp()


def build(vocabulary: int, end: int) -> PictureText:
    """A fresh pair for a tokenizer with this many tokens, the last of a prompt being `end`."""
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, ResNetConfig, ResNetModel

    text = CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=vocabulary,
            hidden_size=WIDTH,
            intermediate_size=4 * WIDTH,
            projection_dim=WIDTH,
            num_hidden_layers=3,
            num_attention_heads=4,
            max_position_embeddings=LENGTH,
            bos_token_id=end - 1,
            eos_token_id=end,
            pad_token_id=end,
        )
    )
    picture = ResNetModel(
        ResNetConfig(
            embedding_size=24, hidden_sizes=[32, 64, 128, 192], depths=[1, 1, 1, 1], layer_type="basic"
        )
    )
    return PictureText(text, picture)


def tokenise(tokenizer: CLIPTokenizer, captions: Sequence[str]) -> torch.Tensor:
    """Token numbers (batch, 40), cut or filled up to the full length."""
    return tokenizer(
        list(captions), padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt"
    ).input_ids


def save(pair: PictureText, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Write the pair: both encoders in the library's own layout, what joins them beside it."""
    pair.text.save_pretrained(folder / "text_encoder")
    pair.picture.save_pretrained(folder / "picture_encoder")
    tokenizer.save_pretrained(folder / "tokenizer")
    bridge = {**pair.projection.state_dict(), "sharpness": pair.sharpness.detach()}
    save_file(bridge, folder / "bridge.safetensors")


def read(folder: Path) -> tuple[PictureText, CLIPTokenizer]:
    """The pair in `folder`, ready to use, and its tokenizer."""
    from transformers import CLIPTextModelWithProjection, CLIPTokenizer, ResNetModel

    text = CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder")
    pair = PictureText(text, ResNetModel.from_pretrained(folder / "picture_encoder"))
    bridge = load_file(folder / "bridge.safetensors")
    pair.sharpness.data = bridge.pop("sharpness")
    pair.projection.load_state_dict(bridge)
    return pair.float().eval().requires_grad_(False), CLIPTokenizer.from_pretrained(folder / "tokenizer")


@cache
def load(folder: Path = MODELS / "picturebook-clip") -> tuple[PictureText, CLIPTokenizer]:
    """The pair that ships with the course.

    Raises `CourseError` where weights are missing or damaged, and where they were made for other words.
    """
    verify_checksums(folder)
    pair, tokenizer = read(folder)
    check_learned(tokenizer.get_vocab(), folder.name)
    return pair, tokenizer
