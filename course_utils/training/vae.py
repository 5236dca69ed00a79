"""Train the picture book's VAE: pages to latents with 48 times fewer numbers, and back.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.vae [--refine]

diffusers' `AutoencoderKL`. It learns on 64x64 cuttings first, where it sees most edges for its time, and on
whole pages at the end, so that its normalisation layers meet what they will be used on. --refine goes on with
whole pages alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import nn

from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.draw import place
from course_utils.picturebook.tensors import to_tensor
from course_utils.training import loop

ROUGH = loop.Recipe("vae-rough", steps=31_000, batch=16, rate=1e-3)
RECIPE = loop.Recipe("vae", steps=10_000, batch=4, rate=6e-4)
WHOLE_FROM = 0.6  # share of the steps after which whole pages are shown
CUTTING = 64
CUTTINGS = 2  # of each page
ON_SUBJECT = 0.7  # share of the cuttings that are taken where the subject is
KL_WEIGHT = 1e-4


def build() -> AutoencoderKL:
    """A fresh VAE: (3, 128, 128) to (4, 16, 16) and back."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 32, 64, 128),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=128,
    )


class Reconstruction(nn.Module):
    """How far a page comes back changed: 10 d^2 + 0.5 |d| + 0.25 |d of neighbouring pixels|, and a little KL.

    Squares rule while the picture is rough; the other two take over as it sharpens.
    """

    def __init__(self, vae: AutoencoderKL) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, clean: torch.Tensor) -> dict[str, torch.Tensor]:
        """Losses of a batch of pages, (batch, 3, side, side) in -1..1."""
        posterior = self.vae.encode(clean).latent_dist
        back = self.vae.decode(posterior.sample()).sample.float()
        gap = back - clean
        edges = sum((gap.diff(dim=axis).abs().mean() for axis in (-1, -2)), torch.zeros(()))
        kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
        distance = 10 * gap.square().mean() + 0.5 * gap.abs().mean() + 0.25 * edges
        decibels = 10 * torch.log10(4 / gap.detach().square().mean())
        return {"loss": distance + KL_WEIGHT * kl, "psnr": decibels, "kl": kl.detach()}


def cuttings(pages: Pages, numbers: Sequence[int]) -> torch.Tensor:
    """A part of a page for every number, (batch, 3, 64, 64) in -1..1; most show some of the subject.

    Skies and hills are soon learned; eyes and whiskers are where the time is needed.
    """
    found = {index: pages.page(index) for index in sorted({number // CUTTINGS for number in numbers})}
    parts = []
    for number in numbers:
        rng = np.random.default_rng((7, number))
        corner: np.ndarray = rng.integers(0, 128 - CUTTING + 1, 2)
        if rng.random() < ON_SUBJECT:
            x, y, height = place(pages.scene(number // CUTTINGS))
            middle = 128 * np.array([x, 1 - y - 0.55 * height])
            corner = middle - CUTTING / 2 + 128 * height * rng.uniform(-0.4, 0.4, 2)
        left, top = np.clip(corner, 0, 128 - CUTTING).astype(int)
        parts.append(found[number // CUTTINGS][top : top + CUTTING, left : left + CUTTING])
    return to_tensor(parts)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the VAE on cuttings, and on whole pages at the end; with --refine, on whole pages alone."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--refine", action="store_true", help="continue from runs/vae-rough, on whole pages")
    own, others = parser.parse_known_args(arguments)
    chosen = loop.options(RECIPE if own.refine else ROUGH, others, main.__doc__ or "")
    recipe = replace(RECIPE if own.refine else ROUGH, steps=chosen.steps, seed=chosen.seed)
    if chosen.smoke:
        recipe = recipe.smoke(recipe.batch)
    pages = Pages("train", recipe.seed + own.refine)

    def fetch(step: int, numbers: Sequence[int]) -> torch.Tensor:
        if own.refine:
            return to_tensor([pages.page(number) for number in numbers])
        if step < WHOLE_FROM * recipe.steps:
            return cuttings(pages, numbers)
        # A page weighs as much as four cuttings.
        return to_tensor([pages.page(number) for number in numbers[: max(1, len(numbers) // 4)]])

    rough = loop.RUNS / ("smoke" if chosen.smoke else "") / ROUGH.name / "final"
    objective = Reconstruction(AutoencoderKL.from_pretrained(rough) if own.refine else build())
    trained = loop.run(recipe, objective, fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    trained.vae.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
