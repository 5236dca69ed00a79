"""Files that instruments load when asked: scripts, all that a page opened from a file may load."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

from course_utils import pictures
from course_utils.picturebook.dataset import Pages
from course_utils.site.lesson_clouds import clouds

SIDES = (256, 128)  # of the bundled pictures


def write_files(beside: Path) -> None:
    """Write points and pictures into the folder of all that lessons load."""
    for name, data in {**clouds(), **_pictures()}.items():
        text = json.dumps(base64.b64encode(data).decode())
        (beside / f"{name}.js").write_text(f"lesson.files[{json.dumps(name)}]={text}\n", encoding="utf-8")


def _pictures() -> dict[str, bytes]:
    """The pictures that instruments begin with, named by what they are and their side in pixels."""
    named = {f"{name}-{side}": pictures.load(name, side) for name in pictures.names() for side in SIDES}
    named["first-page-128"] = Pages("train").page(0)
    return {f"{name}.png": _png(picture) for name, picture in named.items()}


def _png(picture: np.ndarray) -> bytes:
    target = io.BytesIO()
    Image.fromarray(picture).save(target, "PNG")
    return target.getvalue()
