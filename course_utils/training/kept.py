"""Pages drawn once and kept on disk: a page in oils costs as much to draw as to learn from.

python -m course_utils.training.kept --count 32000

Any recipe may ask for any page; what is not there yet is drawn and kept. The command draws ahead.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.scene import WORLD
from course_utils.runtime import cores
from course_utils.training import loop

COUNT = 32_000  # training pages that VAE, text encoder, judges and painters see
SHELF = 1000  # pages to a folder


@dataclass(frozen=True)
class KeptPages(Pages):
    """As `Pages`; a page that was drawn before, by any process, is read from the disk."""

    kind: ClassVar[str] = "pages"

    def page(self, index: int) -> np.ndarray:
        """The picture of page `index`: (128, 128, 3) uint8."""
        path = self.path(index)
        try:
            with Image.open(path) as picture:
                return np.asarray(picture)
        except (OSError, SyntaxError):  # not drawn yet, or torn: Pillow calls a broken PNG a syntax error
            drawn = super().page(index)
            _write(drawn, path)
            return drawn

    def path(self, index: int) -> Path:
        """Where the picture of page `index` is kept."""
        folder = loop.RUNS / f"{self.kind}-{WORLD}" / f"{self.split}-{self.seed}" / f"{index // SHELF:05d}"
        return folder / f"{index % SHELF:03d}.png"


def _write(page: np.ndarray, path: Path) -> None:
    """Whole or not at all: other processes may be reading and drawing the same page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        Image.fromarray(page).save(file, format="PNG", compress_level=2)
    Path(scratch).replace(path)


def _draw(pages: KeptPages, index: int) -> None:
    if not pages.path(index).exists():
        pages.page(index)


def main(arguments: Sequence[str] | None = None) -> None:
    """Draw the training pages ahead, on all cores."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=cores())
    chosen = parser.parse_args(arguments)
    numbers = range(chosen.first, chosen.first + chosen.count)
    with get_context("spawn").Pool(chosen.workers) as pool:
        work = pool.imap(partial(_draw, KeptPages("train")), numbers, chunksize=25)
        for _ in tqdm(work, total=len(numbers), desc="drawing pages", mininterval=5):
            pass


if __name__ == "__main__":
    main()
