"""Encode the pages that the painter learns from, once, and decode others for the judges.

python -m course_utils.training.latents

The numbers of these pages are the painter's whole training set: notebook 2 looks its paintings up in it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import cache
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from tqdm.auto import tqdm

from course_utils.picturebook.tensors import to_pages, to_tensor
from course_utils.runtime import CourseError, cores, generator
from course_utils.training import loop
from course_utils.training.kept import COUNT, KeptPages

DECODED = 8_000  # pages come back through the VAE, some latents noisy, for the judges to learn on
APART = 3  # seed of those pages: no painter learns from them
GRAIN = 0.3  # the most noise put into a latent before it is decoded, in its own standard deviations
CHUNK = 50
Job = tuple[Path, int, int]  # folder of the VAE, first page, pages
FILE = loop.RUNS / "latents.safetensors"
DECODED_FILE = loop.RUNS / "decoded.npy"


def encode(vae: AutoencoderKL, first: int, count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation, each (count, 4, 16, 16), of the latents of `count` training pages."""
    pages = KeptPages("train", seed)
    with torch.inference_mode():
        posterior = vae.encode(to_tensor([pages.page(first + k) for k in range(count)])).latent_dist
        return posterior.mean.half(), posterior.std.half()


def decode(vae: AutoencoderKL, means: torch.Tensor, first: int) -> np.ndarray:
    """Pages (count, 128, 128, 3) uint8 from latents with a little noise, different from page to page."""
    dice = generator(first)
    share = GRAIN * torch.rand(len(means), 1, 1, 1, generator=dice) * means.float().std()
    with torch.inference_mode():
        noisy = means.float() + share * torch.randn(means.shape, generator=dice)
        return to_pages(vae.decode(noisy).sample)


def pool(file: Path = FILE) -> dict[str, torch.Tensor]:
    """The encoded pages: {"mean", "std"}, each (pages, 4, 16, 16)."""
    if not file.exists():
        raise CourseError(f"{file} is missing; make it with `python -m course_utils.training.latents`.")
    return load_file(file)


def main(arguments: Sequence[str] | None = None) -> None:
    """Encode the training pages; the VAE gets its scaling factor, one over the latents' spread."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--vae", type=Path, default=loop.RUNS / "vae" / "final")
    parser.add_argument("--out", type=Path, default=FILE)
    chosen = parser.parse_args(arguments)
    with get_context("spawn").Pool(min(cores(), -(-max(chosen.count, DECODED) // CHUNK))) as workers:
        parts = _by_chunks(workers, _encoded, chosen.vae, chosen.count, "encoding pages")
        back = _by_chunks(workers, _decoded, chosen.vae, DECODED, "decoding pages")
    means, stds = (torch.cat([part[k] for part in parts]).contiguous() for k in (0, 1))
    save_file({"mean": means, "std": stds}, chosen.out)
    np.save(chosen.out.with_name(DECODED_FILE.name), np.concatenate(back))
    factor = 1 / (means.float().var() + stds.float().square().mean()).sqrt().item()
    vae = AutoencoderKL.from_pretrained(chosen.vae)
    vae.register_to_config(scaling_factor=factor)
    vae.save_pretrained(chosen.vae)
    centres = ", ".join(f"{centre:.2f}" for centre in means.float().mean((0, 2, 3)))
    print(f"{len(means)} pages; scaling factor {factor:.4f}; channel means {centres}")


def _by_chunks(workers: Pool, job: Callable[[Job], Any], vae: Path, count: int, about: str) -> list[Any]:
    jobs = [(vae, first, min(CHUNK, count - first)) for first in range(0, count, CHUNK)]
    return list(tqdm(workers.imap(job, jobs), total=len(jobs), desc=about, mininterval=5))


def _encoded(job: Job) -> tuple[torch.Tensor, torch.Tensor]:
    path, first, count = job
    return encode(_vae(path), first, count)


def _decoded(job: Job) -> np.ndarray:
    path, first, count = job
    means, _ = encode(_vae(path), first, count, APART)
    return decode(_vae(path), means, first)


@cache
def _vae(path: Path) -> AutoencoderKL:
    """Read once by each worker, which has a core of its own."""
    torch.set_num_threads(1)
    return AutoencoderKL.from_pretrained(path).eval()


if __name__ == "__main__":
    main()
