"""Train the painter of now: a flow-matching transformer that reads its prompts off a language model.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.flow

diffusers' `Flux2Transformer2DModel`, the class of FLUX.2 klein, on the latents of the U-Net's VAE. On the
straight path x_t = (1 - sigma) x0 + sigma eps the target is the velocity eps - x0 (Lipman 2023, arXiv
2210.02747); noise levels are drawn more often from the middle (Esser 2024, arXiv 2403.03206, section 3.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from diffusers import Flux2Transformer2DModel
from torch import nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import Qwen2Tokenizer, Qwen3ForCausalLM

from course_utils.painters.flow_painter import LAYERS, Velocity, patch, read
from course_utils.picturebook.dataset import Pages
from course_utils.schedules import T_MAX
from course_utils.training import language, latents, loop
from course_utils.training.unet import training_pairs

RECIPE = loop.Recipe(
    "flow",
    steps=12_000,
    batch=64,
    rate=1e-3,
    warmup=500,
    decay=0.9995,
    save_every=250,
    muon="transformer_blocks",
)
EPSILON = 1e-4  # as AutoencoderKLFlux2 adds to a variance


def build() -> Flux2Transformer2DModel:
    """A fresh transformer: 64 places of 16 numbers each, prompts (32, 3 x 128)."""
    return Flux2Transformer2DModel(
        in_channels=16,
        num_layers=2,
        num_single_layers=6,
        attention_head_dim=40,
        num_attention_heads=4,
        joint_attention_dim=len(LAYERS) * language.WIDTH,
        timestep_guidance_channels=64,
        mlp_ratio=3.0,
        axes_dims_rope=(10, 10, 10, 10),
        guidance_embeds=False,
    )


class Regression(nn.Module):
    """The mean squared distance between the velocity and the guess."""

    def __init__(self, transformer: Flux2Transformer2DModel, text: Qwen3ForCausalLM) -> None:
        super().__init__()
        self.velocity = Velocity(transformer)
        self.text = [text.eval().requires_grad_(False)]  # in a list: no part of what is trained and saved

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The loss of a batch of (latents, tokens), (batch, 16, 8, 8) and (batch, 32)."""
        clean, tokens = batch
        sigma = torch.sigmoid(torch.randn(len(clean), 1, 1, 1, device=clean.device))
        noise = torch.randn_like(clean)
        with torch.no_grad():
            vectors = read(self.text[0].to(tokens.device), tokens)
        # On a processor the plain formula of attention beats the fused one, whose way back is slow.
        with sdpa_kernel(SDPBackend.MATH):
            guess = self.velocity(torch.lerp(clean, noise, sigma), T_MAX * sigma.flatten(), vectors)
        return {"loss": functional.mse_loss(guess.float(), noise - clean)}


def normalisation(means: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and variance of every number of a place, (16,) each: what the VAE's batch norm holds."""
    patched = patch(means.float())
    return patched.mean((0, 2, 3)), patched.var((0, 2, 3))


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
    pool, pages = latents.pool(source / latents.FILE.name), Pages("train")
    mean, variance = normalisation(pool["mean"])
    words = Qwen2Tokenizer.from_pretrained(source / "language" / "final" / "tokenizer")
    text = Qwen3ForCausalLM.from_pretrained(source / "language" / "final" / "text_encoder")

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        clean, captions = training_pairs(pool, pages, (17, recipe.seed), numbers)
        return pack(clean, mean, variance), language.tokenise(words, captions)

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        transformer = build()
    trained = loop.run(recipe, Regression(transformer, text), fetch, chosen.restart, chosen.no_further)
    if trained is not None:
        trained.velocity.transformer.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
