"""Decode training pages the way painters' latents are decoded, for the judges to learn on.

python -m course_utils.training.decoded

Most latents get a little noise first, as a painter's are never quite right. The decoder is the one that
learned last.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from tqdm.auto import tqdm

from course_utils.picturebook.tensors import to_pages
from course_utils.runtime import cores, generator
from course_utils.training import latents, loop

COUNT = 24_000  # the first of the encoded pages
GRAIN = 0.3  # the most noise put into a latent before it is decoded, in its own standard deviations
CHUNK = 50
FILE = loop.RUNS / "decoded.npy"


def decode(vae: AutoencoderKL, means: torch.Tensor, first: int) -> np.ndarray:
    """Pages (count, 128, 128, 3) uint8 from latents with a little noise, different from page to page."""
    dice = generator(first)
    share = GRAIN * torch.rand(len(means), 1, 1, 1, generator=dice) * means.float().std()
    with torch.inference_mode():
        noisy = means.float() + share * torch.randn(means.shape, generator=dice)
        return to_pages(vae.decode(noisy).sample)


def latest_vae(source: Path) -> Path:
    """The folder of the VAE with the decoder that learned last."""
    sharpened = source / "decoder" / "final"
    return sharpened if sharpened.exists() else source / "vae" / "final"


def main(arguments: Sequence[str] | None = None) -> None:
    """Decode the first pages of the pool, on all cores."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--source", type=Path, default=loop.RUNS)
    chosen = parser.parse_args(arguments)
    pool = chosen.source / latents.FILE.name
    jobs = [
        (latest_vae(chosen.source), pool, first, min(CHUNK, chosen.count - first))
        for first in range(0, chosen.count, CHUNK)
    ]
    with get_context("spawn").Pool(min(cores(), len(jobs))) as workers:
        parts = tqdm(workers.imap(_decoded, jobs), total=len(jobs), desc="decoding pages", mininterval=5)
        np.save(chosen.source / FILE.name, np.concatenate(list(parts)))


def _decoded(job: tuple[Path, Path, int, int]) -> np.ndarray:
    vae, pool, first, count = job
    return decode(_vae(vae), _means(pool)[first : first + count], first)


@cache
def _vae(path: Path) -> AutoencoderKL:
    """Read once by each worker, which has a core of its own."""
    torch.set_num_threads(1)
    return AutoencoderKL.from_pretrained(path).eval()


@cache
def _means(pool: Path) -> torch.Tensor:
    return latents.pool(pool)["mean"]


if __name__ == "__main__":
    main()
