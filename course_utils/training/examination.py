"""Paint the exam's questions and mark them, keeping every result on disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from course_utils import judge, painters
from course_utils.metrics.estimates import Share, share
from course_utils.metrics.page_metrics import (
    by_attribute,
    clipped,
    colourfulness,
    contrast,
    edges,
    frechet,
    met,
    spread,
)
from course_utils.painters import Settings
from course_utils.picturebook.dataset import Pages
from course_utils.training.exam import COUNT, prompts

BATCH = 25
SOME = 100  # questions for a point of a curve
LIBRARY = 20_000  # training pages that paintings are compared with
SEED = 1000  # of the first question; each has the next
VAGUE = ("a cat", "a fish", "an owl", "a house", "a boat", "a flower")  # prompts that leave much open
LOOKS = {"clipped": clipped, "colourfulness": colourfulness, "contrast": contrast, "edges": edges}
FIRST = 24  # questions whose answers are kept one by one, for whoever paints them again


class Examination:
    """Paints the exam's questions and marks them, keeping every result on disk."""

    def __init__(
        self, name: str, folder: Path, count: int = COUNT, some: int = SOME, library: int = LIBRARY
    ) -> None:
        self.painter, self.folder = painters.load(name), folder
        self.count, self.some, self.library = count, some, library
        folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def judges(self) -> dict[str, judge.Judge]:
        """Both judges."""
        return {which: judge.load(which) for which in judge.BACKBONES}

    def point(self, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """A result by name: from disk, or computed now and kept."""
        path = self.folder / f"{name}.json"
        if not path.exists():
            path.write_text(json.dumps(compute(), indent=1))
        return json.loads(path.read_text())

    def paint(self, texts: Sequence[str], **settings: Any) -> np.ndarray:
        """One page a text, each from its own seed, (n, 128, 128, 3) uint8."""
        wanted = [Settings(text, seed=SEED + k, **settings) for k, text in enumerate(texts)]
        pages = []
        for first in tqdm(range(0, len(wanted), BATCH), desc=str(settings), leave=False):
            done = self.painter.paint(wanted[first : first + BATCH])
            pages.append(self.painter.decode(torch.stack([painting.latent for painting in done])))
        return np.concatenate(pages)

    @lru_cache(maxsize=2)  # noqa: B019  # there is one examination, and its largest sets are wanted thrice
    def answers(self, split: str, count: int, **settings: Any) -> np.ndarray:
        """Paintings of the first `count` prompts of a split, (count, 128, 128, 3) uint8."""
        return self.paint(prompts(split)[:count], **settings)

    def read(self, pages: np.ndarray, texts: Sequence[str]) -> dict[str, Any]:
        """Each judge's share of pages (n, 128, 128, 3) that meet their prompts, and its marks."""
        answers = {which: met(one, pages, texts) for which, one in self.judges.items()}
        marks: dict[str, Any] = {which: told(share(hits)) for which, hits in answers.items()}
        return marks | {"answers": [int(hit) for hit in answers["first"][:FIRST]]}

    def marked(self, split: str, count: int, **settings: Any) -> dict[str, Any]:
        """Paint the first `count` questions of a split, and mark the pages in every way."""
        texts = prompts(split)[:count]
        pages = self.answers(split, count, **settings)
        marks = self.read(pages, texts)
        marks["by attribute"] = {
            name: told(found) for name, found in by_attribute(self.judges["second"], pages, texts).items()
        }
        seen = self.judges["first"].describe(pages)
        marks["frechet"] = frechet(seen, real(count))
        return marks | {name: measured(measure(pages)) for name, measure in LOOKS.items()}

    def variety(self, seeds: int, **settings: Any) -> dict[str, float]:
        """How different the paintings of one prompt are, over its seeds; the mean over VAGUE."""
        found = []
        for text in VAGUE:
            pages = self.paint([text] * seeds, **settings)
            found.append(spread(self.judges["first"].describe(pages)))
        return measured(np.array(found))


@lru_cache(maxsize=4)
def real(count: int, first: int = 0) -> torch.Tensor:
    """Features of fresh pages, (count, width), by the first judge."""
    return features(Pages("fresh", seed=3), first, count)


def features(pages: Pages, first: int, count: int) -> torch.Tensor:
    """The first judge's features of `count` pages, from number `first` on, (count, width)."""
    one = judge.load()
    parts = [range(k, min(k + BATCH, first + count)) for k in range(first, first + count, BATCH)]
    return torch.cat([one.describe(np.stack([pages.page(number) for number in part])) for part in parts])


def measured(values: np.ndarray) -> dict[str, float]:
    """The mean of values (n,), n > 1, with its standard error, as it is written down."""
    return {"mean": float(values.mean()), "error": float(values.std(ddof=1) / len(values) ** 0.5)}


def told(found: Share) -> dict[str, float]:
    """A share as it is written down."""
    low, high = found.interval
    return {"mean": found.mean, "low": low, "high": high, "count": found.count}
