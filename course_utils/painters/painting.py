"""What a painter gives back: the picture, how it came about, and what it cost."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image, PngImagePlugin

from course_utils.painters.settings import Settings
from course_utils.runtime import CourseError, short

# Where a PNG file holds the settings, the painter's name and what the painting began from.
KEY, PAINTER, START = "painting", "painter", "start"
MOST_BYTES = 50_000_000  # of a file that is searched for settings

Decode = Callable[[torch.Tensor], np.ndarray]


@dataclass(frozen=True)
class State:
    """One step of the way, all latents (4, height, width).

    `t` is the timestep it began at (0 clean .. 1000 static), `noisy` x_t, `noise` the guided prediction of
    eps, `clean` the picture that this prediction implies, x0. `decode` turns any of them into pixels.
    """

    t: int
    noisy: torch.Tensor
    noise: torch.Tensor
    clean: torch.Tensor
    decode: Decode

    def picture(self, which: str = "clean") -> np.ndarray:
        """`noisy`, `noise` or `clean` decoded: (side, side, 3) uint8."""
        return self.decode(getattr(self, which))


@dataclass(frozen=True)
class Painting:
    """A finished picture.

    `latent` is its (4, height, width) latent; `evaluations` counts passes of the network (a guided step has
    two); `seconds` its share of the time that the steps of its batch took; `remark` one sentence on what in
    the request had no effect, such as words the painter never learned, or ""; `start` says what the painting
    began from, "" for static.
    """

    settings: Settings
    painter: str
    latent: torch.Tensor
    trajectory: list[State]
    evaluations: int
    seconds: float
    decode: Decode
    remark: str = ""
    start: str = ""
    decoded: np.ndarray | None = field(default=None, repr=False)  # the picture, where it is there already

    @cached_property
    def pixels(self) -> np.ndarray:
        """The picture, (side, side, 3) uint8."""
        return self.decode(self.latent) if self.decoded is None else self.decoded

    @property
    def image(self) -> Image.Image:
        """The picture as Pillow knows it."""
        return Image.fromarray(self.pixels)

    def save(self, path: Path | str) -> None:
        """Write a PNG that carries its own recipe; `recipe_of` reads it back."""
        writable(path)
        notes = PngImagePlugin.PngInfo()
        notes.add_text(KEY, self.settings.to_json())
        for key, text in ((PAINTER, self.painter), (START, self.start)):
            notes.add_text(key, text.encode("ascii", "backslashreplace").decode())
        file = io.BytesIO()
        self.image.save(file, format="PNG", pnginfo=notes)
        try:
            Path(path).write_bytes(file.getvalue())
        except OSError as error:
            raise CourseError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from None

    def _repr_png_(self) -> bytes | None:
        return self.image._repr_png_()


def writable(path: Path | str) -> None:
    """Raise `CourseError` unless a PNG can be written at `path`; a file that is there stays as it is."""
    target = Path(path)
    if target.suffix.lower() not in ("", ".png"):
        raise CourseError(
            f"A painting is saved as PNG, which carries its settings: name it {target.stem + '.png'!r}, not "
            f"{target.name!r}."
        )
    try:
        there = target.exists()
        target.open("ab").close()
        if not there:
            target.unlink()
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise CourseError(f"{str(path)!r} cannot be written: {reason}.") from None


@dataclass(frozen=True)
class Recipe:
    """What a saved painting says about itself: settings, the painter's name, its start ("": static)."""

    settings: Settings
    painter: str
    start: str = ""


def recipe_of(path: Path | str) -> Recipe:
    """The recipe inside a saved painting. Raises `CourseError` for any other file.

    The file may come from anyone: no pixel is decoded, and no more is read than a painting would hold.
    """
    file = Path(path)
    name = repr(str(path))
    try:
        if not file.is_file() or file.stat().st_size > MOST_BYTES:
            raise OSError
        with warnings.catch_warnings(action="ignore"), Image.open(file, formats=["PNG"]) as picture:
            notes = {key: picture.info.get(key, "") for key in (KEY, PAINTER, START)}
    except Exception:  # Pillow's decoders raise a dozen kinds of exception on damaged bytes
        raise CourseError(f"{name} is missing, or is no picture painted by this course.") from None
    text, painter, start = (str(note) for note in notes.values())
    if not text:
        raise CourseError(f"{name} holds no settings: only paintings saved by this course do.")
    return Recipe(Settings.from_json(text), short(painter), short(start))


def settings_of(path: Path | str) -> Settings:
    """The settings inside a saved painting, as `recipe_of`."""
    return recipe_of(path).settings
