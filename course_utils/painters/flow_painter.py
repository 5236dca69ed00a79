"""The painter of now: a flow-matching transformer that reads its prompts off a language model.

The class of FLUX.2 klein, in small. Four neighbouring places of the VAE's latent make one token of sixteen
numbers, brought to mean 0 and spread 1 (the VAE's batch norm holds how), and the transformer lets picture and
prompt attend to each other. A painting is what stock `Flux2KleinPipeline` paints, but for guidance between 0
and 1, which that pipeline leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from course_utils.painters.engine import TorchEngine
from course_utils.painters.painter import Painter
from course_utils.painters.ways import Straight
from course_utils.picturebook.tensors import to_pages, to_tensor
from course_utils.runtime import CourseError, generator, threads

LENGTH = 32  # tokens of a prompt
LAYERS = (2, 3, 4)  # hidden states of the language model that are read, side by side


@dataclass
class FlowPainter(Painter):
    """As `Painter`; `unet` is a `Flux2Transformer2DModel`, `vae` an `AutoencoderKLFlux2`.

    Latents are (16, 8, 8): patched and normalised.
    """

    def __post_init__(self) -> None:
        self.engine, self.way = self.torch_engine(), Straight(self.schedule)

    def torch_engine(self) -> TorchEngine:
        """See `Painter`."""
        return TorchEngine(
            Velocity(self.unet), lambda latents: self.vae.decode(latents, return_dict=False)[0]
        )

    def encode(self, prompt: str) -> torch.Tensor:
        """A prompt's vectors, (32, 3 x width): what the language model makes of it, token by token."""
        if prompt not in self._vectors:
            tokens = self.tokens(prompt)
            seen = (tokens != self.tokenizer.pad_token_id).long()
            with torch.inference_mode(), threads(1):
                states = self.text_encoder(
                    input_ids=tokens, attention_mask=seen, output_hidden_states=True, use_cache=False
                ).hidden_states
            self._vectors[prompt] = torch.cat([states[layer] for layer in LAYERS], dim=-1)[0]
        return self._vectors[prompt]

    def tokens(self, prompt: str) -> torch.Tensor:
        """See `Painter`."""
        told = self.tokenizer.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False)
        count = len(self.tokenizer(told).input_ids)
        if count > LENGTH:
            raise CourseError(
                f"This prompt takes {count} tokens and the painter reads {LENGTH}: shorten it or use words "
                "it knows."
            )
        filled = self.tokenizer(told, padding="max_length", max_length=LENGTH, return_tensors="pt")
        return filled.input_ids

    def decode(self, latents: torch.Tensor) -> np.ndarray:
        """Latents (16, h, w) or (batch, 16, h, w) to pixels, as `Painter.decode`."""
        batch = latents if latents.ndim == 4 else latents[None]
        mean, spread = self._normal()
        pages = to_pages(self.engine.decode(unpatch(batch * spread + mean)))
        return pages if latents.ndim == 4 else pages[0]

    def look(self, page: np.ndarray) -> torch.Tensor:
        """A page (side, side, 3) uint8 as latent, (16, side/16, side/16)."""
        mean, spread = self._normal()
        with torch.inference_mode(), threads(1):
            latent = self.vae.encode(to_tensor(page[None])).latent_dist.mean
        return ((patch(latent) - mean) / spread)[0]

    def static(self, seed: int) -> torch.Tensor:
        """The noise a seed stands for, (16, h, w)."""
        side = self.vae.config.sample_size // 16
        return torch.randn((1, self.unet.config.in_channels, side, side), generator=generator(seed))[0]

    def _normal(self) -> tuple[torch.Tensor, torch.Tensor]:
        norm = self.vae.bn
        spread = (norm.running_var + self.vae.config.batch_norm_eps).sqrt()
        return norm.running_mean[:, None, None], spread[:, None, None]


class Velocity(torch.nn.Module):
    """The transformer on latents that lie in a square: (batch, 16, h, w) in and out."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer

    def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """The velocity at a timestep, 0..1000, for prompts (batch, 32, width)."""
        batch, _, height, width = noisy.shape
        velocity = self.transformer(
            hidden_states=noisy.flatten(2).transpose(1, 2),
            timestep=(timestep / 1000).expand(batch),
            guidance=None,
            encoder_hidden_states=vectors,
            txt_ids=places(batch, 1, 1, vectors.shape[1]),
            img_ids=places(batch, height, width, 1),
            return_dict=False,
        )[0]
        return velocity.transpose(1, 2).unflatten(2, (height, width))


def places(batch: int, height: int, width: int, length: int) -> torch.Tensor:
    """Where every token stands, (batch, tokens, 4): time, row, column, place in the prompt."""
    axes = (torch.arange(1), torch.arange(height), torch.arange(width), torch.arange(length))
    return torch.cartesian_prod(*axes).expand(batch, -1, -1)


def patch(latents: torch.Tensor) -> torch.Tensor:
    """(batch, 4, h, w) to (batch, 16, h/2, w/2): four neighbouring places become one."""
    return torch.pixel_unshuffle(latents, 2)


def unpatch(latents: torch.Tensor) -> torch.Tensor:
    """The way back from `patch`."""
    return torch.pixel_shuffle(latents, 2)
