"""Graphs of a painter's networks for ONNX Runtime, built from its weights and kept in a cache.

python -m course_utils.painters.graphs data/models/picturebook

The export traces a network with stand-ins for tensors, for the whole process at once. So it runs in a process
of its own, beside which the painter can paint.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from course_utils.painters.parts import Parts
from course_utils.runtime import ROOT, CourseError, sha256

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, AutoencoderKLFlux2, UNet2DConditionModel
    from transformers import CLIPTextModel, Qwen3ForCausalLM

OPSET = 20  # of the standard operators, which are all that the graphs use
RECIPE = 1  # one more whenever this module makes other graphs of the same weights
LENGTH = 32  # tokens of a prompt


def ready(parts: Parts) -> list[Path]:
    """The graphs of text encoder, network and VAE decoder; built first where they are missing.

    Raises `CourseError` with the reason where they cannot be built.
    """
    if not cached(parts):
        built_apart(__name__, parts)
    return paths(parts)


def built_apart(module: str, parts: Parts) -> None:
    """Let a module build its graphs of a checkpoint in a process of its own.

    Raises `CourseError` with the reason where that fails.
    """
    command = [sys.executable, "-m", module, *map(str, parts.folders)]
    # In a session of its own: who interrupts a cell does not mean this.
    built = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, start_new_session=True
    )
    if built.returncode:
        raise CourseError(built.stderr.strip().splitlines()[-1] if built.stderr else "No graph came out.")


def cached(parts: Parts) -> bool:
    """Whether all graphs of a checkpoint have been built."""
    return all(path.exists() for path in paths(parts))


def forget(parts: Parts) -> None:
    """Remove the graphs of a checkpoint from the cache."""
    for path in paths(parts):
        path.unlink(missing_ok=True)


def paths(parts: Parts) -> list[Path]:
    """Where the graphs of a checkpoint are kept, named by the checksums of its weights and their settings."""
    files = {"text_encoder": "model.safetensors"} | dict.fromkeys(
        (parts.network_name, "vae"), "diffusion_pytorch_model.safetensors"
    )
    return [cache() / f"{_mark(parts.home(part), name)}.onnx" for part, name in files.items()]


def _mark(folder: Path, weights: str) -> str:
    both = sha256(folder / weights) + sha256(folder / "config.json")
    return f"{hashlib.sha256(both.encode()).hexdigest()[:16]}-{OPSET}-{RECIPE}"


def cache() -> Path:
    """The folder for graphs: COURSE_CACHE, or the user's cache folder."""
    home = os.environ.get("COURSE_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "course_utils"


def build(parts: Parts) -> None:
    """Build the graphs of a checkpoint, each beside its place and then moved there: never half a file."""
    jobs = [*_KINDS[parts.network_name](parts)]
    for job, path in zip(jobs, paths(parts), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            fresh = Path(scratch) / "graph.onnx"
            _export(job, fresh)
            fresh.replace(path)


@dataclass(frozen=True)
class _Job:
    """One graph: a module, an example of its input, names for in and out."""

    module: torch.nn.Module
    example: tuple[torch.Tensor, ...]
    names: tuple[str, ...]
    out: str


def _with_unet(parts: Parts) -> Iterator[_Job]:
    unet = parts.network
    side, width = unet.config.sample_size, unet.config.cross_attention_dim
    yield _reader(parts, _States(parts.text_encoder))
    told = unet.config.time_cond_proj_dim  # numbers that tell a distilled network the guidance
    more = {"told": torch.randn(2, told)} if told else {}
    yield _guess(_Noise(unet), torch.randn(2, unet.config.in_channels, side, side), width, **more)
    yield _decoder(parts.vae, side)


def _with_transformer(parts: Parts) -> Iterator[_Job]:
    from course_utils.painters.flow_painter import Velocity

    transformer, side = parts.network, parts.vae.config.sample_size // 8
    noisy = torch.randn(2, transformer.config.in_channels, side // 2, side // 2)
    yield _reader(parts, _LanguageStates(parts.text_encoder))
    yield _guess(Velocity(transformer), noisy, transformer.config.joint_attention_dim)
    yield _decoder(parts.vae, side)


_KINDS = {"unet": _with_unet, "transformer": _with_transformer}


def _reader(parts: Parts, module: torch.nn.Module) -> _Job:
    last = parts.text_encoder.config.vocab_size - 1
    return _Job(module, (torch.randint(last, (2, LENGTH)),), ("tokens",), "vectors")


def _guess(module: torch.nn.Module, noisy: torch.Tensor, width: int, **more: torch.Tensor) -> _Job:
    example = {
        "noisy": noisy,
        "timestep": torch.tensor([1.0, 1.0]),
        "vectors": torch.randn(2, LENGTH, width),
        **more,
    }
    return _Job(module, tuple(example.values()), tuple(example), "guess")


def _decoder(vae: AutoencoderKL | AutoencoderKLFlux2, side: int) -> _Job:
    return _Job(
        _Decode(vae), (torch.randn(2, vae.config.latent_channels, side, side),), ("latents",), "pixels"
    )


class _States(torch.nn.Module):
    def __init__(self, text: CLIPTextModel) -> None:
        super().__init__()
        self.text = text

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.text(input_ids=tokens).last_hidden_state


class _LanguageStates(torch.nn.Module):
    def __init__(self, text: Qwen3ForCausalLM) -> None:
        super().__init__()
        self.text = text

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        from course_utils.painters.flow_painter import read

        return read(self.text, tokens)


class _Noise(torch.nn.Module):
    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet = unet

    def forward(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        told: torch.Tensor | None = None,
    ) -> torch.Tensor:
        return self.unet(noisy, timestep, vectors, timestep_cond=told, return_dict=False)[0]


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
    build(Parts(*map(Path, sys.argv[1:])))
