"""Pages that differ from a training page in one option, and couples of both.

Among pages drawn at random, hardly two differ in the eyes alone: nothing would teach the word *sleeping*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.scene import ATTRIBUTES, Scene
from course_utils.training.kept import COUNT, KeptPages

# None of them decides whether a page is held out.
OPTIONS = ("size", "place", "detail", "light", "eyes", "coat", "quality")
TELLINGS = 12  # tried until the option is told


@dataclass(frozen=True)
class Twins(KeptPages):
    """Page `index` is the kept page of this number with one option changed."""

    kind: ClassVar[str] = "twins"

    def scene(self, index: int) -> Scene:
        """The truth of page `index`; in space it is always night."""
        scene = super().scene(index)
        rng = np.random.default_rng((29, self.seed, index))
        name = str(rng.choice([name for name in OPTIONS if name != "light" or scene.setting != "space"]))
        changed: dict[str, Any] = {
            name: str(rng.choice([answer for answer in ATTRIBUTES[name] if answer != getattr(scene, name)]))
        }
        return replace(scene, **changed)


def couples(pages: KeptPages, numbers: Sequence[int]) -> tuple[list[np.ndarray], list[str]]:
    """Pages and captions in couples that differ in one option, and in what is said of it.

    `numbers` are those of examples, consecutive, an even one first; a couple has the first one's page.
    """
    both: tuple[Pages, Pages] = pages, Twins(pages.split, pages.seed)
    shown: list[np.ndarray] = []
    captions: list[str] = []
    for number in numbers[::2]:
        lap, index = divmod(number, COUNT)
        for telling in range(lap * TELLINGS, (lap + 1) * TELLINGS):
            told = [one.caption(index, telling) for one in both]
            if told[0] != told[1]:
                break
        shown += [one.page(index) for one in both]
        captions += told
    return shown, captions
