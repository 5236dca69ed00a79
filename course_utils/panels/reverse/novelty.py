"""Episode 2, on pages: is a painted page new, or was it copied from the training set?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from course_utils import charts, judge, metrics, plots
from course_utils.metrics.page_metrics import adherence, nearest
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, drawing
from course_utils.panels.progress import watched
from course_utils.picturebook.captions import asked
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.draw import draw
from course_utils.picturebook.scene import sample_scene
from course_utils.widgets import Gallery

AT_ONCE = 25  # pages that the judge looks at together
EACH = 4  # paintings of each prompt, and unseen pages
UNSEEN = 71  # a seed of random numbers that no split of pages has
LOOKED_UP = 600  # training pages that a notebook compares with; the card compares with all of them


@dataclass(frozen=True)
class Novelty:
    """Paintings, the nearest training page of each, and distances to it in the judge's features.

    `painted` and `unseen` are the mean distances of paintings, and of as many unseen real pages of the very
    same things, to the nearest of `looked_up` training pages; their quotient is about 1 for a painter that
    neither copies nor strays. `adherence` is the share of the prompts that were met.
    """

    paintings: np.ndarray
    neighbours: np.ndarray
    painted: metrics.Estimate
    unseen: metrics.Estimate
    adherence: metrics.Share
    looked_up: int

    @property
    def quotient(self) -> metrics.Estimate:
        """Distance of paintings over distance of unseen pages."""
        mean = self.painted.mean / self.unseen.mean
        off = math.hypot(*(one.error / one.mean for one in (self.painted, self.unseen)))
        return metrics.Estimate(mean, mean * off, self.painted.count)


@lru_cache(maxsize=1)
def library(count: int = LOOKED_UP) -> torch.Tensor:
    """Features of the first training pages, (count, width)."""
    return _features(Pages("train"), range(count))


def measure_novelty(
    prompts: Sequence[str], seed: int = 7, library_size: int = LOOKED_UP, each: int = EACH
) -> Novelty:
    """Paint each prompt `each` times, and look for the nearest training pages; the same for unseen pages.

    The unseen pages show what the prompts ask for, and the rest by chance, as a painting does: pages of other
    things would lie nearer to their neighbours, or farther, for what they show. The paintings and neighbours
    kept are the first of each prompt.
    """
    texts = [prompt for prompt in prompts for _ in range(each)]
    wanted = [page_painting.settings(text, seed=seed + k) for k, text in enumerate(texts)]
    paintings = page_painting.developed(page_painting.sheet(wanted))
    known = library(library_size)
    found = judge.load().describe(paintings)
    real = judge.load().describe(np.stack([unseen_page(text, k) for k, text in enumerate(texts)]))
    which = torch.cdist(found[::each], known).argmin(dim=1)
    return Novelty(
        paintings[::each],
        np.stack([Pages("train").page(int(k)) for k in which]),
        metrics.estimate(nearest(found, known)),
        metrics.estimate(nearest(real, known)),
        adherence(judge.load(), paintings, texts),
        library_size,
    )


def unseen_page(prompt: str, number: int) -> np.ndarray:
    """A real page (128, 128, 3) of what a prompt asks for, the rest by chance; no training ever saw it."""
    drawn = sample_scene(np.random.default_rng((UNSEEN, number)), held_out=True)
    wanted: dict[str, Any] = {**asked(prompt)}
    scene = replace(drawn, **wanted)
    return draw(replace(scene, time="night") if scene.setting == "space" else scene)


def _features(source: Pages, numbers: Sequence[int]) -> torch.Tensor:
    first = judge.load()
    parts = [numbers[k : k + AT_ONCE] for k in range(0, len(numbers), AT_ONCE)]
    shown = watched(f"looking at {len(numbers)} real pages", parts, len(parts))
    return torch.cat([first.describe(np.stack([source.page(n) for n in part])) for part in shown])


def novelty_panel(novelty: Novelty, prompts: Sequence[str]) -> Panel:
    """Each painting side by side with its nearest training page, and the distances as bars."""
    gallery = Gallery(alt="Each painting beside the training page nearest to it.", tile=260)
    pairs = np.concatenate([novelty.paintings, novelty.neighbours], axis=2)  # one picture, so that none parts
    captions = [f"{prompt}; right: the nearest training page" for prompt in prompts]
    gallery.set_pictures(pairs, captions)
    largest = max(novelty.painted.mean, novelty.unseen.mean)
    shares = {
        "to the nearest training page": {
            "from a painting": novelty.painted.mean / largest,
            "from an unseen real page": novelty.unseen.mean / largest,
        }
    }
    title = "distance, as a share of the larger one"
    distances = charts.bars(shares, title)

    def still() -> bytes:
        figure, axes = plots.panes(len(pairs), width=6)
        for axis, pair, prompt in zip(axes, pairs, prompts, strict=True):
            plots.picture(axis, pair, f"{prompt} | nearest training page")
        return plots.jpeg(figure, distances)

    return Panel(
        [gallery, drawing(distances, title)],
        alt="Paintings beside their nearest training pages.",
        still=still,
    )
