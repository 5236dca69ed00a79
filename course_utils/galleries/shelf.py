"""Where recorded galleries lie on this machine, and which of them stands in for a large model."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from course_utils import cache
from course_utils.galleries.container import SUFFIX, Recording, read
from course_utils.galleries.recorded import RecordedPainter
from course_utils.painters.hub.table import ORDERS
from course_utils.runtime import DATA, CourseError

VARIABLE = "COURSE_GALLERIES"
HOME = DATA / "galleries"


def best(order: str, say: Callable[[str], None] = print) -> RecordedPainter | None:
    """The recorded gallery of the best model of an order, or of the model with that name; None without one.

    Galleries that cannot be read are passed over, each with a sentence to `say`.
    """
    found = [one for one in _readable(say) if _rank(one, order) is not None]
    found.sort(key=lambda one: one.made.date, reverse=True)
    return RecordedPainter(min(found, key=lambda one: _rank(one, order) or 0)) if found else None


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


def _readable(say: Callable[[str], None]) -> list[Recording]:
    try:
        paths = files()
    except CourseError as error:
        say(str(error))
        return []
    found = []
    for path in paths:
        try:
            found.append(_read(path, path.stat().st_mtime_ns))
        except CourseError as error:
            say(str(error))
        except OSError:  # gone between the look and the reading
            continue
    return found


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> Recording:
    return read(path)


def _rank(recording: Recording, order: str) -> int | None:
    """The place of a model in an order, 0 the best; models of no table come last; None for others."""
    name, kind = recording.model.name, "quick" if recording.model.distilled else "guided"
    if order not in ORDERS:
        return 0 if name == order else None
    known = ORDERS[order]
    if name in known:
        return known.index(name)
    in_table = any(name in names for names in ORDERS.values())
    return len(known) if not in_table and order in ("auto", kind) else None
