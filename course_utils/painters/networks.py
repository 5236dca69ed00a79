"""The networks of a checkpoint as modules of plain tensors: what every engine runs and every export traces.

module        from                                             to
TEXT_ENCODER  `tokens` (batch, 32)                             vectors (batch, 32, width)
NETWORK       `noisy` (batch, channels, h, w), `timestep`      the prediction, as large as noisy
              (batch,), `vectors`; where it was distilled
              `timestep_cond` (batch, any), the guidance
DECODER       `latents` (batch, channels, h, w)                pixels (batch, 3, side, side), about -1..1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import torch
from torch.nn import Module

from course_utils.painters.parts import Parts

TEXT_ENCODER, NETWORK, DECODER, ENCODER = "text_encoder", "network", "decoder", "encoder"
LENGTH = 32  # tokens of a prompt
# Hidden states of the language model that are read, side by side; in the last ones single words fade.
LAYERS = (1, 2, 3)


class Networks:
    """The networks of one checkpoint, each read when it is first needed."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def module(self, name: str) -> Module:
        """One of the four above."""
        return KINDS[self._parts.network_name][name](self._parts)

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """How large a latent is: (channels, h, w)."""
        side = self._config.get("sample_size") or self._parts.config("vae")["sample_size"] // 16
        return self._config["in_channels"], side, side

    @property
    def guidance_width(self) -> int:
        """How many numbers tell a distilled network the guidance; 0 for all others."""
        return self._config.get("time_cond_proj_dim") or 0

    @property
    def _config(self) -> dict[str, Any]:
        return self._parts.config(self._parts.network_name)


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
    """Out of Stable Diffusion's VAE."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.model.decode(latents / self.model.config.scaling_factor, return_dict=False)[0]


class Encoder(_Around):
    """Into Stable Diffusion's VAE."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.encode(pixels).latent_dist.mean * self.model.config.scaling_factor


class PatchDecoder(_Around):
    """Out of FLUX.2's VAE."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        mean, spread = _normal(self.model)
        return self.model.decode(unpatch(latents * spread + mean), return_dict=False)[0]


class PatchEncoder(_Around):
    """Into FLUX.2's VAE."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        mean, spread = _normal(self.model)
        return (patch(self.model.encode(pixels).latent_dist.mean) - mean) / spread


# By the folder of the network.
KINDS: Mapping[str, Mapping[str, Callable[[Parts], Module]]] = {
    "unet": {
        TEXT_ENCODER: lambda parts: LastStates(parts.text_encoder),
        NETWORK: lambda parts: Noise(parts.network),
        DECODER: lambda parts: Decoder(parts.vae),
        ENCODER: lambda parts: Encoder(parts.vae),
    },
    "transformer": {
        TEXT_ENCODER: lambda parts: LanguageStates(parts.text_encoder),
        NETWORK: lambda parts: Velocity(parts.network),
        DECODER: lambda parts: PatchDecoder(parts.vae),
        ENCODER: lambda parts: PatchEncoder(parts.vae),
    },
}


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
