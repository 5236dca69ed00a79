"""Train the judges that read pages, and the eyes that measure distances.

python -m torch.distributed.run --standalone --nproc_per_node 2 -m course_utils.training.judges --which first

They learn on pages spoiled the way painters spoil them: decoded from noisy latents, blurred, grainy, with
shifted colours. Pages that show no subject, and pages that two subjects share, teach them to say
"nothing I know". No loss and no choice ever asks the eyes of --which features.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional

from course_utils.judge import BACKBONES, Judge, save
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.draw import draw, draw_backdrop
from course_utils.picturebook.scene import ATTRIBUTES, Scene, is_held_out, is_held_out_pair
from course_utils.picturebook.tensors import to_pages, to_tensor
from course_utils.training import decoded as decoding
from course_utils.training import loop
from course_utils.training.kept import COUNT, KeptPages
from course_utils.training.mirrors import WithMirrors

RECIPE = loop.Recipe("judge", steps=3_000, batch=64, rate=2e-3, warmup=100, decay=0.995)
EMPTY, SHARED, DECODED = 0.06, 0.06, 0.4  # shares of pages without subject, with two, and out of the VAE
OF_THE_SUBJECT = ("subject", "colour", "size", "place", "detail", "eyes", "coat")
UNSURE = -100  # an answer that is not asked for


class Reading(nn.Module):
    """How surely a judge gives the right answers: cross-entropy, summed over the attributes."""

    def __init__(self, judge: Judge) -> None:
        super().__init__()
        self.judge = judge

    def forward(self, batch: tuple[torch.Tensor, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Losses of (pages, answers): (batch, 3, 128, 128) and (batch, attributes)."""
        pages, answers = batch
        logits = self.judge(spoil(pages))
        losses = [
            functional.cross_entropy(logits[name].float(), answers[:, k], ignore_index=UNSURE)
            for k, name in enumerate(ATTRIBUTES)
        ]
        right = [
            (logits[name].argmax(-1) == answers[:, k]).float().mean() for k, name in enumerate(ATTRIBUTES)
        ]
        return {"loss": torch.stack(losses).sum(), "right": torch.stack(right).mean()}


def spoil(pages: torch.Tensor) -> torch.Tensor:
    """Pages (batch, 3, side, side) in -1..1 with colours shifted, some blurred, all with a little grain."""
    gain = 1 + 0.08 * torch.randn(len(pages), 3, 1, 1)
    pages = pages * gain + 0.04 * torch.randn(len(pages), 3, 1, 1)
    if torch.rand(()) < 0.3:
        width = 0.3 + 0.9 * float(torch.rand(()))
        reach = torch.arange(-3, 4)
        kernel = torch.exp(-(reach**2) / (2 * width**2))
        kernel = (kernel / kernel.sum()).expand(3, 1, 7)
        pages = functional.conv2d(pages, kernel[:, :, None], padding=(0, 3), groups=3)
        pages = functional.conv2d(pages, kernel[..., None], padding=(3, 0), groups=3)
    return (pages + 0.06 * torch.rand(len(pages), 1, 1, 1) * torch.randn_like(pages)).clamp(-1, 1)


def answers_of(scene: Scene) -> list[int]:
    """The right answers as places in each attribute's list."""
    return [answers.index(getattr(scene, name)) for name, answers in ATTRIBUTES.items()]


