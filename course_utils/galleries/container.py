"""The file of a recorded gallery: a zip of gallery.json and WebP pictures, and nothing packed in it.

So whoever reads it knows from its length how much can come out; its names never become paths.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from course_utils.metrics.round_trip import MEASURES, RoundTrip
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError

SUFFIX = ".gallery"
FORMAT, VERSION = "recorded gallery of the course how image generators paint", 1
INDEX = "gallery.json"
MOST_BYTES = 3_000_000  # of a file that is written
LONGEST = 400  # letters of a text
LOSSLESS = 100
# (side, WebP quality) to be tried one after the other until the file is small enough.
LADDER = (
    *((512, quality) for quality in (LOSSLESS, 90, 80, 65, 50)),
    *((384, 50), (256, 50), (256, 25), (128, 25)),
)

Pixels = NDArray[np.uint8]
Filled = TypeVar("Filled")


@dataclass(frozen=True)
class Model:
    """Who painted: what the table of large models knows, or what was said of a local folder.

    `side`, `steps`, `guidance` and `sampler` are its usual ones; `terms` say what its licence asks of
    pictures.
    """

    name: str
    title: str
    repository: str
    revision: str
    licence: str
    terms: str
    side: int
    steps: int
    guidance: float
    sampler: str
    distilled: bool


@dataclass(frozen=True)
class Made:
    """When and where: an ISO date, the device, the versions of torch and diffusers."""

    date: str
    machine: str
    software: str


@dataclass(frozen=True)
class Shot:
    """A picture: `pixels` (side, side, 3) uint8, and of a film `frames` (n, side, side, 3) at `timesteps`."""

    settings: Settings
    evaluations: int
    seconds: float
    remark: str
    pixels: Pixels
    frames: Pixels
    timesteps: tuple[int, ...]


@dataclass(frozen=True)
class Recording:
    """A gallery in full. `left_out` says of settings why there is no picture; `trips` go by picture."""

    model: Model
    made: Made
    shots: tuple[Shot, ...]
    left_out: Mapping[Settings, str]
    trips: Mapping[str, RoundTrip]
    side: int
    quality: int


def pack(
    model: Model,
    made: Made,
    shots: Sequence[Shot],
    left_out: Mapping[Settings, str],
    trips: Mapping[str, RoundTrip],
) -> bytes:
    """A gallery as the bytes of its file, as good as fits into `MOST_BYTES`."""
    for side, quality in LADDER:
        with suppress(_TooLarge):
            return _packed(Recording(model, made, tuple(shots), left_out, trips, side, quality))
    raise CourseError(f"So many pictures do not fit into {MOST_BYTES / 1e6:g} MB: record fewer.")


class _TooLarge(Exception):
    """The file would have more than `MOST_BYTES`."""


def _packed(whole: Recording) -> bytes:
    painted = [*(one.pixels for one in whole.shots), *(one.after for one in whole.trips.values())]
    side = min(whole.side, max(map(len, painted), default=whole.side))
    files: dict[str, bytes] = {}

    def kept(picture: Pixels) -> str:
        name = f"{len(files)}.webp"
        files[name] = _webp(picture, side, whole.quality)
        if sum(map(len, files.values())) > MOST_BYTES:  # so the others need not be encoded
            raise _TooLarge
        return name

    index = {
        "format": FORMAT,
        "version": VERSION,
        "model": asdict(whole.model),
        "made": asdict(whole.made),
        "side": side,
        "quality": whole.quality,
        "pictures": [
            {
                "settings": asdict(one.settings),
                "evaluations": one.evaluations,
                "seconds": one.seconds,
                "remark": one.remark,
                "file": kept(one.pixels),
                "frames": [kept(frame) for frame in one.frames],
                "timesteps": one.timesteps,
            }
            for one in whole.shots
        ],
        "left_out": [{"settings": asdict(one), "why": why} for one, why in whole.left_out.items()],
        "round_trips": [
            {
                "picture": name,
                "file": kept(one.after),
                **{measure: getattr(one, measure) for measure in MEASURES},
            }
            for name, one in whole.trips.items()
        ],
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {INDEX: json.dumps(index, indent=1).encode(), **files}.items():
            archive.writestr(zipfile.ZipInfo(name), data)  # dated 1980: the same gallery is the same bytes
    if target.tell() > MOST_BYTES:
        raise _TooLarge
    return target.getvalue()


def _webp(picture: Pixels, side: int, quality: int) -> bytes:
    image, target = Image.fromarray(picture), io.BytesIO()
    if image.width > side:
        image = image.resize((side, side), Image.Resampling.LANCZOS)
    image.save(target, "WEBP", quality=quality, method=4, lossless=quality == LOSSLESS, use_sharp_yuv=True)
    return target.getvalue()


def write(path: Path, data: bytes) -> None:
    """Write a file of a recording, whole or not at all. Raises `CourseError` where that cannot be."""
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise CourseError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from None
