"""What pages need to walk points: the learned network, clouds to aim at, what the exact denoiser knows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from course_utils import metrics, particles
from course_utils.particles.denoisers import NO_PROMPT
from course_utils.schedules import schedule
from course_utils.site.packs import HALF, pack

EACH = 200  # points of each shape where all of them are aimed at


def write_clouds(folder: Path) -> None:
    """Write `particles.pack`, tensors by name, and `particles.json`, the network's make, into `folder`."""
    network, exact = particles.load().network, particles.ExactDenoiser(schedule())
    everything = torch.cat([metrics.target(name, count=EACH) for name in particles.SHAPES])
    tensors = {f"network:{name}": tensor for name, tensor in network.state_dict().items()}
    tensors |= {f"target:{name}": metrics.target(name) for name in particles.SHAPES}
    tensors |= {f"target:{NO_PROMPT}": everything}
    tensors |= {f"known:{name}": exact.known_points(name) for name in (NO_PROMPT, *particles.SHAPES)}
    arrays = {name: np.ascontiguousarray(tensor.detach().numpy()) for name, tensor in tensors.items()}
    (folder / "particles.pack").write_bytes(pack(arrays, HALF))
    make = {"prompts": network.prompts[1:], "width": network.width, "depth": len(network.layers)}
    (folder / "particles.json").write_text(json.dumps(make) + "\n")
