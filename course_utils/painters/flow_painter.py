"""The painter of now: a flow-matching transformer that reads its prompts off a language model.

The class of FLUX.2 klein, in small. Four neighbouring places of the VAE's latent make one token of sixteen
numbers, brought to mean 0 and spread 1 (the VAE's batch norm holds how), and the transformer lets picture and
prompt attend to each other. A painting is what stock `Flux2KleinPipeline` paints, but for guidance between 0
and 1, which that pipeline leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from course_utils.painters.edits import checked_page
from course_utils.painters.engine import TorchEngine
from course_utils.painters.painter import Painter
from course_utils.painters.settings import Settings
from course_utils.painters.walk import Route
from course_utils.picturebook.tensors import to_pages, to_tensor
from course_utils.runtime import CourseError, threads
from course_utils.sampling import SAMPLERS
from course_utils.schedules import T_MAX, NoisePath, biased_timesteps, straight

LENGTH = 32  # tokens of a prompt
# Hidden states of the language model that are read, side by side; in the last ones single words fade.
LAYERS = (1, 2, 3)


@dataclass
class FlowPainter(Painter):
    """As `Painter`, for a `Flux2Transformer2DModel` and an `AutoencoderKLFlux2`.

    Latents are (16, 8, 8): patched and normalised.
    """

    early = 1.0  # its straight way wants guidance to the end

    @cached_property
    def path(self) -> NoisePath:
        """See `Painter`."""
        return straight()

    def route(self, settings: Settings) -> Route:
        """See `Painter`. Steps are even, and need not fall on whole timesteps, as in FLUX.2's pipeline."""
        if settings.sampler not in ("ddim", "euler") or settings.spacing != "trailing":
            raise CourseError(
                "On the straight path this painter walks in Euler's steps: choose the sampler euler, with "
                "trailing spacing."
            )
        even = [T_MAX - T_MAX * k / settings.steps for k in range(settings.steps)]
        timesteps = biased_timesteps(settings.steps, settings.bias) if settings.bias else [*even, 0]
        return Route(SAMPLERS["ddim"], timesteps, self.path)

    def predict(self, x: torch.Tensor, t: float, vectors: torch.Tensor) -> torch.Tensor:
        """See `Painter`; here it is the velocity, for latents (batch, 16, h, w)."""
        return self.engine.predict(x, torch.tensor(float(t)), vectors)

    def torch_engine(self) -> TorchEngine:
        """See `Painter`."""
        parts = self.parts
        return TorchEngine(
            encode_text=lambda tokens: encode_text(parts.text_encoder, tokens),
            predict=lambda noisy, timestep, vectors, timestep_cond: Velocity(parts.network)(
                noisy, timestep, vectors
            ),
            decode=lambda latents: parts.vae.decode(latents, return_dict=False)[0],
            prepare=lambda: parts.network,
        )

    def tokens(self, prompt: str) -> torch.Tensor:
        """See `Painter`."""
        words = self.parts.tokenizer
        text = _in_chat_template(words, self.heard(prompt).text)
        return words(text, padding="max_length", max_length=LENGTH, return_tensors="pt").input_ids

    def decode(self, latents: torch.Tensor) -> np.ndarray:
        """Latents (16, h, w) or (batch, 16, h, w) to pixels, as `Painter.decode`."""
        batch = latents if latents.ndim == 4 else latents[None]
        mean, spread = self._normal
        pages = to_pages(self.engine.decode(unpatch(batch * spread + mean)))
        return pages if latents.ndim == 4 else pages[0]

    def encode_image(self, page: np.ndarray) -> torch.Tensor:
        """A page (side, side, 3) uint8 as latent, (16, side/16, side/16)."""
        page = checked_page(page)
        mean, spread = self._normal
        with torch.inference_mode(), threads(1):
            latent = self.parts.vae.encode(to_tensor(page[None])).latent_dist.mean
        return ((patch(latent) - mean) / spread)[0]

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """See `Painter`: (16, h, w)."""
        side = self._vae["sample_size"] // 16
        return self._unet["in_channels"], side, side

    def pieces(self, prompt: str) -> list[str]:
        """See `Painter`."""
        words = self.parts.tokenizer
        numbers = words(_in_chat_template(words, self.heard(prompt).text)).input_ids
        return [words.decode([number]).strip() for number in numbers]

    def _count(self, text: str) -> int:
        """See `Painter`."""
        words = self.parts.tokenizer
        return len(words(_in_chat_template(words, text)).input_ids)

    _room = LENGTH

    def own_tokens(self, prompt: str) -> slice:
        """See `Painter`; here no token marks the start."""
        return slice(len(self.pieces(prompt)))

    @cached_property
    def _normal(self) -> tuple[torch.Tensor, torch.Tensor]:
        weights = load_file(self.parts.home("vae") / "diffusion_pytorch_model.safetensors")
        spread = (weights["bn.running_var"].float() + self._vae["batch_norm_eps"]).sqrt()
        return weights["bn.running_mean"].float()[:, None, None], spread[:, None, None]


def _in_chat_template(words: Any, prompt: str) -> str:
    return words.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False)


def encode_text(language: Any, tokens: torch.Tensor) -> torch.Tensor:
    """What a language model makes of tokens (batch, 32): some of its states side by side, (batch, 32, width).

    Padding is hidden from it.
    """
    states = language(
        input_ids=tokens,
        attention_mask=(tokens != language.config.pad_token_id).long(),
        output_hidden_states=True,
        use_cache=False,
    ).hidden_states
    return torch.cat([states[layer] for layer in LAYERS], dim=-1)


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
