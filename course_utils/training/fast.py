"""Distil the painter into one that needs 1 to 4 passes: a consistency model of its guided walk.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.fast

The student looks at x_t and names the page that the teacher's whole guided walk would end in; it learns so by
agreeing with itself one teacher's step further on (Luo 2023, arXiv 2310.04378; Song 2023, arXiv 2303.01469).
Guidance goes in as an input, so that a step is one pass. As in Song & Dhariwal 2023 (arXiv 2310.14189) the
target is the student itself, not an average of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from diffusers import AutoencoderKL, LCMScheduler, UNet2DConditionModel
from torch import nn
from transformers import CLIPTextModel, CLIPTokenizer

from course_utils import clip
from course_utils.guidance import guide
from course_utils.painters.fast_painter import STRONGEST, WEAKEST, guidance_numbers
from course_utils.picturebook.dataset import Pages
from course_utils.training import latents, loop
from course_utils.training.unet import noise_schedule, training_pairs

RECIPE = loop.Recipe("fast", steps=6_000, batch=64, rate=3e-4, warmup=200, decay=0.999, save_every=250)
LEVELS = 50  # the teacher's steps from static to picture
WIDTH = 64  # numbers that tell the student the guidance
ROUND = 1e-3  # below this a difference counts squared, above it plainly (pseudo-Huber)


def scheduler() -> LCMScheduler:
    """The sampler the student is made for, on the teacher's noise schedule."""
    return LCMScheduler.from_config(noise_schedule().config, original_inference_steps=LEVELS)


def student_of(teacher: UNet2DConditionModel) -> UNet2DConditionModel:
    """A copy of the teacher with one more input, which at first says nothing."""
    # Without its private marks, by which from_config would drop what was left at its default.
    config = {name: value for name, value in teacher.config.items() if not name.startswith("_")}
    student = UNet2DConditionModel.from_config({**config, "time_cond_proj_dim": WIDTH})
    student.load_state_dict(teacher.state_dict(), strict=False)
    nn.init.zeros_(student.time_embedding.cond_proj.weight)
    return student


class Consistency(nn.Module):
    """How far the student is from agreeing with itself along the teacher's walk."""

    def __init__(
        self, student: UNet2DConditionModel, teacher: UNet2DConditionModel, text: CLIPTextModel
    ) -> None:
        super().__init__()
        self.student, self.sampler = student, scheduler()
        # In a list: no part of what is trained and saved.
        self.fixed = [teacher.eval().requires_grad_(False), text.eval().requires_grad_(False)]

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The loss of a batch of (clean latents, tokens)."""
        clean, tokens = batch
        teacher, text = (model.to(clean.device) for model in self.fixed)
        stride = len(self.sampler.alphas_cumprod) // LEVELS
        t = stride * torch.randint(1, LEVELS + 1, (len(clean),), device=clean.device) - 1
        w = WEAKEST + (STRONGEST - WEAKEST) * torch.rand(len(clean), device=clean.device)
        noisy = self.sampler.add_noise(clean, torch.randn_like(clean), t)
        with torch.no_grad():
            prompts = text(input_ids=tokens).last_hidden_state
            nothing = text(input_ids=empty(tokens)).last_hidden_state
            both = torch.cat([nothing, prompts])
            without, with_prompt = teacher(torch.cat([noisy, noisy]), torch.cat([t, t]), both).sample.chunk(2)
            dials = zip(without.float(), with_prompt.float(), w.tolist(), strict=True)
            eps = torch.stack([guide(*one) for one in dials])
            closer = self.step(noisy, eps, t, t - stride)
            goal = self.named(closer, t - stride, w, prompts)
        gap = self.named(noisy, t, w, prompts) - goal
        return {"loss": ((gap.square() + ROUND**2).sqrt() - ROUND).mean()}

    def named(
        self, noisy: torch.Tensor, t: torch.Tensor, w: torch.Tensor, prompts: torch.Tensor
    ) -> torch.Tensor:
        """The page that the student names; at the clean end, t < 0, what it is shown."""
        told = guidance_numbers(w, WIDTH)
        at = t.clamp(min=0)
        eps = self.student(noisy, at, prompts, timestep_cond=told).sample.float()
        signal, level = self.levels(at)
        skip, out = self.sampler.get_scalings_for_boundary_condition_discrete(at[:, None, None, None].float())
        page = out * (noisy - level * eps) / signal + skip * noisy
        return torch.where(t[:, None, None, None] < 0, noisy, page)

    def step(self, noisy: torch.Tensor, eps: torch.Tensor, t: torch.Tensor, to: torch.Tensor) -> torch.Tensor:
        """One step of DDIM from level t to level `to`, -1 being the clean picture (Song 2020, eq. 12)."""
        signal, level = self.levels(t)
        nearer_signal, nearer_level = self.levels(to)
        return nearer_signal * (noisy - level * eps) / signal + nearer_level * eps

    def levels(self, t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Signal and noise level of levels t, (batch, 1, 1, 1) each."""
        kept = torch.cat([torch.ones(1), self.sampler.alphas_cumprod]).to(t.device)[t + 1]
        return kept.sqrt()[:, None, None, None], (1 - kept).sqrt()[:, None, None, None]


def empty(tokens: torch.Tensor) -> torch.Tensor:
    """Tokens of the empty prompt, as many as there are prompts: a start, and ends."""
    nothing = torch.full_like(tokens, int(tokens.max()))  # the end has the highest number
    nothing[:, 0] = tokens[:, 0]
    return nothing


def main(arguments: Sequence[str] | None = None) -> None:
    """Distil the painter and write the student."""
    chosen = loop.options(RECIPE, arguments, main.__doc__ or "")
    recipe = replace(RECIPE, steps=chosen.steps, seed=chosen.seed)
    source = loop.RUNS / ("smoke" if chosen.smoke else "")
    if chosen.smoke:
        recipe = recipe.smoke(batch=8)
    factor = AutoencoderKL.load_config(source / "vae" / "final")["scaling_factor"]
    words = CLIPTokenizer.from_pretrained(source / "text" / "final" / "tokenizer")
    text = CLIPTextModel.from_pretrained(source / "text" / "final" / "text_encoder")
    teacher = UNet2DConditionModel.from_pretrained(source / "unet" / "final")
    pool, pages = latents.pool(source / latents.FILE.name), Pages("train")

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        clean, captions = training_pairs(pool, pages, (19, recipe.seed), numbers)
        return factor * clean, clip.tokenise(words, captions)

    objective = Consistency(student_of(teacher), teacher, text)
    trained = loop.run(recipe, objective, fetch, chosen.restart, chosen.no_further)
    if trained is not None:
        trained.student.save_pretrained(chosen.out or recipe.folder / "final")


if __name__ == "__main__":
    main()
