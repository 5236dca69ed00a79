"""diffusers' schedulers by the names that people use, and how to read the way off them."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import torch

from course_utils.painters.settings import SAMPLERS, Settings
from course_utils.schedules import spent, to_index


def scheduler(settings: Settings, config: dict[str, Any]) -> Any:
    """A scheduler with the checkpoint's noise schedule, ready for its steps."""
    ready = made(kind(settings.sampler), {**config, "timestep_spacing": settings.spacing})
    if settings.bias:
        places = spent(settings.steps, settings.bias)
        ready.set_timesteps(timesteps=[to_index(t) for t in places[:-1]])
    else:
        ready.set_timesteps(settings.steps)
        _without_surplus(ready)
    return ready


def kind(sampler: str) -> Any:
    """The scheduler of a name in SAMPLERS: diffusers' own, but for DDIM, which it cannot do in any count."""
    import diffusers  # takes seconds: not before something is painted

    from course_utils.painters.ddim import ListedDDIMScheduler

    return ListedDDIMScheduler if sampler == "ddim" else getattr(diffusers, SAMPLERS[sampler])


def made(kind: type, config: dict[str, Any]) -> Any:
    """A scheduler of diffusers' that nobody has used, with a checkpoint's settings.

    It is a copy: diffusers takes a millisecond to read settings, at every painting.
    """
    return copy.deepcopy(_first(kind, json.dumps(config)))


@lru_cache(maxsize=32)
def _first(kind: Any, config: str) -> Any:
    return kind.from_config(json.loads(config))


def _without_surplus(ready: Any) -> None:
    """Take out the timestep of -1 that rounding adds to trailing spacing at some counts (61, 103, ...)."""
    surplus = int((ready.timesteps < 0).sum())
    if not surplus:
        return
    ready.timesteps = ready.timesteps[:-surplus]
    if hasattr(ready, "sigmas"):
        ready.sigmas = torch.cat([ready.sigmas[: -1 - surplus], ready.sigmas[-1:]])


def signal_and_noise(ready: Any, timestep: torch.Tensor) -> tuple[float, float]:
    """sqrt(alpha_bar) and sqrt(1 - alpha_bar) at a timestep of diffusers' counting (0..999)."""
    alpha_bar = ready.alphas_cumprod[round(float(timestep))].item()
    return alpha_bar**0.5, (1 - alpha_bar) ** 0.5


def scaled(ready: Any, latents: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
    """Latents as the network takes them; some schedulers keep them divided by the signal."""
    scale = getattr(ready, "scale_model_input", None)
    return scale(latents, timestep) if scale else latents


@cache
def _takes_dice(kind: type) -> bool:
    return "generator" in inspect.signature(kind.step).parameters  # type: ignore[attr-defined]


def advance(
    ready: Any,
    noise: torch.Tensor,
    timestep: torch.Tensor,
    latents: torch.Tensor,
    dice: Sequence[torch.Generator],
) -> torch.Tensor:
    """One move of the sampler; those that add noise take it from each picture's own generator."""
    more = {"generator": list(dice)} if _takes_dice(type(ready)) else {}  # type: ignore[arg-type]
    return ready.step(noise, timestep, latents, return_dict=False, **more)[0]
