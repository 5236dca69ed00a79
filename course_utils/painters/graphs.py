"""Graphs of a painter's networks for ONNX Runtime, built from its weights and kept in a cache.

python -m course_utils.painters.graphs data/models/picturebook

The export traces a network with stand-ins for tensors, for the whole process at once. So it runs in a process
of its own, beside which the painter can paint.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from course_utils.runtime import ROOT, CourseError, sha256

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, AutoencoderKLFlux2, UNet2DConditionModel

OPSET = 20


def ready(folder: Path) -> list[Path]:
    """The graphs of the network and of the VAE's decoder in `folder`; built first where they are missing.

    Raises `CourseError` with the reason where they cannot be built.
    """
    found = paths(folder)
    if not all(path.exists() for path in found):
        command = [sys.executable, "-m", __name__, str(folder)]
        built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if built.returncode:
            raise CourseError(built.stderr.strip().splitlines()[-1] if built.stderr else "No graph came out.")
    return found


def paths(folder: Path) -> list[Path]:
    """Where the graphs of a checkpoint are kept, named by the checksums of its weights."""
    weights = [folder / part / "diffusion_pytorch_model.safetensors" for part in (_network(folder), "vae")]
    return [cache() / f"{sha256(path)[:16]}-{OPSET}.onnx" for path in weights]


def cache() -> Path:
    """The folder for graphs: COURSE_CACHE, or the user's cache folder."""
    home = os.environ.get("COURSE_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "course_utils"


def build(folder: Path) -> None:
    """Build both graphs of a checkpoint, each beside its place and then moved there: never half a file."""
    jobs = [*_KINDS[_network(folder)](folder)]
    for job, path in zip(jobs, paths(folder), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            fresh = Path(scratch) / "graph.onnx"
            _export(job, fresh)
            fresh.replace(path)


def _network(folder: Path) -> str:
    return next(part for part in ("unet", "transformer") if (folder / part).is_dir())


@dataclass(frozen=True)
class _Job:
    """One graph: a module, an example of its input, names for in and out."""

    module: torch.nn.Module
    example: tuple[torch.Tensor, ...]
    names: tuple[str, ...]
    out: str


_GUESS = ("noisy", "timestep", "vectors")


def _with_unet(folder: Path) -> Iterator[_Job]:
    from diffusers import AutoencoderKL, UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(folder / "unet").float()
    side, width = unet.config.sample_size, unet.config.cross_attention_dim
    noisy = torch.randn(2, unet.config.in_channels, side, side)
    yield _Job(_Guess(unet), (noisy, torch.tensor([1.0, 1.0]), torch.randn(2, 32, width)), _GUESS, "noise")
    vae = AutoencoderKL.from_pretrained(folder / "vae").float()
    yield _Job(
        _Decode(vae), (torch.randn(2, vae.config.latent_channels, side, side),), ("latents",), "pixels"
    )


def _with_transformer(folder: Path) -> Iterator[_Job]:
    from diffusers import AutoencoderKLFlux2, Flux2Transformer2DModel

    from course_utils.painters.flow_painter import Velocity

    transformer = Flux2Transformer2DModel.from_pretrained(folder / "transformer").float()
    vae = AutoencoderKLFlux2.from_pretrained(folder / "vae").float()
    side, width = vae.config.sample_size // 8, transformer.config.joint_attention_dim
    noisy = torch.randn(2, transformer.config.in_channels, side // 2, side // 2)
    example = (noisy, torch.tensor([1.0, 1.0]), torch.randn(2, 32, width))
    yield _Job(Velocity(transformer), example, _GUESS, "velocity")
    yield _Job(
        _Decode(vae), (torch.randn(2, vae.config.latent_channels, side, side),), ("latents",), "pixels"
    )


_KINDS = {"unet": _with_unet, "transformer": _with_transformer}


class _Guess(torch.nn.Module):
    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        return self.unet(noisy, timestep, vectors, return_dict=False)[0]


class _Decode(torch.nn.Module):
    def __init__(self, vae: AutoencoderKL | AutoencoderKLFlux2) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.vae.decode(latents, return_dict=False)[0]


def _export(job: _Job, path: Path) -> None:
    batch = torch.export.Dim("batch", min=1, max=1024)
    torch.onnx.export(
        job.module.eval(),
        job.example,
        path,
        dynamo=True,
        input_names=list(job.names),
        output_names=[job.out],
        dynamic_shapes=tuple({0: batch} for _ in job.example),
        external_data=False,
        opset_version=OPSET,
        verbose=False,
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]))
