"""Sheets of unselected pages, real and painted, and a blind count of those that have a flaw.

python -m course_utils.training.sheets --show docs/sheets
python -m course_utils.training.sheets --blind runs/blind
python -m course_utils.training.sheets --count runs/blind --flawed first.txt second.txt

--show writes a sheet of each kind. --blind shuffles all pages into numbered sheets and keeps the key beside
them; a reader who does not know it writes down the numbers of flawed pages, and --count says what came of
each kind.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from course_utils import painters
from course_utils.metrics.estimates import Share, share
from course_utils.painters import BUILTIN
from course_utils.picturebook.captions import asked
from course_utils.picturebook.dataset import Pages
from course_utils.training.exam import questions
from course_utils.training.examination import BATCH, SEED

COUNT = 100  # pages of each kind
REAL = "real"
ACROSS, DOWN, TILE = 5, 4, 256  # pages and pixels of a blind sheet


def prompts(count: int = COUNT) -> list[str]:
    """The exam's first questions, all of which say that a clean page is wanted."""
    texts = [Pages("fresh", seed=1).caption(index) for index in questions("fresh", count)]
    return [text if "quality" in asked(text) else f"{text}, high quality" for text in texts]


def drawn(count: int = COUNT) -> np.ndarray:
    """The pages that these questions were written for, (count, 128, 128, 3)."""
    return np.stack([Pages("fresh", seed=1).page(index) for index in questions("fresh", count)])


def painted(name: str, count: int = COUNT) -> np.ndarray:
    """A painter's pages for these questions at the panels' defaults, a seed each, (count, 128, 128, 3)."""
    painter = painters.load(name)
    wanted = [painter.defaults(text, seed=SEED + k) for k, text in enumerate(prompts(count))]
    parts = [painter.paint(wanted[k : k + BATCH]) for k in range(0, count, BATCH)]
    return np.stack([painting.pixels for part in parts for painting in part])


def kinds(count: int = COUNT) -> dict[str, np.ndarray]:
    """Real pages and those of each painter, by kind."""
    return {REAL: drawn(count), **{name: painted(name, count) for name in BUILTIN}}


def show(found: Mapping[str, np.ndarray], folder: Path) -> None:
    """Write a sheet of each kind, ten pages across."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, pages in found.items():
        full = np.concatenate([pages, np.full((-len(pages) % 10, *pages.shape[1:]), 255, np.uint8)])
        wall = np.concatenate([np.concatenate(list(full[k : k + 10]), 1) for k in range(0, len(full), 10)])
        Image.fromarray(wall).save(folder / f"{kind}.webp", quality=80)


def blind(found: Mapping[str, np.ndarray], folder: Path, seed: int = 0) -> None:
    """Write all pages in random order on numbered sheets, and key.json: the kind of every number."""
    folder.mkdir(parents=True, exist_ok=True)
    everything = [(kind, page) for kind, pages in found.items() for page in pages]
    order = np.random.default_rng(seed).permutation(len(everything))
    for first in range(0, len(order), ACROSS * DOWN):
        sheet = Image.new("RGB", (ACROSS * TILE, DOWN * (TILE + 24)), "white")
        for place, number in enumerate(range(first, min(first + ACROSS * DOWN, len(order)))):
            x, y = place % ACROSS * TILE, place // ACROSS * (TILE + 24)
            page = Image.fromarray(everything[order[number]][1])
            sheet.paste(page.resize((TILE - 8, TILE - 8), Image.Resampling.LANCZOS), (x, y + 24))
            ImageDraw.Draw(sheet).text((x + 4, y + 6), str(number), "black", font_size=16)
        sheet.save(folder / f"{first:03d}.png")
    (folder / "key.json").write_text(json.dumps([everything[k][0] for k in order]))


def count(folder: Path, flawed: Sequence[Path]) -> dict[str, list[Share]]:
    """For each kind the share of pages without a flaw, one a reader."""
    key = json.loads((folder / "key.json").read_text())
    readers = [{int(number) for number in path.read_text().split()} for path in flawed]
    return {
        kind: [
            share(number not in reader for number, one in enumerate(key) if one == kind) for reader in readers
        ]
        for kind in dict.fromkeys(sorted(key))
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write sheets, or tell what readers of blind ones found."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--show", type=Path, help="a folder for a sheet of each kind")
    what.add_argument("--blind", type=Path, help="a folder for numbered sheets of all kinds, and their key")
    what.add_argument("--count", type=Path, help="the folder of such sheets")
    parser.add_argument(
        "--flawed", type=Path, nargs="+", default=[], help="a file of numbers for each reader"
    )
    parser.add_argument("--pages", type=int, default=COUNT, help="of each kind")
    chosen = parser.parse_args(arguments)
    if chosen.count:
        for kind, shares in count(chosen.count, chosen.flawed).items():
            print(kind, *(f"{one.hits} of {one.count} without a flaw" for one in shares), sep="\t")
    elif chosen.show:
        show(kinds(chosen.pages), chosen.show)
    else:
        blind(kinds(chosen.pages), chosen.blind)


if __name__ == "__main__":
    main()
