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


def write_prompts(split: str, count: int = COUNT) -> list[str]:
    """`count` captions that tell at least subject, colour and setting; "fresh" are of seen combinations."""
    pages, index = Pages(split, seed=1), 0
    found: list[str] = []
    while len(found) < count:
        caption = pages.caption(index)
        if all(name in asked(caption) for name in CORE):
            found.append(caption)
        index += 1
    return found


def prompts(split: str = "fresh", folder: Path = FOLDER) -> list[str]:
    """The committed questions: "fresh" (seen combinations) or "held_out"."""
    return (folder / f"{split}.txt").read_text().splitlines()


def main(arguments: Sequence[str] | None = None) -> None:
    """Write both lists to data/exam."""
    FOLDER.mkdir(exist_ok=True)
    for split in ("fresh", "held_out"):
        (FOLDER / f"{split}.txt").write_text("\n".join(write_prompts(split)) + "\n")


if __name__ == "__main__":
    main()
