"""Train the picture book's VAE: pages to latents with 48 times fewer numbers, and back.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.vae [--begin FOLDER]
python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.vae --refine

diffusers' `AutoencoderKL`, on whole pages from the start: its normalisation layers then meet what they will
be used on. --begin goes on from the weights of an earlier VAE. --refine goes on from what was written, with
another distance: under squares alone the busiest styles have nearly all the say, and a face is a few pixels.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import AutoencoderKL
from torch import nn

from course_utils.judge import Judge
from course_utils.picturebook.draw import place
from course_utils.picturebook.scene import Scene
from course_utils.picturebook.tensors import to_tensor
from course_utils.training import loop
from course_utils.training.kept import COUNT, KeptPages
from course_utils.training.likeness import a_judge, look_apart

RECIPE = loop.Recipe("vae", steps=10_000, batch=8, rate=6e-4, warmup=100, save_every=250)
REFINED = replace(RECIPE, name="vae-refined", steps=11_000, rate=1.2e-3)
KL_WEIGHT = 1e-4
ON_SUBJECT = 4.0  # how much more a pixel weighs where the subject stands
SEEN = 1.0  # weight of what a judge sees beside the distance of pixels
FLOOR = 1e-3  # of a page's distance: a page that is nearly right already has no more say than this


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

    Squares rule while the picture is rough; the other two take over as it sharpens. `refine` takes the
    logarithm of each page's distance, so that a tenth less counts the same in a calm page and a busy one.
    With a judge's `eyes` a page's distance is also how different it looks to them: pixels alone answer doubt
    about a small face with a smear, and the encoder never learns to keep it.
    """

    def __init__(self, vae: AutoencoderKL, refine: bool = False, eyes: Judge | None = None) -> None:
        super().__init__()
        self.vae, self.refine = vae, refine
        self.eyes = [eyes]  # in a list: no part of what is trained and saved

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Losses of (pages, weights): (batch, 3, side, side) in -1..1 and (batch, 1, side, side), mean 1."""
        clean, weights = batch
        posterior = self.vae.encode(clean).latent_dist
        back = self.vae.decode(posterior.sample()).sample.float()
        gap = back - clean
        pages = (weights * (10 * gap.square() + 0.5 * gap.abs())).mean((1, 2, 3))
        for axis in (-1, -2):
            near = weights.narrow(axis, 1, weights.shape[axis] - 1)
            pages = pages + 0.25 * (near * gap.diff(dim=axis).abs()).mean((1, 2, 3))
        if self.eyes[0] is not None:
            pages = pages + SEEN * look_apart(self.eyes[0], clean, back, weights)
        distance = (torch.log(pages + FLOOR) if self.refine else pages).mean()
        kl = 0.5 * (posterior.mean**2 + posterior.var - 1 - posterior.logvar).mean()
        decibels = 10 * torch.log10(4 / gap.detach().square().mean((1, 2, 3))).mean()
        return {"loss": distance + KL_WEIGHT * kl, "psnr": decibels, "kl": kl.detach()}


def on_subject(scenes: Sequence[Scene], side: int) -> torch.Tensor:
    """Weights of pixels, (n, 1, side, side), mean 1 a page: heavier in the square of the subject."""
    across = (torch.arange(side) + 0.5) / side
    masks = []
    for scene in scenes:
        stand = place(scene)
        columns = (across - stand.x).abs() < stand.height / 2
        rows = (1 - across > stand.y) & (1 - across < stand.y + stand.height)
        mask = 1 + (ON_SUBJECT - 1) * (rows[:, None] & columns).float()
        masks.append(mask / mask.mean())
    return torch.stack(masks)[:, None]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the VAE and write it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--begin", type=Path, help="a folder with the weights of an earlier VAE")
    parser.add_argument("--refine", action="store_true", help="continue from what this recipe wrote")
    parser.add_argument("--eyes", type=Path, help="a folder of judges, the first of whom looks at the pages")
    own, others = parser.parse_known_args(arguments)
    planned = REFINED if own.refine else RECIPE
    chosen = loop.options(planned, others, main.__doc__ or "")
    recipe = replace(planned, steps=chosen.steps, seed=chosen.seed)
    final = loop.RUNS / ("smoke" if chosen.smoke else "") / RECIPE.name / "final"
    if chosen.smoke:
        recipe = recipe.smoke(recipe.batch)
    pages = KeptPages("train")

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [number % COUNT for number in numbers]
        shown = to_tensor([pages.page(row) for row in rows])
        side = shown.shape[-1]
        plain = torch.ones(len(rows), 1, side, side)
        return shown, on_subject([pages.scene(row) for row in rows], side) if own.refine else plain

    earlier = own.begin or (final if own.refine else None)
    vae = AutoencoderKL.from_pretrained(earlier).float() if earlier else build()
    objective = Reconstruction(vae, own.refine, a_judge(own.eyes) if own.eyes else None)
    trained = loop.run(recipe, objective, fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    trained.vae.save_pretrained(chosen.out or final)


if __name__ == "__main__":
    main()
