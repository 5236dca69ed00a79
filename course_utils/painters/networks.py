"""The networks of a checkpoint as modules of plain tensors: what every engine runs and every export traces.

module        from                                             to
TEXT_ENCODER  `tokens` (batch, length)                         vectors (batch, length, width)
NETWORK       `noisy` (batch, channels, h, w), `timestep`      the prediction, as large as noisy
              (batch,), `vectors`; where it was distilled
              `timestep_cond` (batch, any), the guidance
DECODER       `latents` (batch, channels, h, w)                pixels (batch, 3, side, side), about -1..1
ENCODER       pixels, as above                                 latents
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch.nn import Module

from course_utils.painters.parts import Parts

TEXT_ENCODER, NETWORK, DECODER, ENCODER = "text_encoder", "network", "decoder", "encoder"
# Hidden states of the language model that are read, side by side; in the last ones single words fade.
LAYERS = (1, 2, 3)


def folder(parts: Parts, name: str) -> str:
    """The part of a checkpoint that one of these modules is made of, by its folder."""
    return {TEXT_ENCODER: "text_encoder", NETWORK: parts.network_name}.get(name, "vae")


def module(parts: Parts, name: str) -> Module:
    """One of these modules of a checkpoint; its weights are read when they are first needed."""
    return KINDS[parts.network_name][name](parts.part(folder(parts, name)))


def latent_shape(parts: Parts) -> tuple[int, int, int]:
    """How large a latent of this checkpoint is: (channels, h, w)."""
    config = parts.config(parts.network_name)
    side = config.get("sample_size") or parts.config("vae")["sample_size"] // 16
    return config["in_channels"], side, side


def guidance_width(parts: Parts) -> int:
    """How many numbers give a distilled network its guidance; 0 for all other networks."""
    return parts.config(parts.network_name).get("time_cond_proj_dim") or 0


class _Around(Module):
    """A library's model behind a forward of plain tensors."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


class _LastStates(_Around):
    """CLIP's text encoder: tokens (batch, length) to its last state, (batch, length, width)."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=tokens).last_hidden_state


class LanguageStates(_Around):
    """A language model as text encoder: some of its states side by side; padding is hidden from it."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """Tokens (batch, length) to the states of `LAYERS`, (batch, length, 3 * width)."""
        states = self.model(
            input_ids=tokens,
            attention_mask=(tokens != self.model.config.pad_token_id).long(),
            output_hidden_states=True,
            use_cache=False,
        ).hidden_states
        return torch.cat([states[layer] for layer in LAYERS], dim=-1)


class _Noise(_Around):
    """A U-Net, which predicts eps (batch, 4, h, w) at a timestep 0..999."""

    def forward(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        return self.model(noisy, timestep, vectors, timestep_cond=timestep_cond, return_dict=False)[0]


class Velocity(Module):
    """A transformer on latents that lie in a square, which predicts the velocity."""

    def __init__(self, transformer: Any) -> None:
        super().__init__()
        self.transformer = transformer  # the name under which a training's checkpoints hold the weights

    def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """The velocity eps - x0, (batch, 16, h, w) as `noisy`, at timesteps 0..1000, (batch,)."""
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


class _Decoder(_Around):
    """Stable Diffusion's VAE from latents (batch, 4, h, w) to pixels (batch, 3, 8 * h, 8 * w)."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.model.decode(latents / self.model.config.scaling_factor, return_dict=False)[0]


class _Encoder(_Around):
    """Stable Diffusion's VAE from pixels to latents, `_Decoder` turned round."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.encode(pixels).latent_dist.mean * self.model.config.scaling_factor


class _PatchDecoder(_Around):
    """FLUX.2's VAE from normalised patches (batch, 16, h, w) to pixels (batch, 3, 16 * h, 16 * w)."""

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        mean, spread = _normal(self.model)
        return self.model.decode(unpatch(latents * spread + mean), return_dict=False)[0]


class _PatchEncoder(_Around):
    """FLUX.2's VAE from pixels to normalised patches, `_PatchDecoder` turned round."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        mean, spread = _normal(self.model)
        return (patch(self.model.encode(pixels).latent_dist.mean) - mean) / spread


# By the folder of the network.
KINDS: Mapping[str, Mapping[str, type[Module]]] = {
    "unet": {TEXT_ENCODER: _LastStates, NETWORK: _Noise, DECODER: _Decoder, ENCODER: _Encoder},
    "transformer": {
        TEXT_ENCODER: LanguageStates,
        NETWORK: Velocity,
        DECODER: _PatchDecoder,
        ENCODER: _PatchEncoder,
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
    """Latents (batch, 4, h, w) to (batch, 16, h / 2, w / 2): four neighbouring places become one."""
    return torch.pixel_unshuffle(latents, 2)


def unpatch(latents: torch.Tensor) -> torch.Tensor:
    """The inverse of `patch`: (batch, 16, h, w) to (batch, 4, 2 * h, 2 * w)."""
    return torch.pixel_shuffle(latents, 2)
