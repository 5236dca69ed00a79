"""Where recorded galleries lie on this machine, and which of them stands in for a large model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from course_utils import cache
from course_utils.galleries.container import SUFFIX, Made, Model, Recording
from course_utils.galleries.reading import heading, read
from course_utils.galleries.recorded import RecordedPainter
from course_utils.painters.hub.table import ORDERS
from course_utils.runtime import DATA, CourseError

VARIABLE = "COURSE_GALLERIES"
HOME = DATA / "galleries"


def best(order: str) -> RecordedPainter | None:
    """The recorded gallery of the best model of an order, or of the model with that name; None without one.

    Of galleries that cannot be read a sentence is printed, and they are passed over.
    """
    newest_first = sorted(_headings(), key=lambda one: one[2].date, reverse=True)
    ranked = [(place, path) for path, model, _ in newest_first if (place := _rank(model, order)) is not None]
    for _, path in sorted(ranked, key=itemgetter(0)):
        try:
            return RecordedPainter(_read(path, path.stat().st_mtime_ns))
        except (CourseError, OSError) as error:
            print(error)
    return None


def files() -> list[Path]:
    """Every gallery in COURSE_GALLERIES (folders or files), in data/galleries, and among the user's data.

    Raises `CourseError` where COURSE_GALLERIES names what is not there.
    """
    named = [
        Path(part).expanduser() for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part.strip()
    ]
    for place in named:
        if not place.exists():
            raise CourseError(
                f"{VARIABLE} names {str(place)!r}, which is not there: correct it, or unset it."
            )
    found: list[Path] = []
    for place in (*named, HOME, cache.data_folder() / "galleries"):
        found += sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else [place] * place.is_file()
    return list(dict.fromkeys(path.resolve() for path in found))


def _headings() -> Iterator[tuple[Path, Model, Made]]:
    try:
        paths = files()
    except CourseError as error:
        print(error)
        return
    for path in paths:
        try:
            yield path, *heading(path)
        except CourseError as error:
            print(error)


@lru_cache(maxsize=2)  # 30 MB each
def _read(path: Path, _changed: int) -> Recording:
    return read(path)


def _rank(model: Model, order: str) -> int | None:
    """The place of a model in an order, 0 the best; models of no table come last; None for others."""
    name, kind = model.name, "quick" if model.distilled else "guided"
    if order not in ORDERS:
        return 0 if name == order else None
    known = ORDERS[order]
    if name in known:
        return known.index(name)
    in_table = any(name in names for names in ORDERS.values())
    return len(known) if not in_table and order in ("auto", kind) else None
