"""A run card in a PNG: a saved painting carries the recipe that it was painted by."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, PngImagePlugin

from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError, short

# Where a PNG file holds the settings, the painter's name and what the painting began from.
KEY, PAINTER, START = "painting", "painter", "start"
MOST_BYTES = 50_000_000  # of a file that is searched for settings


@dataclass(frozen=True)
class Recipe:
    """What a saved painting says about itself: settings, the painter's name, its start ("": static)."""

    settings: Settings
    painter: str
    start: str = ""


def write(path: Path | str, picture: Image.Image, recipe: Recipe) -> None:
    """Write a picture as a PNG that carries its recipe. Raises `CourseError` where that cannot be."""
    check_writable(path)
    notes = PngImagePlugin.PngInfo()
    notes.add_text(KEY, recipe.settings.to_json())
    for key, text in ((PAINTER, recipe.painter), (START, recipe.start)):
        notes.add_text(key, text.encode("ascii", "backslashreplace").decode())
    file = io.BytesIO()
    picture.save(file, format="PNG", pnginfo=notes)
    try:
        Path(path).write_bytes(file.getvalue())
    except OSError as error:
        raise CourseError(f"{str(path)!r} cannot be written: {error.strerror or error}.") from None


def check_writable(path: Path | str) -> None:
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
