"""The networks of a checkpoint as modules of plain tensors: what every engine runs and every export traces.

module        from                                             to
TEXT_ENCODER  `tokens` (batch, 32)                             vectors (batch, 32, width)
NETWORK       `noisy` (batch, channels, h, w), `timestep`      the prediction, as large as noisy
              (batch,), `vectors`; where it was distilled
              `timestep_cond` (batch, any), the guidance
DECODER       `latents` (batch, channels, h, w)                pixels (batch, 3, side, side), about -1..1
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, ClassVar

import torch
from torch.nn import Module

from course_utils.painters.parts import Parts

TEXT_ENCODER, NETWORK, DECODER = "text_encoder", "network", "decoder"
LENGTH = 32  # tokens of a prompt
# Hidden states of the language model that are read, side by side; in the last ones single words fade.
LAYERS = (1, 2, 3)


class Networks(ABC):
    """The networks of one checkpoint, read when they are first needed; what kinds differ in is overridden."""

    kinds: ClassVar[Mapping[str, Callable[[Parts], Module]]]

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def module(self, name: str) -> Module:
        """The text encoder, the network or the decoder."""
        return self.kinds[name](self._parts)

    @abstractmethod
    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """The latents (batch, channels, h, w) of pixels (batch, 3, side, side) in -1..1."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, int, int]:
        """How large a latent is: (channels, h, w)."""

    @property
    @abstractmethod
    def width(self) -> int:
        """How many numbers a token's vector has."""

    @property
    def guidance_width(self) -> int:
        """How many numbers tell a distilled network the guidance; 0 for all others."""
        return 0

    @property
    def vocabulary(self) -> int:
        """How many tokens there are."""
        return self._parts.config("text_encoder")["vocab_size"]

    @cached_property
    def _network(self) -> dict[str, Any]:
        return self._parts.config(self._parts.network_name)


class UNetNetworks(Networks):
    """Stable Diffusion's: latents (4, h, w)."""

    kinds: ClassVar = {
        TEXT_ENCODER: lambda parts: LastStates(parts.text_encoder),
        NETWORK: lambda parts: Noise(parts.network),
        DECODER: lambda parts: Decoder(parts.vae),
    }

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """See `Networks`."""
        vae = self._parts.vae
        return vae.encode(pixels).latent_dist.mean * vae.config.scaling_factor

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """See `Networks`."""
        return self._network["in_channels"], self._network["sample_size"], self._network["sample_size"]

    @property
    def width(self) -> int:
        """See `Networks`."""
        return self._network["cross_attention_dim"]

    @property
    def guidance_width(self) -> int:
        """See `Networks`."""
        return self._network["time_cond_proj_dim"] or 0


class TransformerNetworks(Networks):
    """FLUX.2's: latents (16, h, w), patched and normalised."""

    kinds: ClassVar = {
        TEXT_ENCODER: lambda parts: LanguageStates(parts.text_encoder),
        NETWORK: lambda parts: Velocity(parts.network),
        DECODER: lambda parts: PatchDecoder(parts.vae),
    }

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """See `Networks`."""
        mean, spread = _normal(self._parts.vae)
        return (patch(self._parts.vae.encode(pixels).latent_dist.mean) - mean) / spread

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """See `Networks`."""
        side = self._parts.config("vae")["sample_size"] // 16
        return self._network["in_channels"], side, side

    @property
    def width(self) -> int:
        """See `Networks`."""
        return self._network["joint_attention_dim"]


KINDS: dict[str, type[Networks]] = {"unet": UNetNetworks, "transformer": TransformerNetworks}


def of(parts: Parts) -> Networks:
    """The networks of a checkpoint, which has a folder `unet` or `transformer`."""
    return KINDS[parts.network_name](parts)


class _Around(Module):
    """A library's model behind a forward of plain tensors."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


class LastStates(_Around):
    """CLIP's text encoder: tokens (batch, 32) to its last state, (batch, 32, width)."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=tokens).last_hidden_state


class LanguageStates(_Around):
    """A language model as text encoder: some of its states side by side; padding is hidden from it."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        states = self.model(
            input_ids=tokens,
            attention_mask=(tokens != self.model.config.pad_token_id).long(),
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        return torch.cat([states[layer] for layer in LAYERS], dim=-1)


class Noise(_Around):
    """A U-Net, which predicts eps at a timestep 0..999."""

    def forward(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        return self.model(noisy, timestep, vectors, timestep_cond=timestep_cond, return_dict=False)[0]


class Velocity(Module):
    """A transformer on latents that lie in a square, which predicts the velocity at a timestep 0..1000."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer  # the name under which a training's checkpoints hold the weights

    def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        batch, _, height, width = noisy.shape
        velocity = self.transformer(
            hidden_states=noisy.flatten(2).transpose(1, 2),
            timestep=(timestep / 1000).expand(batch),
            guidance=None,
            encoder_hidden_states=vectors,
            txt_ids=_places(batch, 1, 1, vectors.shape[1]),
            img_ids=_places(batch, height, width, 1),
            return_dict=False,
        )[0]
        return velocity.transpose(1, 2).unflatten(2, (height, width))


class Decoder(_Around):
    """Stable Diffusion's VAE: latents (batch, 4, h, w) to pixels (batch, 3, 8 h, 8 w)."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.model.decode(latents / self.model.config.scaling_factor, return_dict=False)[0]


class PatchDecoder(_Around):
    """FLUX.2's VAE: latents (batch, 16, h, w), patched and normalised, to pixels (batch, 3, 16 h, 16 w)."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        mean, spread = _normal(self.model)
        return self.model.decode(unpatch(latents * spread + mean), return_dict=False)[0]


def _normal(vae: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and spread of FLUX.2's patched latents, which the VAE's batch norm holds: (16, 1, 1) each."""
    spread = (vae.bn.running_var + vae.config.batch_norm_eps).sqrt()
    return vae.bn.running_mean[:, None, None], spread[:, None, None]


def _places(batch: int, height: int, width: int, length: int) -> torch.Tensor:
    """Where every token stands, (batch, tokens, 4): time, row, column, place in the prompt."""
    axes = (torch.arange(1), torch.arange(height), torch.arange(width), torch.arange(length))
    return torch.cartesian_prod(*axes).expand(batch, -1, -1)


def patch(latents: torch.Tensor) -> torch.Tensor:
    """(batch, 4, h, w) to (batch, 16, h/2, w/2): four neighbouring places become one."""
    return torch.pixel_unshuffle(latents, 2)


def unpatch(latents: torch.Tensor) -> torch.Tensor:
    """The way back from `patch`."""
    return torch.pixel_shuffle(latents, 2)
