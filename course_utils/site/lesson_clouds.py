"""What pages need to walk points: the learned network, clouds to aim at, what the exact denoiser knows."""

from __future__ import annotations

import json

import numpy as np
import torch

from course_utils import metrics, particles
from course_utils.particles.denoisers import NO_PROMPT
from course_utils.schedules import schedule
from course_utils.site.packs import HALF, pack

EACH = 200  # points of each shape where all of them are aimed at


def clouds() -> dict[str, bytes]:
    """`particles.pack`, tensors by name, and `particles.json`, the network's make."""
    network, exact = particles.load().network, particles.ExactDenoiser(schedule())
    everything = torch.cat([metrics.target(name, count=EACH) for name in particles.SHAPES])
    tensors = {f"network:{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"target:{name}": metrics.target(name) for name in particles.SHAPES}
    tensors |= {f"target:{NO_PROMPT}": everything}
    tensors |= {f"known:{name}": exact.known_points(name) for name in (NO_PROMPT, *particles.SHAPES)}
    arrays = {name: np.ascontiguousarray(tensor.detach().numpy()) for name, tensor in tensors.items()}
    make = {"prompts": network.prompts[1:], "width": network.width, "depth": len(network.layers)}
    return {"particles.pack": pack(arrays, HALF), "particles.json": json.dumps(make).encode()}
