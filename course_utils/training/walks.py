"""Walk the painter's way many times over: from pictures as noisy as they come to where it ends.

python -m course_utils.training.walks

What the distilled painter learns from (`fast`): states of whole guided walks, each with the page it led to. A
prompt is walked twice. First from static; then from the page that came out, drowned anew to some level, as
the distilled painter will drown its own between two leaps.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tqdm.auto import tqdm

from course_utils import painters
from course_utils.painters import Canvas, Painting, Settings
from course_utils.painters.fast_painter import STRONGEST, WEAKEST
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError
from course_utils.training import loop
from course_utils.training.dropout import drop_caption

TEACHER = "picturebook"
LEVELS = 10  # steps of a walk from static: as many as the teacher needs
CHUNK = 64  # prompts walked at once
COUNT = 9_600  # prompts
FRESH = 1 << 40  # seeds of the second walks lie here, far from those of the first

Table = dict[str, torch.Tensor]


def folder() -> Path:
    """Where walks are kept, a file a chunk."""
    return loop.RUNS / "walks"


def requests(number: int, count: int) -> list[Settings]:
    """What chunk `number` paints: captions with words dropped, each with its own seed and guidance."""
    pages, rng = Pages("train"), np.random.default_rng((23, number))
    first = number * count
    return [
        Settings(
            # A caption left out asks for nothing, and guidance would have nothing to start from.
            drop_caption(pages.caption(k), rng) or pages.caption(k),
            seed=k,
            steps=LEVELS,
            guidance=float(rng.uniform(WEAKEST, STRONGEST)),
        )
        for k in range(first, first + count)
    ]


def walk(painter: painters.Painter, number: int, count: int) -> Table:
    """The states of a chunk, n rows: noisy and end, latents (n, 4, 16, 16); tokens (n, 40).

    Also w and level, (n,): the guidance and diffusers' index of the timestep, 0..999.
    """
    wanted = requests(number, count)
    first = painter.paint(wanted)
    pages = torch.stack([painting.latent for painting in first])
    depth = int(np.random.default_rng((24, number)).integers(1, LEVELS)) / LEVELS
    again = [one.but(seed=one.seed + FRESH) for one in wanted]
    second = painter.paint(again, canvas=Canvas(pages, strength=depth))
    return _table(painter, [*first, *second])


def _table(painter: painters.Painter, done: Sequence[Painting]) -> Table:
    states = [(painting, state) for painting in done for state in painting.trajectory]
    return {
        "noisy": torch.stack([state.noisy for _, state in states]).half(),
        "end": torch.stack([painting.latent for painting, _ in states]).half(),
        "level": torch.tensor([state.t - 1 for _, state in states]),
        "w": torch.tensor([painting.settings.guidance for painting, _ in states]),
        "tokens": torch.cat([painter.tokens(painting.settings.prompt) for painting, _ in states]),
    }


def pool(source: Path) -> Table:
    """All states that have been walked, in rows as `walk` makes them. Raises `CourseError` for none."""
    chunks = [load_file(path) for path in sorted(source.glob("*.safetensors"))]
    if not chunks:
        raise CourseError(f"{source} holds no walks; make them with `python -m course_utils.training.walks`.")
    return {name: torch.cat([chunk[name] for chunk in chunks]) for name in chunks[0]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Record trajectories, saving each chunk when it is done; resumes where it stopped."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="number of prompts")
    parser.add_argument("--chunk", type=int, default=CHUNK, help="prompts in a batch")
    parser.add_argument("--out", type=Path, default=folder())
    parser.add_argument("--teacher", default=TEACHER, help="a painter, or its folder")
    chosen = parser.parse_args(arguments)
    painter = painters.load(chosen.teacher)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for number in tqdm(range(chosen.count // chosen.chunk), desc="walks"):
        path = chosen.out / f"{number:05d}.safetensors"
        if not path.exists():
            scratch = path.with_suffix(".part")
            save_file(walk(painter, number, chosen.chunk), scratch)
            scratch.rename(path)


if __name__ == "__main__":
    main()
