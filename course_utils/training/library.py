"""The nearest of all training pages, found without drawing them all again.

Drawing 20,000 pages and looking at them takes minutes. So it was done once, with the eyes that all distances
are measured by (the judge "features"): of what they saw of each page a small code is kept, AXES whole
numbers. The codes name a few candidates; those are drawn again and compared by the features themselves.

    python -m course_utils.training.library  # again whenever those eyes or the drawing program change
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from course_utils import judge
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError, verify_checksums, write_checksums
from course_utils.training.examination import LIBRARY, eyes, features
from course_utils.training.kept import KeptPages

NAME = "library.safetensors"
AXES = 48  # principal axes of the features of the pages; they hold nine tenths of the variance
CANDIDATES = 4  # pages drawn again for each one asked about: among them is the nearest, as `main` measures
SLIP = 2  # by how much a code may differ on another machine
AGAIN = "make it again with `python -m course_utils.training.library`."


@dataclass(frozen=True)
class Library:
    """Codes (pages, AXES) int8 of the training pages 0, 1, ..., and what makes a code of features (n, width).

    A code is round((features - centre) @ axes / unit); `axes` is (width, AXES), `centre` (width,), `unit`
    (AXES,).
    """

    codes: torch.Tensor
    axes: torch.Tensor
    centre: torch.Tensor
    unit: torch.Tensor

    def __len__(self) -> int:
        return len(self.codes)

    def code(self, seen: torch.Tensor) -> torch.Tensor:
        """Codes (n, AXES), not yet rounded, of features (n, width)."""
        return (seen - self.centre) @ self.axes / self.unit

    def nearest(self, seen: torch.Tensor, candidates: int = CANDIDATES) -> tuple[list[int], np.ndarray]:
        """The numbers (n,) of the training pages nearest to features (n, width), and the distances (n,).

        Raises `CourseError` where the pages, drawn again, are not those that the codes were made of.
        """
        there = torch.cdist(self.code(seen) * self.unit, self.codes * self.unit)  # (n, pages)
        likely = there.topk(candidates, largest=False).indices  # (n, candidates)
        numbers = likely.unique()
        drawn = eyes().describe(np.stack([Pages("train").page(int(k)) for k in numbers]))
        if (self.code(drawn) - self.codes[numbers]).abs().max() > SLIP + 0.5:
            raise CourseError(f"The library of training pages is of other eyes or other pages: {AGAIN}")
        apart = torch.cdist(seen, drawn)  # (n, numbers)
        apart[~(numbers == likely[..., None]).any(1)] = torch.inf  # another one's candidates
        best = apart.min(dim=1)
        return numbers[best.indices].tolist(), best.values.numpy()


def of_features(known: torch.Tensor) -> Library:
    """The library of pages with these features, (pages, width), pages > AXES."""
    centre = known.mean(0)
    axes = torch.linalg.eigh(torch.cov((known - centre).T)).eigenvectors[:, -AXES:]
    unit = ((known - centre) @ axes).abs().amax(0) / 127
    return Library((((known - centre) @ axes) / unit).round().to(torch.int8), axes, centre, unit)


@lru_cache(maxsize=2)
def load(folder: Path = judge.FOLDER) -> Library:
    """The library that ships with the judges. Raises `CourseError` where it is missing or damaged."""
    verify_checksums(folder)
    if not (folder / NAME).is_file():
        raise CourseError(f"The library of training pages is missing: {AGAIN}")
    return Library(**load_file(folder / NAME))


def save(library: Library, folder: Path = judge.FOLDER) -> None:
    """Write it beside the judges' weights, and note its checksum."""
    parts = {name: part.contiguous() for name, part in vars(library).items()}
    save_file(parts, folder / NAME)
    write_checksums(folder)


def main(arguments: Sequence[str] | None = None) -> None:
    """Look at training pages, write the library, and say how often it finds the nearest page."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--pages", type=int, default=LIBRARY, help="training pages to look at")
    parser.add_argument("--asked", type=int, default=200, help="fresh pages to look for")
    chosen = parser.parse_args(arguments)
    known = features(KeptPages("train"), 0, chosen.pages)
    fresh = features(KeptPages("fresh"), 0, chosen.asked)
    save(of_features(known))
    made = load()
    _, found = made.nearest(fresh)
    hits = int((found <= torch.cdist(fresh, known).amin(1).numpy() + 1e-3).sum())
    print(f"{len(made):,} pages; of {chosen.asked} fresh pages the nearest one is found for {hits}.")


if __name__ == "__main__":
    main()
