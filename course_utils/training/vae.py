"""Train the picture book's VAE: pages to latents with 48 times fewer numbers, and back.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.vae [--begin FOLDER]

diffusers' `AutoencoderKL`, on whole pages from the start: its normalisation layers then meet what they will
be used on. --begin goes on from the weights of an earlier VAE.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import nn

from course_utils.picturebook.tensors import to_tensor
from course_utils.training import loop
from course_utils.training.kept import COUNT, KeptPages

RECIPE = loop.Recipe("vae", steps=12_000, batch=8, rate=6e-4, warmup=100, save_every=250)
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
        decibels = 10 * torch.log10(4 / gap.detach().square().mean((1, 2, 3))).mean()
        return {"loss": distance + KL_WEIGHT * kl, "psnr": decibels, "kl": kl.detach()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the VAE and write it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--begin", type=Path, help="a folder with the weights of an earlier VAE")
    own, others = parser.parse_known_args(arguments)
    chosen = loop.options(RECIPE, others, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    if chosen.smoke:
        recipe = recipe.smoke(recipe.batch)
    pages = KeptPages("train")

    def fetch(step: int, numbers: Sequence[int]) -> torch.Tensor:
        return to_tensor([pages.page(number % COUNT) for number in numbers])

    objective = Reconstruction(AutoencoderKL.from_pretrained(own.begin).float() if own.begin else build())
    trained = loop.run(recipe, objective, fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    trained.vae.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
