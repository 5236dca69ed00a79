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
from course_utils.picturebook.captions import asked
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError
from course_utils.training.exam import COUNT, FAMOUS, prompts
from course_utils.training.kept import KeptPages

BATCH = 25
SOME = 100  # questions for a point of a curve
MANY = 2_000  # pages of a Fréchet distance
LIBRARY = 20_000  # training pages that paintings are compared with
SEED = 1000  # of the first question; each has the next
VAGUE = ("a cat", "a fish", "an owl", "a house", "a boat", "a flower")  # prompts that leave much open
LOOKS = {"clipped": clipped, "colourfulness": colourfulness, "contrast": contrast, "edges": edges}
FIRST = 24  # questions whose answers are kept one by one, for whoever paints them again


class Examination:
    """Paints the exam's questions and marks them, keeping every result on disk."""

    def __init__(
        self,
        name: str,
        folder: Path,
        count: int = COUNT,
        some: int = SOME,
        library: int = LIBRARY,
        many: int = MANY,
    ) -> None:
        self.painter, self.folder = painters.load(name), folder
        self.count, self.some, self.library, self.many = count, some, library, many
        folder.mkdir(parents=True, exist_ok=True)

    @cached_property
    def judges(self) -> dict[str, judge.Judge]:
        """Both judges whose verdicts count."""
        return {which: judge.load(which) for which in judge.READERS}

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
        marks["frechet"] = frechet(eyes().describe(pages), real(count))
        return marks | {name: measured(measure(pages)) for name, measure in LOOKS.items()}

    def poor(self, text: str, count: int, **settings: Any) -> dict[str, float]:
        """The share of paintings of one prompt that the second judge does not read as clean."""
        verdicts = self.judges["second"].read(self.paint([text] * count, **settings))
        return told(share(verdict.answers["quality"] != "clean" for verdict in verdicts))

    def famous(self, seeds: int, **settings: Any) -> dict[str, Any]:
        """For each famous prompt, with its negative one: how often all that it asks for is on the page."""
        found = {}
        for text, negative in FAMOUS:
            more = {"negative": negative} if negative and self.takes(negative=negative) else {}
            pages = self.paint([text] * seeds, **settings, **more)
            asks = tuple(asked(text))
            found[text] = told(share(met(self.judges["second"], pages, [text] * seeds, asks)))
        return found

    def takes(self, **settings: Any) -> bool:
        """Whether the painter has a part for these settings."""
        try:
            self.painter.validate(Settings("a cat", **settings))
        except CourseError:
            return False
        return True

    def variety(self, seeds: int, **settings: Any) -> dict[str, float]:
        """How different the paintings of one prompt are, over its seeds; the mean over VAGUE."""
        found = []
        for text in VAGUE:
            pages = self.paint([text] * seeds, **settings)
            found.append(spread(eyes().describe(pages)))
        return measured(np.array(found))


def eyes() -> judge.Judge:
    """What all distances are measured in: features that no training or choice has used."""
    return judge.load("features")


@lru_cache(maxsize=4)
def real(count: int, first: int = 0) -> torch.Tensor:
    """Neutral features of fresh pages, (count, width)."""
    return features(KeptPages("fresh", seed=3), first, count)


def features(pages: Pages, first: int, count: int) -> torch.Tensor:
    """The neutral features of `count` pages, from number `first` on, (count, width)."""
    parts = [range(k, min(k + BATCH, first + count)) for k in range(first, first + count, BATCH)]
    return torch.cat([eyes().describe(np.stack([pages.page(number) for number in part])) for part in parts])


def measured(values: np.ndarray) -> dict[str, float]:
    """The mean of values (n,), n > 1, with its standard error, as it is written down."""
    return {"mean": float(values.mean()), "error": float(values.std(ddof=1) / len(values) ** 0.5)}


def told(found: Share) -> dict[str, float]:
    """A share as it is written down."""
    low, high = found.interval
    return {"mean": found.mean, "low": low, "high": high, "count": found.count}
