"""What a step of any scheduler of diffusers means: x_t, eps and x0, found by asking the scheduler itself.

No class is known by name here. How noisy x_t is, the scheduler's own `add_noise` (of a flow model,
`scale_noise`) tells; whether it keeps x_t in other units than the network sees, its `scale_model_input`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch

from course_utils.schedules import from_index

FLOW = "flow_prediction"


class Step(NamedTuple):
    """One picture's step: `t` (0 clean .. 1000 static), x_t, eps and x0, in float32 on the processor."""

    t: int
    noisy: torch.Tensor
    noise: torch.Tensor
    clean: torch.Tensor


def read_step(scheduler: Any, output: torch.Tensor, timestep: Any, sample: torch.Tensor) -> Step:
    """The step of the first picture of a batch, from what `scheduler.step` is about to get.

    Call it before that. `output` and `sample` are (batch, channels, h, w), or (batch, places, numbers) where
    a transformer's latents are packed.
    """
    # Schedulers of flow matching know one kind of prediction only, and do not name it.
    predicts = scheduler.config.get("prediction_type", FLOW)
    signal = _signal(scheduler, timestep, sample.device)
    level = 1 - signal if predicts == FLOW else (1 - signal**2) ** 0.5
    noisy = _as_seen(scheduler, sample, timestep)[0].float().cpu()
    noise, clean = _READ[predicts](noisy, output[0].float().cpu(), signal, level)
    index = round(float(timestep))
    return Step(index if predicts == FLOW else from_index(index), noisy, noise, clean)


def _signal(scheduler: Any, timestep: Any, device: torch.device) -> float:
    """How much of x0 is in x_t: what the scheduler makes of a clean 1 without noise."""
    one, none = torch.ones(1, device=device), torch.zeros(1, device=device)
    when = torch.as_tensor(timestep, device=device).reshape(1)
    if hasattr(scheduler, "scale_noise"):
        return float(scheduler.scale_noise(one, when, none))
    return float(_as_seen(scheduler, scheduler.add_noise(one, none, when), timestep))


def _as_seen(scheduler: Any, latents: torch.Tensor, timestep: Any) -> torch.Tensor:
    """Latents as the network gets them; some schedulers keep them divided by the signal."""
    scale = getattr(scheduler, "scale_model_input", None)
    return scale(latents, timestep) if scale else latents


Levels = Callable[[torch.Tensor, torch.Tensor, float, float], tuple[torch.Tensor, torch.Tensor]]
# (eps, x0) from x_t and the prediction, by what is predicted; x_t = signal x0 + level eps.
_READ: dict[str, Levels] = {
    "epsilon": lambda x, eps, signal, level: (eps, (x - level * eps) / signal),
    "sample": lambda x, clean, signal, level: ((x - signal * clean) / level, clean),
    "v_prediction": lambda x, v, signal, level: (level * x + signal * v, signal * x - level * v),
    FLOW: lambda x, v, signal, level: (x + signal * v, x - level * v),  # v = eps - x0
}
