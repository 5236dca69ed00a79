"""Train the picture book's painter: the network that guesses the noise.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.unet

diffusers' `UNet2DConditionModel` on latents, steered by the frozen text encoder's vectors through
cross-attention. The loss is the plain regression of Ho 2020, eq. 14; captions go through caption dropout
(`dropout`).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from course_utils import clip
from course_utils.picturebook.dataset import Pages
from course_utils.training import latents, loop
from course_utils.training.attention import PlainAttention
from course_utils.training.dropout import add_unknown_word, drop_caption
from course_utils.training.mirrors import WithMirrors

RECIPE = loop.Recipe("unet", steps=5_000, batch=64, rate=1e-3, warmup=500, decay=0.9995, save_every=250)


def build() -> UNet2DConditionModel:
    """A fresh U-Net: latents (4, 16, 16), prompts (40, 128)."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(64, 128, 128),
        layers_per_block=(1, 1, 2),  # the deepest level is the cheapest: 16 positions
        cross_attention_dim=clip.WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
    )


def noise_schedule() -> DDIMScheduler:
    """Stable Diffusion's schedule: scaled-linear from 0.00085 to 0.012, the noise is predicted.

    As the checkpoint's own scheduler it is the panels' default: the plain stock call paints what they paint.
    """
    return DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        clip_sample=False,
        set_alpha_to_one=True,  # the last step ends on the clean picture
        steps_offset=1,
        timestep_spacing="trailing",
        prediction_type="epsilon",
    )


class Regression(nn.Module):
    """The mean squared error of the noise prediction."""

    def __init__(self, unet: UNet2DConditionModel, text: CLIPTextModel) -> None:
        super().__init__()
        self.unet, self.schedule = unet, noise_schedule()
        self.text = [text.eval().requires_grad_(False)]  # in a list: no part of what is trained and saved

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The loss, a scalar, of clean latents (batch, 4, 16, 16) with tokens (batch, 40)."""
        clean, tokens = batch
        with torch.no_grad():
            prompts = self.text[0].to(tokens.device)(input_ids=tokens).last_hidden_state
        noise = torch.randn_like(clean)
        levels = torch.randint(
            0, self.schedule.config.num_train_timesteps, (len(clean),), device=clean.device
        )
        noisy = self.schedule.add_noise(clean, noise, levels)
        with PlainAttention():
            guess = self.unet(noisy, levels, prompts).sample.float()
        return {"loss": functional.mse_loss(guess, noise)}


def training_pairs(
    pool: Mapping[str, torch.Tensor], pages: Pages, seed: tuple[int, int], numbers: Sequence[int]
) -> tuple[torch.Tensor, list[str]]:
    """A latent drawn from each page's posterior, (n, 4, 16, 16), and a caption as people type them."""
    rngs = [np.random.default_rng((*seed, number)) for number in numbers]
    rows = [int(rng.integers(len(pool["mean"]))) for rng in rngs]
    noise = torch.from_numpy(np.stack([rng.standard_normal((4, 16, 16), np.float32) for rng in rngs]))
    clean = pool["mean"][rows].float() + pool["std"][rows].float() * noise
    captions = [
        add_unknown_word(drop_caption(pages.caption(row, telling=int(rng.integers(1000))), rng), rng)
        for row, rng in zip(rows, rngs, strict=True)
    ]
    return clean, captions


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the U-Net and write it."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--begin", type=Path, help="a folder with an earlier U-Net, where shapes agree")
    own, others = parser.parse_known_args(arguments)
    chosen = loop.options(RECIPE, others, main.__doc__ or "")
    recipe: Any = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    if chosen.smoke:
        recipe = recipe.smoke(batch=8)
    source = loop.RUNS / ("smoke" if chosen.smoke else "")
    pool = latents.pool(source / latents.FILE.name)
    factor = AutoencoderKL.load_config(source / "vae" / "final")["scaling_factor"]
    words = CLIPTokenizer.from_pretrained(source / "text" / "final" / "tokenizer")
    text = CLIPTextModel.from_pretrained(source / "text" / "final" / "text_encoder")
    pages = WithMirrors("train")

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        clean, captions = training_pairs(pool, pages, (11, recipe.seed), numbers)
        return factor * clean, clip.tokenise(words, captions)

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        unet = build()
    if own.begin:
        loop.take_over(unet, UNet2DConditionModel.from_pretrained(own.begin).state_dict())
    trained = loop.run(recipe, Regression(unet, text), fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    trained.unet.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
