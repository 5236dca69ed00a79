"""As many pages as anyone asks for: page k of a seed is the same on every machine and for every worker."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course_utils.picturebook.captions import caption
from course_utils.picturebook.draw import draw
from course_utils.picturebook.scene import Scene, sample_scene

# Streams of random numbers that never meet: pages to learn from, unseen pages of the same combinations, and
# pages of the combinations, and of the pairs of subject and style, that no training ever sees.
SPLITS = {"train": 0, "fresh": 1, "held_out": 2, "held_out_style": 3}


@dataclass(frozen=True)
class Pages:
    """An endless row of pages.

    `split` is "train", "fresh" (the same combinations, other pages), "held_out" (combinations of subject,
    colour and setting kept from training, in styles that their subject is seen in) or "held_out_style" (seen
    combinations in a style that their subject is never seen in); `seed` a whole number from 0.
    """

    split: str = "train"
    seed: int = 0

    def scene(self, index: int) -> Scene:
        """The truth of page `index` (from 0)."""
        return sample_scene(
            self._rng(index, 0),
            held_out=self.split == "held_out",
            held_out_pair=self.split == "held_out_style",
        )

    def page(self, index: int) -> np.ndarray:
        """The picture of page `index`: (128, 128, 3) uint8."""
        return draw(self.scene(index))

    def caption(self, index: int, telling: int = 0) -> str:
        """One way to say page `index` in words; each `telling` (from 0) is another."""
        return caption(self.scene(index), self._rng(index, 1 + telling))

    def _rng(self, index: int, stream: int) -> np.random.Generator:
        return np.random.default_rng((SPLITS[self.split], self.seed, index, stream))
