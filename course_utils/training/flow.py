"""Train the painter of now: a flow-matching transformer that reads its prompts off a language model.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.flow

diffusers' `Flux2Transformer2DModel`, the class of FLUX.2 klein, on the latents of the U-Net's VAE. On the
straight path x_t = (1 - sigma) x0 + sigma eps the target is the velocity eps - x0 (Lipman 2023, arXiv
2210.02747), sigma drawn evenly. In the first steps the U-Net's opinion of that velocity stands in for it
(`taught`); then the pages alone have the word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from diffusers import AutoencoderKL, Flux2Transformer2DModel, UNet2DConditionModel
from torch import nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer, Qwen2Tokenizer, Qwen3ForCausalLM

from course_utils import clip
from course_utils.painters.networks import LAYERS, LanguageStates, Velocity, patch
from course_utils.schedules import T_MAX
from course_utils.training import language, latents, loop
from course_utils.training.attention import PlainAttention
from course_utils.training.mirrors import WithMirrors
from course_utils.training.taught import Teacher
from course_utils.training.unet import training_pairs

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]  # latents, prompts, prompts for the teacher

RECIPE = loop.Recipe(
    "flow",
    steps=7_000,
    batch=64,
    rate=2e-3,
    warmup=200,
    decay=0.9995,
    save_every=250,
    muon="transformer_blocks",
    muon_rate=1e-2,
)
TAUGHT = 0.15  # share of the steps with a teacher, the first ones: a help to begin with
EPSILON = 1e-4  # as AutoencoderKLFlux2 adds to a variance


def build() -> Flux2Transformer2DModel:
    """A fresh transformer: 64 places of 16 numbers each, prompts (40, 3 x 128)."""
    return Flux2Transformer2DModel(
        in_channels=16,
        num_layers=2,
        num_single_layers=6,
        attention_head_dim=48,
        num_attention_heads=4,
        joint_attention_dim=len(LAYERS) * language.WIDTH,
        timestep_guidance_channels=64,
        mlp_ratio=3.0,
        axes_dims_rope=(12, 12, 12, 12),
        guidance_embeds=False,
    )


class Regression(nn.Module):
    """The mean squared error of the velocity prediction."""

    def __init__(
        self, transformer: Flux2Transformer2DModel, text: Qwen3ForCausalLM, teacher: Teacher
    ) -> None:
        super().__init__()
        self.velocity, self.teacher = Velocity(transformer), teacher
        self.text = [text.eval().requires_grad_(False)]  # in a list: no part of what is trained and saved

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        """The loss of a batch of latents (batch, 16, 8, 8) with their prompts in tokens (batch, 40).

        The third part are the prompts in the teacher's tokens; without them there is no teacher.
        """
        clean, tokens, asked = batch
        sigma = torch.rand(len(clean), 1, 1, 1, device=clean.device)
        noise = torch.randn_like(clean)
        noisy, target = torch.lerp(clean, noise, sigma), noise - clean
        with torch.no_grad():
            vectors = LanguageStates(self.text[0].to(tokens.device))(tokens)
            if asked is not None:
                target = self.teacher.velocity(noisy, sigma, asked, drawn=target)
        with PlainAttention():
            guess = self.velocity(noisy, T_MAX * sigma.flatten(), vectors)
        return {"loss": functional.mse_loss(guess.float(), target)}


def normalisation(means: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance of the numbers of a place, (16,) each: what the VAE's batch norm holds.

    All have one variance, so that noise is as loud in each of them as it was for the U-Net.
    """
    patched = patch(means.float())
    return patched.mean((0, 2, 3)), patched.var((0, 2, 3)).mean().expand(16).clone()


def pack(latent: torch.Tensor, mean: torch.Tensor, variance: torch.Tensor) -> torch.Tensor:
    """Latents (batch, 4, 16, 16) patched and normalised, (batch, 16, 8, 8)."""
    return (patch(latent) - mean[:, None, None]) / (variance[:, None, None] + EPSILON).sqrt()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the transformer and write it."""
    chosen = loop.options(RECIPE, arguments, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    source = loop.RUNS / ("smoke" if chosen.smoke else "")
    if chosen.smoke:
        recipe = recipe.smoke(batch=8)
    pool, pages = latents.pool(source / latents.FILE.name), WithMirrors("train")
    mean, variance = normalisation(pool["mean"])
    words = Qwen2Tokenizer.from_pretrained(source / "language" / "final" / "tokenizer")
    text = Qwen3ForCausalLM.from_pretrained(source / "language" / "final" / "text_encoder")
    their_words = CLIPTokenizer.from_pretrained(source / "text" / "final" / "tokenizer")
    teacher = Teacher(
        UNet2DConditionModel.from_pretrained(source / "unet" / "final"),
        CLIPTextModel.from_pretrained(source / "text" / "final" / "text_encoder"),
        AutoencoderKL.load_config(source / "vae" / "final")["scaling_factor"],
        mean,
        (variance[0] + EPSILON).sqrt().item(),
    )

    def fetch(step: int, numbers: Sequence[int]) -> Batch:
        clean, captions = training_pairs(pool, pages, (17, recipe.seed), numbers)
        asked = clip.tokenise(their_words, captions) if step < TAUGHT * recipe.steps else None
        return pack(clean, mean, variance), language.tokenise(words, captions), asked

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        transformer = build()
    trained = loop.run(
        recipe, Regression(transformer, text, teacher), fetch, chosen.restart, chosen.no_further
    )
    if trained is not None:
        trained.velocity.transformer.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
