"""Distil the painter into one that needs 1 to 4 passes: from any noisy picture straight to the walk's end.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.fast

The student looks at x_t and names the page that the teacher's whole guided walk ends in (Luhman & Luhman
2021, arXiv 2101.02388), from any level, so that it can leap, drown what it found a little less deep, and leap
again (Song 2023, arXiv 2303.01469). Guidance goes in as an input, so that a step is one pass (Meng 2022,
arXiv 2210.03142). The walks are made beforehand (`walks`): as targets they are exact, where a consistency
model's own guesses would have to become right one level after the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from diffusers import LCMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel

from course_utils.painters.fast_painter import guidance_numbers
from course_utils.runtime import MODELS
from course_utils.training import loop, walks
from course_utils.training.attention import PlainAttention
from course_utils.training.unet import noise_schedule

RECIPE = loop.Recipe("fast", steps=3_000, batch=64, rate=5e-4, warmup=200, decay=0.999, save_every=250)
WIDTH = 64  # numbers that tell the student the guidance
ROUND = 1e-2  # below this a difference counts squared, above it plainly (pseudo-Huber)


def scheduler() -> LCMScheduler:
    """The sampler the student is made for, on the teacher's noise schedule."""
    return LCMScheduler.from_config(noise_schedule().config, original_inference_steps=walks.LEVELS)


def student_of(teacher: UNet2DConditionModel) -> UNet2DConditionModel:
    """A copy of the teacher with one more input, which at first says nothing."""
    # Without its private marks, by which from_config would drop what was left at its default.
    config = {name: value for name, value in teacher.config.items() if not name.startswith("_")}
    student = UNet2DConditionModel.from_config({**config, "time_cond_proj_dim": WIDTH})
    student.load_state_dict(teacher.state_dict(), strict=False)
    nn.init.zeros_(student.time_embedding.cond_proj.weight)
    return student


class Leap(nn.Module):
    """How far the page that the student names lies from the one that its teacher walked to."""

    def __init__(self, student: UNet2DConditionModel, text: CLIPTextModel) -> None:
        super().__init__()
        self.student, self.sampler = student, scheduler()
        self.text = [text.eval().requires_grad_(False)]  # in a list: no part of what is trained and saved

    def forward(self, states: walks.Table) -> dict[str, torch.Tensor]:
        """The loss, a scalar, of a batch of states as `walks.walk` makes them."""
        with torch.no_grad():
            prompts = self.text[0].to(states["w"].device)(input_ids=states["tokens"]).last_hidden_state
        signal, level = self.levels(states["level"])
        named = self.named(states["noisy"], states["level"], states["w"], prompts)
        gap = ((named - states["end"]).square() + ROUND**2).sqrt() - ROUND
        # A fault of the guess weighs level/signal in the page it implies, in static 15 times as much as
        # halfway. The root evens out what each level has to say.
        return {"loss": (gap * (signal / level).sqrt()).mean(), "gap": gap.mean().detach()}

    def named(
        self, noisy: torch.Tensor, t: torch.Tensor, w: torch.Tensor, prompts: torch.Tensor
    ) -> torch.Tensor:
        """The clean latents that the student predicts, (batch, 4, 16, 16), as its sampler reads it.

        From noisy latents (batch, 4, 16, 16) at levels t and guidance w, (batch,) each, and prompts
        (batch, 40, width).
        """
        with PlainAttention():
            eps = self.student(noisy, t, prompts, timestep_cond=guidance_numbers(w, WIDTH)).sample.float()
        signal, level = self.levels(t)
        skip, out = self.sampler.get_scalings_for_boundary_condition_discrete(t[:, None, None, None].float())
        return out * (noisy - level * eps) / signal + skip * noisy

    def levels(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Signal and noise level of levels t, (batch, 1, 1, 1) each."""
        kept = self.sampler.alphas_cumprod.to(t.device)[t]
        return kept.sqrt()[:, None, None, None], (1 - kept).sqrt()[:, None, None, None]


def drawn(pool: walks.Table, seed: int, numbers: Sequence[int]) -> walks.Table:
    """For every number a state: once through the whole pool in a shuffled order, then in another."""
    count = len(pool["w"])
    rows = [int(_order(seed, number // count, count)[number % count]) for number in numbers]
    found = {name: values[rows] for name, values in pool.items()}
    return found | {name: found[name].float() for name in ("noisy", "end")}


@lru_cache(maxsize=2)
def _order(seed: int, lap: int, count: int) -> np.ndarray:
    return np.random.default_rng((29, seed, lap)).permutation(count)


def main(arguments: Sequence[str] | None = None) -> None:
    """Distil the painter and write the student."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--teacher", type=Path, default=MODELS / walks.TEACHER, help="its folder")
    own, others = parser.parse_known_args(arguments)
    chosen = loop.options(RECIPE, others, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    if chosen.smoke:
        recipe = recipe.smoke(batch=8)
    pool = walks.pool(walks.folder())
    student = student_of(UNet2DConditionModel.from_pretrained(own.teacher / "unet").float())
    objective = Leap(student, CLIPTextModel.from_pretrained(own.teacher / "text_encoder"))

    def fetch(step: int, numbers: Sequence[int]) -> walks.Table:
        return drawn(pool, recipe.seed, numbers)

    trained = loop.run(recipe, objective, fetch, chosen.restart, chosen.no_further)
    if trained is not None:
        trained.student.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
