"""The learned denoiser: a small network that is shown noisy points and learns to name the noise."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import silu

from course_utils.particles.denoisers import NO_PROMPT
from course_utils.runtime import MODELS, CourseError, verify_checksums, write_checksums
from course_utils.schedules import T_MAX

PLACE_BANDS = 4
TIME_BANDS = 6
WEIGHTS = "network.safetensors"
CONFIG = "config.json"


class PointNetwork(nn.Module):
    """Names the noise in points, given the timestep and a prompt out of a fixed list.

    Places and timesteps enter as sines of doubling frequency, so that fine detail is within reach;
    time and prompt together scale and shift every layer (FiLM), which is how a prompt steers. The
    first prompt is the empty one: it is what guidance steers away from.
    """

    def __init__(self, prompts: Sequence[str], width: int = 128, depth: int = 3) -> None:
        super().__init__()
        self.prompts = (NO_PROMPT, *prompts)
        self.width, self.depth = width, depth
        self.words = nn.Embedding(len(self.prompts), width)
        self.time = nn.Linear(2 * TIME_BANDS, width)
        self.place = nn.Linear(2 + 4 * PLACE_BANDS, width)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.steer = nn.ModuleList(nn.Linear(width, 2 * width) for _ in range(depth))
        self.out = nn.Linear(width, 2)

    def forward(self, points: torch.Tensor, t: torch.Tensor, prompt: torch.Tensor) -> torch.Tensor:
        """Return the noise (n, 2) predicted for points (n, 2); timesteps and prompt numbers (n,) or (1,)."""
        hidden = self.place(torch.cat([points, _waves(points, PLACE_BANDS)], dim=1))  # (n, width)
        steering = silu(self.time(_waves(t[:, None] / T_MAX, TIME_BANDS)) + self.words(prompt))
        for layer, steer in zip(self.layers, self.steer, strict=True):
            scale, shift = steer(steering).chunk(2, dim=1)
            hidden = hidden + layer(silu(hidden * (1 + scale) + shift))
        return self.out(silu(hidden))

    def number(self, prompt: str) -> int:
        """The number of a prompt, 0 for the empty one."""
        if prompt not in self.prompts:
            known = ", ".join(self.prompts[1:])
            raise CourseError(
                f"This network was never shown {prompt!r}; it knows {known}, and the empty prompt."
            )
        return self.prompts.index(prompt)


def _waves(values: torch.Tensor, bands: int) -> torch.Tensor:
    """Sines and cosines of values (n, d) at doubling frequencies: (n, 2 d bands)."""
    frequencies = math.pi / 2 * 2.0 ** torch.arange(bands)
    angles = (values[:, :, None] * frequencies).flatten(1)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class LearnedDenoiser:
    """Asks a trained `PointNetwork` which noise it sees."""

    badge = "learned"

    def __init__(self, network: PointNetwork) -> None:
        self.network = network.eval()

    @torch.inference_mode()
    def predict(self, points: torch.Tensor, t: float, prompt: str) -> torch.Tensor:
        """Return the network's guess of eps, shape (n, 2)."""
        return self.network(points, torch.tensor([float(t)]), torch.tensor([self.network.number(prompt)]))


def save(network: PointNetwork, folder: Path) -> None:
    """Write the network as safetensors with its configuration and checksums."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), folder / WEIGHTS)
    config = {"prompts": network.prompts[1:], "width": network.width, "depth": network.depth}
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n")
    write_checksums(folder)


def load(folder: Path = MODELS / "particles") -> LearnedDenoiser:
    """Load a saved network; damaged or missing weights raise `CourseError` with the remedy."""
    verify_checksums(folder)
    try:
        network = PointNetwork(**json.loads((folder / CONFIG).read_text()))
        network.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, ValueError, TypeError, RuntimeError, SafetensorError):
        remedy = f"restore it with `git checkout -- data/models/{folder.name}`."
        raise CourseError(f"The model {folder.name!r} does not load; {remedy}") from None
    return LearnedDenoiser(network)
