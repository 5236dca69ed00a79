"""Episode 2, on pages: is a painted page new, or was it copied from the training set?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course_utils import charts, judge, metrics, plots
from course_utils.metrics.page_metrics import adherence
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, drawing
from course_utils.picturebook.captions import asked
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.draw import draw
from course_utils.picturebook.scene import sample_scene
from course_utils.training import library
from course_utils.widgets import Gallery

EACH = 4  # paintings of each prompt, and unseen pages
UNSEEN = 71  # a seed of random numbers that no split of pages has


@dataclass(frozen=True)
class Novelty:
    """Paintings, the nearest training page of each, and distances to it in the judge's features.

    `painted` and `unseen` are the mean distances of paintings, and of as many unseen real pages of the very
    same things, to the nearest of all `looked_up` training pages; their quotient is about 1 for a painter
    that neither copies nor strays. `adherence` is the share of the prompts that were met.
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


def measure_novelty(prompts: Sequence[str], seed: int = 7, each: int = EACH) -> Novelty:
    """Paint each prompt `each` times, and look for the nearest training pages; the same for unseen pages.

    The unseen pages show what the prompts ask for, and the rest by chance, as a painting does: pages of other
    things would lie nearer to their neighbours, or farther, for what they show. The paintings and neighbours
    kept are the first of each prompt.
    """
    texts = [prompt for prompt in prompts for _ in range(each)]
    wanted = [page_painting.settings(text, seed=seed + k) for k, text in enumerate(texts)]
    paintings = page_painting.developed(page_painting.sheet(wanted))
    known = library.load()
    numbers, painted = known.nearest(judge.load("features").describe(paintings))
    real = judge.load("features").describe(np.stack([unseen_page(text, k) for k, text in enumerate(texts)]))
    _, unseen = known.nearest(real)
    return Novelty(
        paintings[::each],
        np.stack([Pages("train").page(k) for k in numbers[::each]]),
        metrics.estimate(painted),
        metrics.estimate(unseen),
        adherence(judge.load(), paintings, texts),
        len(known),
    )


def unseen_page(prompt: str, number: int) -> np.ndarray:
    """A real page (128, 128, 3) of what a prompt asks for, the rest by chance; no training ever saw it."""
    drawn = sample_scene(np.random.default_rng((UNSEEN, number)), held_out=True)
    wanted: dict[str, Any] = {**asked(prompt)}
    scene = replace(drawn, **wanted)
    return draw(replace(scene, light="night") if scene.setting == "space" else scene)


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
