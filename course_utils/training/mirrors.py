"""Training pages and their mirror images: twice as many pages for the same drawing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from course_utils.picturebook.scene import Scene
from course_utils.training.kept import COUNT, KeptPages

# Strokes of these slant one way, or catch a light from one side.
ONE_SIDED = ("oil painting", "crayon")
OTHER_SIDE = {"left": "right", "right": "left", "middle": "middle"}


@dataclass(frozen=True)
class WithMirrors(KeptPages):
    """Kept pages 0 to COUNT - 1, behind them the same pages seen in a mirror, and so on in turns.

    A page in a style that has a side comes back as it is.
    """

    def scene(self, index: int) -> Scene:
        """The truth of page `index`: in a mirror left is right."""
        scene = super().scene(index % COUNT)
        if not _is_mirrored(scene, index):
            return scene
        return replace(scene, place=OTHER_SIDE[scene.place], flip=not scene.flip)

    def page(self, index: int) -> np.ndarray:
        """The picture of page `index`: (128, 128, 3) uint8."""
        page = super().page(index % COUNT)
        return page[:, ::-1].copy() if _is_mirrored(super().scene(index % COUNT), index) else page


def _is_mirrored(scene: Scene, index: int) -> bool:
    return index // COUNT % 2 == 1 and scene.style not in ONE_SIDED