def example(pages: KeptPages, decoded: np.ndarray, number: int) -> tuple[np.ndarray, list[int]]:
    """A page (128, 128, 3) uint8 and its answers, drawn or taken from decoded pages (n, 128, 128, 3).

    Now and then it has no subject, or two in one place.
    """
    rng = np.random.default_rng((13, number))
    if rng.random() < DECODED:
        k = int(rng.integers(len(decoded)))
        return decoded[k], answers_of(pages.scene(k))
    index = number % (2 * COUNT)
    scene, chance = pages.scene(index), rng.random()
    if chance < EMPTY:
        return draw_backdrop(scene), _nothing(scene)
    page = pages.page(index)
    if chance < EMPTY + SHARED:
        stranger = pages.scene(int(rng.integers(2**40)))
        other = replace(scene, subject=stranger.subject, colour=stranger.colour)
        apart = other.subject != scene.subject and other.colour != scene.colour
        if apart and not is_kept_back(other):
            half = (page.astype(float) + draw(other)) / 2
            return half.astype(np.uint8), _nothing(scene)
    return page, answers_of(scene)


def is_kept_back(scene: Scene) -> bool:
    """Whether no training may see this page."""
    return is_held_out(scene.subject, scene.colour, scene.setting) or is_held_out_pair(
        scene.subject, scene.style
    )


def measure(judge: Judge, pages: Pages, count: int, vae: AutoencoderKL | None = None) -> dict[str, float]:
    """How often the judge is right on `count` pages, per attribute; after a round trip by `vae` if given."""
    right = dict.fromkeys(ATTRIBUTES, 0)
    for first in range(0, count, 50):
        numbers = range(first, min(first + 50, count))
        shown = np.stack([pages.page(number) for number in numbers])
        if vae is not None:
            with torch.inference_mode():
                shown = to_pages(vae.decode(vae.encode(to_tensor(shown)).latent_dist.mean).sample)
        for number, verdict in zip(numbers, judge.read(shown), strict=True):
            for name in ATTRIBUTES:
                right[name] += verdict.answers[name] == getattr(pages.scene(number), name)
    return {name: hits / count for name, hits in right.items()}


def _nothing(scene: Scene) -> list[int]:
    """The right answers where there is no subject; whether it would be cut off cannot be told."""
    places = answers_of(scene)
    for k, (name, answers) in enumerate(ATTRIBUTES.items()):
        if name in OF_THE_SUBJECT:
            places[k] = len(answers)
        elif getattr(scene, name) == "cut off":
            places[k] = UNSURE
    return places


def main(arguments: Sequence[str] | None = None) -> None:
    """Train one judge, measure it on fresh pages and write both."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--which", choices=list(BACKBONES), default="first")
    parser.add_argument("--begin", type=Path, help="a folder with earlier judges, where shapes agree")
    own, others = parser.parse_known_args(arguments)
    chosen = loop.options(RECIPE, others, main.__doc__ or "")
    recipe: Any = replace(
        RECIPE,
        name=f"judge-{own.which}",
        steps=chosen.steps,
        seed=chosen.seed + list(BACKBONES).index(own.which),
    )
    source = loop.RUNS / ("smoke" if chosen.smoke else "")
    if chosen.smoke:
        recipe = recipe.smoke(batch=8)
    vae = AutoencoderKL.from_pretrained(source / "vae" / "final")
    decoded = np.load(source / decoding.FILE.name, mmap_mode="r")
    pages = WithMirrors("train")

    def fetch(step: int, numbers: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
        shown, answers = zip(*(example(pages, decoded, number) for number in numbers), strict=True)
        return to_tensor(shown), torch.tensor(answers)

    with torch.random.fork_rng():
        torch.manual_seed(recipe.seed)
        judge = Judge(own.which)
    earlier = own.begin and own.begin / f"{own.which}.safetensors"
    if earlier and earlier.exists():
        loop.take_over(judge, load_file(earlier))
    trained = loop.run(recipe, Reading(judge), fetch, chosen.restart, chosen.no_further)
    if trained is None:
        return
    out = chosen.out or recipe.folder / "final"
    save(trained.judge, out)
    count = 40 if chosen.smoke else 5000
    figures = {
        "fresh pages": measure(trained.judge, KeptPages("fresh"), count),
        "their reconstructions": measure(trained.judge, KeptPages("fresh"), count // 5, vae),
    }
    Path(out / f"{own.which}.json").write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
