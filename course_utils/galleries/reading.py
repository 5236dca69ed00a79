"""Reading the file of a recorded gallery, which may come from anyone."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from course_utils import pictures
from course_utils.galleries.container import (
    FORMAT,
    INDEX,
    LONGEST,
    MOST_BYTES,
    VERSION,
    Made,
    Model,
    Pixels,
    Recording,
    Shot,
)
from course_utils.metrics.round_trip import RoundTrip
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError

READ_BYTES = 2 * MOST_BYTES
MOST_PICTURES = 200
SIDES = range(16, 513)

Filled = TypeVar("Filled")
Found = TypeVar("Found")


def read(path: Path) -> Recording:
    """The gallery in a file. Raises `CourseError` for any other file, and for a damaged one."""
    return _opened(path, lambda file: file.recording())


def heading(path: Path) -> tuple[Model, Made]:
    """Who painted a gallery, when and where, without its pictures. Raises `CourseError` as `read` does."""
    return _opened(path, lambda file: file.heading())


def _opened(path: Path, use: Callable[[_File], Found]) -> Found:
    name = repr(path.name)
    try:
        if path.stat().st_size > READ_BYTES:
            raise CourseError(f"{name} has more than {READ_BYTES / 1e6:g} MB, which no recorded gallery has.")
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            file = _File(archive)
            if file.is_newer:
                raise CourseError(f"{name} was recorded by a newer course than this one: update the course.")
            return use(file)
    except CourseError:
        raise
    except OSError as error:
        raise CourseError(f"{name} cannot be read: {error.strerror or error}.") from None
    except Exception:  # of zip, JSON and what is done with it: each damage has its own
        raise CourseError(
            f"{name} is damaged, or is no recorded gallery of this course: copy it again, or record it anew."
        ) from None


@dataclass
class _File:
    """An open file. Whatever is wrong in it raises some exception."""

    archive: zipfile.ZipFile
    index: dict[str, Any] = field(init=False)
    side: int = field(init=False)
    decoded: int = 0

    def __post_init__(self) -> None:
        self.index = json.loads(self._stored(INDEX))
        self.side = _whole(self.index["side"])
        if self.index["format"] != FORMAT or self.side not in SIDES:
            raise ValueError("a stranger")

    @property
    def is_newer(self) -> bool:
        return _whole(self.index["version"]) > VERSION

    def heading(self) -> tuple[Model, Made]:
        return _filled(Model, self.index["model"]), _filled(Made, self.index["made"])

    def recording(self) -> Recording:
        return Recording(
            *self.heading(),
            tuple(map(self._shot, self.index["pictures"])),
            {_settings(one["settings"]): _text(one["why"]) for one in self.index["left_out"]},
            {_text(one["picture"]): self._trip(one) for one in self.index["round_trips"]},
            self.side,
            _whole(self.index["quality"]),
        )

    def _stored(self, entry: str) -> bytes:
        found = self.archive.getinfo(entry)
        if found.compress_type != zipfile.ZIP_STORED:
            raise ValueError("packed: nobody knows how large it becomes")
        return self.archive.read(found)

    def _picture(self, entry: str) -> Pixels:
        self.decoded += 1
        if self.decoded > MOST_PICTURES:
            raise ValueError("too many pictures")
        try:
            return pictures.decode_upload(self._stored(entry), size=self.side)
        except CourseError:
            raise ValueError(entry) from None

    def _shot(self, found: Mapping[str, Any]) -> Shot:
        frames = [self._picture(entry) for entry in found["frames"]]
        timesteps = tuple(map(_whole, found["timesteps"]))
        if len(frames) != len(timesteps):
            raise ValueError("frames without a time")
        return Shot(
            _settings(found["settings"]),
            _whole(found["evaluations"]),
            _number(found["seconds"]),
            _text(found["remark"]),
            self._picture(found["file"]),
            np.stack(frames) if frames else np.zeros((0, self.side, self.side, 3), np.uint8),
            timesteps,
        )

    def _trip(self, found: Mapping[str, Any]) -> RoundTrip:
        if found["picture"] not in pictures.names():
            raise ValueError("no picture of this course")
        return RoundTrip(
            pictures.load(found["picture"], self.side),
            self._picture(found["file"]),
            tuple(map(_whole, found["sizes"])),
            tuple(map(_number, found["lost"])),
            _number(found["decibels"]),
            _pair(found["numbers"]),
            _pair(found["places"]),
        )


def _settings(found: Any) -> Settings:
    try:
        return Settings.from_json(json.dumps(found))
    except CourseError as error:
        raise ValueError(str(error)) from None


def _text(found: Any) -> str:
    if not isinstance(found, str) or not (found.isprintable() and len(found) <= LONGEST):
        raise ValueError("no line of text")
    return found


def _whole(found: Any) -> int:
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < 2**40:
        raise ValueError("no count")
    return found


def _number(found: Any) -> float:
    if not isinstance(found, int | float) or isinstance(found, bool) or not math.isfinite(found):
        raise ValueError("no number")
    return float(found)


def _yes_or_no(found: Any) -> bool:
    if not isinstance(found, bool):
        raise ValueError("neither yes nor no")
    return found


def _pair(found: Any) -> tuple[int, int]:
    one, other = map(_whole, found)
    return max(1, one), max(1, other)  # they divide each other


_KINDS: dict[Any, Callable[[Any], Any]] = {"str": _text, "int": _whole, "float": _number, "bool": _yes_or_no}


def _filled(kind: Callable[..., Filled], found: Mapping[str, Any]) -> Filled:
    return kind(**{one.name: _KINDS[one.type](found[one.name]) for one in fields(kind)})  # type: ignore[arg-type]
