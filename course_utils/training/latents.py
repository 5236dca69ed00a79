"""Encode the pages that the painters learn from, and their mirror images, once.

python -m course_utils.training.latents

The numbers of these pages are the painter's whole training set: notebook 2 looks its paintings up in it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from tqdm.auto import tqdm

from course_utils.picturebook.tensors import to_tensor
from course_utils.runtime import CourseError, cores
from course_utils.training import loop
from course_utils.training.kept import COUNT
from course_utils.training.mirrors import WithMirrors

CHUNK = 50
Job = tuple[Path, int, int]  # folder of the VAE, first page, pages
FILE = loop.RUNS / "latents.safetensors"


def encode(vae: AutoencoderKL, first: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation, each (count, 4, 16, 16), of the latents of `count` training pages."""
    pages = WithMirrors("train")
    with torch.inference_mode():
        posterior = vae.encode(to_tensor([pages.page(first + k) for k in range(count)])).latent_dist
        return posterior.mean.half(), posterior.std.half()


def pool(file: Path = FILE) -> dict[str, torch.Tensor]:
    """The encoded pages: {"mean", "std"}, each (pages, 4, 16, 16)."""
    if not file.exists():
        raise CourseError(f"{file} is missing; make it with `python -m course_utils.training.latents`.")
    return load_file(file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Encode the training pages; the VAE gets its scaling factor, one over the latents' spread."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=2 * COUNT)
    parser.add_argument("--vae", type=Path, default=loop.RUNS / "vae" / "final")
    parser.add_argument("--out", type=Path, default=FILE)
    chosen = parser.parse_args(arguments)
    jobs = [(chosen.vae, first, min(CHUNK, chosen.count - first)) for first in range(0, chosen.count, CHUNK)]
    with get_context("spawn").Pool(min(cores(), len(jobs))) as workers:
        parts = list(
            tqdm(workers.imap(_encoded, jobs), total=len(jobs), desc="encoding pages", mininterval=5)
        )
    means, stds = (torch.cat([part[k] for part in parts]).contiguous() for k in (0, 1))
    save_file({"mean": means, "std": stds}, chosen.out)
    factor = 1 / (means.float().var() + stds.float().square().mean()).sqrt().item()
    vae = AutoencoderKL.from_pretrained(chosen.vae)
    vae.register_to_config(scaling_factor=factor)
    vae.save_pretrained(chosen.vae)
    centres = ", ".join(f"{centre:.2f}" for centre in means.float().mean((0, 2, 3)))
    print(f"{len(means)} pages; scaling factor {factor:.4f}; channel means {centres}")


def _encoded(job: Job) -> tuple[torch.Tensor, torch.Tensor]:
    path, first, count = job
    return encode(_vae(path), first, count)


@cache
def _vae(path: Path) -> AutoencoderKL:
    """Read once by each worker, which has a core of its own."""
    torch.set_num_threads(1)
    return AutoencoderKL.from_pretrained(path).eval()


if __name__ == "__main__":
    main()
