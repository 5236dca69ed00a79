"""The questions every painter of pages is examined with, written down before one of them could paint.

python -m course_utils.training.exam
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from course_utils.picturebook.captions import asked
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import DATA

FOLDER = DATA / "exam"
COUNT = 500
CORE = ("subject", "colour", "setting")

# What each list's questions tell at least. All ask for clean pages: none says that a page is to be poor.
TOLD = {"fresh": CORE, "held_out": CORE, "held_out_style": (*CORE, "style")}
# The questions of the first world, which had fewer subjects and settings and no styles; still asked.
OLD = ("old_fresh", "old_held_out")
# What everybody types first, each with its negative prompt.
FAMOUS = (
    ("a cat astronaut floating in space, oil painting style", ""),
    ("a cyberpunk dog", ""),
    ("a detailed orange tabby cat on a windowsill, warm light", "blurry, low quality"),
    ("draw a cat", ""),
)


def questions(split: str, count: int = COUNT) -> list[int]:
    """The first `count` pages of a split that are clean and of which at least what `TOLD` says is told."""
    pages, index = Pages(split, seed=1), 0
    found: list[int] = []
    while len(found) < count:
        clean = pages.scene(index).quality == "clean"
        if clean and all(name in asked(pages.caption(index)) for name in TOLD[split]):
            found.append(index)
        index += 1
    return found


def write_prompts(split: str, count: int = COUNT) -> list[str]:
    """The captions of these pages."""
    return [Pages(split, seed=1).caption(index) for index in questions(split, count)]


def prompts(split: str = "fresh", folder: Path = FOLDER) -> list[str]:
    """The committed questions of a list: of `TOLD`, of `OLD`, or "famous"."""
    lines = (folder / f"{split}.txt").read_text().splitlines()
    return [line.split("\t")[0] for line in lines]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the lists to data/exam; the old ones stay as they are."""
    FOLDER.mkdir(exist_ok=True)
    for split in TOLD:
        (FOLDER / f"{split}.txt").write_text("\n".join(write_prompts(split)) + "\n")
    (FOLDER / "famous.txt").write_text("".join(f"{prompt}\t{negative}\n" for prompt, negative in FAMOUS))


if __name__ == "__main__":
    main()
