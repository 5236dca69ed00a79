"""python -m course_utils paint "an orange cat in space" --seed 7 --steps 20 --guidance 4 -o page.png"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Paint a page without a notebook."""
    parser = argparse.ArgumentParser(prog="python -m course_utils paint", description=main.__doc__)
    parser.add_argument("prompt", nargs="?", default="", help="what to paint")
    parser.add_argument("-o", "--out", type=Path, default=Path("page.png"), help="the PNG file to write")
    parser.add_argument("--painter", default="picturebook", help="a painter's name or folder")
    parser.add_argument("--seed", default=7, type=_number(int))
    parser.add_argument("--steps", type=_number(int), help="as many as the painter is meant for")
    parser.add_argument("--guidance", type=_number(float))
    parser.add_argument("--negative", default="", help="what to steer away from")
    parser.add_argument("--sampler", default="ddim")
    parser.add_argument("--again", type=Path, help="repaint a saved painting from the settings inside it")
    chosen = parser.parse_args(arguments)
    from course_utils import painters

    painter = painters.load(chosen.painter, build=False)  # one page is done before the graphs would be
    if chosen.again:
        settings = painters.settings_of(chosen.again)
    else:
        names = ("seed", "steps", "guidance", "negative", "sampler")
        given = {name: getattr(chosen, name) for name in names if getattr(chosen, name) is not None}
        settings = painter.defaults(chosen.prompt, **given)
    painting = painter.paint(settings)
    painting.save(chosen.out)
    if painting.remark:
        print(painting.remark)
    print(f"{chosen.out}: {painting.evaluations} evaluations in {painting.seconds:.1f} s")
    return 0


def _number(kind: type) -> Callable[[str], object]:
    """Numbers as numbers; anything else stays text, for the painter to refuse in its own words."""

    def read(text: str) -> object:
        try:
            return kind(text)
        except ValueError:
            return text

    return read
