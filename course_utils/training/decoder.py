"""Sharpen the VAE's decoder: its encoder, and with it every latent, stays as it is.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.decoder

Squared distance alone answers doubt with blur. Two more opinions are heard here: whether a page looks the
same to a judge (`likeness`), and whether a second network can tell the page that came back from a drawn one
(Isola 2016, arXiv 1611.07004; Esser 2020, 2012.09841).
What is written lies between the decoder before and after: the outlines of the one, most of the fidelity of
the other (interpolated weights, Wang 2018, arXiv 1809.00219, section 3.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from diffusers import AutoencoderKL
from torch import nn
from torch.nn import functional

from course_utils.judge import Judge, read
from course_utils.picturebook.tensors import to_tensor
from course_utils.training import loop
from course_utils.training.kept import COUNT, KeptPages
from course_utils.training.likeness import look_apart

RECIPE = loop.Recipe("decoder", steps=2_500, batch=4, rate=3e-4)
MIXED = 0.7  # share of the sharpened weights; 1 loses half a decibel
SEEN, DECEIVED = 0.5, 0.02  # weights of the judge's eyes and of the critic's beside the plain distance


class Critic(nn.Sequential):
    """Tells drawn pages from decoded ones, patch by patch: one number for every 34 pixels or so."""

    def __init__(self, width: int = 24) -> None:
        layers: list[nn.Module] = [nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for _ in range(2):
            layers += [nn.Conv2d(width, 2 * width, 4, 2, 1), nn.GroupNorm(4, 2 * width), nn.LeakyReLU(0.2)]
            width *= 2
        super().__init__(*layers, nn.Conv2d(width, 1, 3, 1, 1))


class Sharpening(nn.Module):
    """The decoder against the critic, in one loss: each sees the other's weights as fixed."""

    def __init__(self, vae: AutoencoderKL, judge: Judge) -> None:
        super().__init__()
        vae.encoder.requires_grad_(False)
        vae.quant_conv.requires_grad_(False)
        self.vae, self.critic = vae, Critic()
        self.eyes = [judge.eval().requires_grad_(False)]  # in a list: no part of what is trained and saved

    def forward(self, clean: torch.Tensor) -> dict[str, torch.Tensor]:
        """Losses of a batch of pages, (batch, 3, 128, 128) in -1..1."""
        with torch.no_grad():
            latent = self.vae.encode(clean).latent_dist.sample()
        back = self.vae.decode(latent).sample.float()
        gap = back - clean
        edges = gap.diff(dim=-1).abs().mean() + gap.diff(dim=-2).abs().mean()
        plain = 10 * gap.square().mean() + 0.5 * gap.abs().mean() + 0.25 * edges
        fixed = {name: weight.detach() for name, weight in self.critic.named_parameters()}
        deceived = -torch.func.functional_call(self.critic, fixed, back).float().mean()
        drawn, decoded = (self.critic(pages).float() for pages in (clean, back.detach()))
        caught = functional.relu(1 - drawn).mean() + functional.relu(1 + decoded).mean()
        seen = look_apart(self.eyes[0], clean, back).mean()
        return {
            "loss": plain + SEEN * seen + DECEIVED * deceived + caught,
            "psnr": 10 * torch.log10(4 / gap.detach().square().mean()),
            "seen": seen.detach(),
            "caught": caught.detach(),
        }


def main(arguments: Sequence[str] | None = None) -> None:
    """Sharpen the decoder and write the VAE."""
    chosen = loop.options(RECIPE, arguments, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    source = loop.RUNS / ("smoke" if chosen.smoke else "")
    if chosen.smoke:
        recipe = recipe.smoke(recipe.batch)
    pages = KeptPages("train")

    def fetch(step: int, numbers: Sequence[int]) -> torch.Tensor:
        return to_tensor([pages.page(number % COUNT) for number in numbers])

    vae = AutoencoderKL.from_pretrained(source / "vae" / "final")
    before = {name: weight.clone() for name, weight in vae.state_dict().items()}
    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        objective = Sharpening(vae, read("first", source / "judge-first" / "final"))
    trained = loop.run(recipe, objective, fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    after = trained.vae.state_dict()
    trained.vae.load_state_dict({name: torch.lerp(before[name], after[name], MIXED) for name in before})
    trained.vae.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
