"""python -m course_utils paint "an orange cat in space" --seed 7 --steps 20 --guidance 4 -o page.png"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from course_utils.runtime import CourseError, counted
from course_utils.sampling import SAMPLERS

OPTIONS = ("seed", "steps", "guidance", "negative", "sampler")  # of the settings


def main(arguments: list[str]) -> int:
    """Paint a page without a notebook."""
    parser = argparse.ArgumentParser(prog="python -m course_utils paint", description=main.__doc__)
    parser.add_argument("prompt", nargs="?", help="what to paint")
    parser.add_argument("-o", "--out", type=Path, default=Path("page.png"), help="the PNG file to write")
    parser.add_argument("--painter", help="a painter's name or folder (default: picturebook)")
    parser.add_argument("--seed", type=_number(int), help="which static to start from (default: 7)")
    parser.add_argument(
        "--steps", type=_number(int), help="how many steps to take (default: the painter's own)"
    )
    parser.add_argument("--guidance", type=_number(float), help="w (default: the painter's own)")
    parser.add_argument("--negative", help="what to steer away from")
    parser.add_argument("--sampler", help=", ".join(SAMPLERS))
    parser.add_argument(
        "--again",
        type=Path,
        help="repaint a saved painting from the settings inside it; options beside this one replace them",
    )
    chosen = parser.parse_args(arguments)
    from course_utils import painters
    from course_utils.runcards.png import check_writable

    check_writable(chosen.out)  # before minutes are spent on a picture that cannot be kept
    given = {name: getattr(chosen, name) for name in OPTIONS if getattr(chosen, name) is not None}
    if chosen.again:
        painter, settings = _again(chosen.again, chosen.painter)
        settings = settings.but(**given, **({} if chosen.prompt is None else {"prompt": chosen.prompt}))
    else:
        painter = painters.load(chosen.painter or "picturebook", build=False)
        settings = painter.defaults(chosen.prompt or "", **given)
    painting = painter.paint(settings)
    painting.save(chosen.out)
    if painting.remark:
        print(painting.remark)
    print(f"{chosen.out}: {counted(painting.evaluations, 'evaluation')} in {painting.seconds:.1f} s")
    return 0


def _again(path: Path, other: str | None) -> tuple[Any, Any]:
    """The painter of a saved painting, or the `other`, and the settings. Raises `CourseError`."""
    from course_utils import painters
    from course_utils.painters.hub.table import MODELS as LARGE

    recipe = painters.recipe_of(path)
    if recipe.start:
        raise CourseError(
            f"{str(path)!r} was started from {recipe.start} that it does not hold: start from there again in "
            "the notebook."
        )
    known = (*painters.BUILTIN, *LARGE)  # no path out of a stranger's file
    if other is None and recipe.painter not in known:
        raise CourseError(
            f"{str(path)!r} was painted by {recipe.painter!r}, which is not a painter here: choose one with "
            "--painter."
        )
    return painters.load(other or recipe.painter), recipe.settings


def _number(kind: type) -> Callable[[str], object]:
    """Numbers as numbers; anything else stays text, for the painter to refuse in its own words."""

    def read(text: str) -> object:
        with suppress(ValueError):
            return kind(text)
        return text

    return read
