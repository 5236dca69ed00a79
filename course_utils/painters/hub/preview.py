"""Previews of latents: by a tiny decoder where there is one, else by the model's own VAE.

The tiny autoencoders (TAESD and its kin) decode in milliseconds what the large VAE takes seconds for; they
are a few megabytes, and a model paints just as well where they cannot be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from course_utils.painters.hub.table import PREVIEWS, Row
from course_utils.painters.networks import unpatch
from course_utils.picturebook.tensors import to_pages

Preview = Callable[[torch.Tensor], np.ndarray]
BATCH = 8  # latents that a tiny decoder is given at once; the large VAE takes them one by one


def for_pipeline(row: Row, pipeline: Any) -> Preview:
    """A decoder of one latent or a batch of them, as this pipeline's scheduler meets them."""
    tiny = _tiny(row, pipeline)
    vae, at_once = (pipeline.vae, 1) if tiny is None else (tiny, BATCH)
    unpacked = UNPACKED[row.latents]
    plain = 3 if unpacked is _scaled else 2  # dimensions of one latent: a square, or a row of tokens

    def show(latents: torch.Tensor) -> np.ndarray:
        batch = latents if latents.ndim > plain else latents[None]
        pixels = [_decode(vae, unpacked(vae, part), pipeline) for part in batch.split(at_once)]
        return np.concatenate(pixels) if latents.ndim > plain else pixels[0][0]

    return show


def place(pipeline: Any) -> torch.device:
    """The device of a pipeline's VAE; while it waits in the host's memory, the one that it will move to."""
    own = pipeline.vae.device
    return pipeline._execution_device if own.type == "cpu" else own


def _tiny(row: Row, pipeline: Any) -> Any:
    if row.preview is None:
        return None
    from diffusers import AutoencoderTiny

    try:
        tiny = AutoencoderTiny.from_pretrained(
            row.preview,
            revision=PREVIEWS.get(row.preview),
            torch_dtype=pipeline.vae.dtype,
            use_safetensors=True,
            local_files_only=True,
        )
    except Exception:  # it is a convenience: whatever keeps it away, the large VAE decodes
        return None
    return tiny.to(place(pipeline))


@contextmanager
def exact(vae: Any) -> Iterator[Any]:
    """A VAE in a precision in which it does not overflow: single, where its checkpoint asks for that."""
    raised = vae.dtype == torch.float16 and getattr(vae.config, "force_upcast", False)
    if raised:
        vae.to(torch.float32)
    try:
        yield vae
    finally:
        if raised:
            vae.to(torch.float16)


def encoded(vae: Any, unit: torch.Tensor) -> torch.Tensor:
    """Pictures (batch, 3, side, side) in -1..1 as latents (batch, channels, h, w).

    A VAE made for films sees films of one frame.
    """
    if _for_films(vae):
        return vae.encode(unit[:, :, None]).latent_dist.mean[:, :, 0]
    return vae.encode(unit).latent_dist.mean


def decoded(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    """Latents (batch, channels, h, w) as pictures (batch, 3, side, side) in about -1..1."""
    if _for_films(vae):
        return vae.decode(latents[:, :, None]).sample[:, :, 0]
    return vae.decode(latents).sample


def _for_films(vae: Any) -> bool:
    return "temperal_downsample" in vae.config  # diffusers' own spelling


def _decode(vae: Any, latents: torch.Tensor, pipeline: Any) -> np.ndarray:
    with torch.inference_mode(), exact(vae) as able:
        return to_pages(decoded(able, latents.to(place(pipeline), able.dtype)).float().cpu())


def _scaled(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    scaling, shift = vae.config.get("scaling_factor") or 1.0, vae.config.get("shift_factor") or 0.0
    return latents / scaling + shift


def _square(tokens: torch.Tensor) -> torch.Tensor:
    """Tokens (batch, places, numbers) as a square, (batch, numbers, side, side)."""
    side = round(tokens.shape[1] ** 0.5)
    return tokens.transpose(1, 2).unflatten(2, (side, side))


def _flux(vae: Any, tokens: torch.Tensor) -> torch.Tensor:
    """Tokens of FLUX.2 as latents, the normalisation of their patches undone."""
    spread = (vae.bn.running_var + vae.config.batch_norm_eps).sqrt().cpu()
    return unpatch(_square(tokens) * spread[:, None, None] + vae.bn.running_mean.cpu()[:, None, None])


def _qwen(vae: Any, tokens: torch.Tensor) -> torch.Tensor:
    """Tokens of Qwen-Image as latents, the normalisation of their channels undone."""
    mean, spread = (
        torch.tensor(numbers)[:, None, None] for numbers in (vae.config.latents_mean, vae.config.latents_std)
    )
    return unpatch(_square(tokens)) * spread + mean


# How a row of the table packs its latents -> the way back.
UNPACKED: dict[str, Callable[[Any, torch.Tensor], torch.Tensor]] = {
    "scaled": _scaled,
    "flux2": _flux,
    "qwen": _qwen,
}
