"""Episode 2, on pages: is a painted page new, or was it copied from the training set?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from course_utils import judge, metrics, plots
from course_utils.metrics.page_metrics import adherence, nearest
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, bars
from course_utils.panels.progress import watched
from course_utils.picturebook.dataset import Pages
from course_utils.widgets import Gallery

AT_ONCE = 25  # pages that the judge looks at together
LOOKED_UP = 600  # training pages that a notebook compares with; the card compares with all of them


@dataclass(frozen=True)
class Novelty:
    """Paintings, the nearest training page of each, and distances to it in the judge's features.

    `painted` and `unseen` are the mean distances of paintings and of as many unseen real pages to their
    nearest training page; their quotient is about 1 for a painter that neither copies nor strays. `adherence`
    is the share of the prompts that were met.
    """

    paintings: np.ndarray
    neighbours: np.ndarray
    painted: metrics.Estimate
    unseen: metrics.Estimate
    adherence: metrics.Share

    @property
    def quotient(self) -> float:
        """Distance of paintings over distance of unseen pages."""
        return self.painted.mean / self.unseen.mean


@lru_cache(maxsize=1)
def library(count: int = LOOKED_UP) -> torch.Tensor:
    """Features of the first training pages, (count, width)."""
    return _features(Pages("train"), range(count))


def measure_novelty(prompts: Sequence[str], seed: int = 7, library_size: int = LOOKED_UP) -> Novelty:
    """Paint each prompt, and look for the nearest training page; the same for unseen real pages."""
    wanted = [page_painting.settings(prompt, seed=seed + k) for k, prompt in enumerate(prompts)]
    paintings = page_painting.developed(page_painting.sheet(wanted))
    known = library(library_size)
    found = judge.load().describe(paintings)
    unseen = _features(Pages("fresh", seed=2), range(len(prompts)))
    which = torch.cdist(found, known).argmin(dim=1)
    neighbours = np.stack([Pages("train").page(int(k)) for k in which])
    return Novelty(
        paintings,
        neighbours,
        metrics.estimate(nearest(found, known)),
        metrics.estimate(nearest(unseen, known)),
        adherence(judge.load(), paintings, prompts),
    )


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
    roles = {"from a painting": "learned", "from an unseen real page": "signal"}

    def still() -> bytes:
        figure, axes = plots.panes(len(pairs), width=6)
        for axis, pair, prompt in zip(axes, pairs, prompts, strict=True):
            plots.picture(axis, pair, f"{prompt} | nearest training page")
        return plots.jpeg(figure)

    view = bars("distance, as a share of the larger one", shares, roles)
    return Panel([gallery, view], alt="Paintings beside their nearest training pages.", still=still)
