"""In which wrapping a painted page travels to the browser fastest."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

from course_utils.bench.figures import Figure, figure_of, milliseconds
from course_utils.widgets.sheet import SMALL, SOON

WRAPPINGS: dict[str, dict[str, Any]] = {
    "WebP": {"format": "WEBP", "quality": 90, **SMALL[2]},
    "WebP, method 0": {"format": "WEBP", "quality": 90, "method": 0},
    "JPEG": {"format": "JPEG", "quality": 90, **SOON[2]},
    "PNG": {"format": "PNG"},
}


def wrapping(repeats: int) -> list[Figure]:
    """Milliseconds to pack a page of 128x128, and its size; unpacked it has 48 KiB."""
    from PIL import Image

    from course_utils.picturebook.dataset import Pages

    page = Image.fromarray(Pages("fresh").page(0))

    def pack(options: dict[str, Any]) -> int:
        target = io.BytesIO()
        page.save(target, **options)
        return target.tell()

    figures = []
    for name, options in WRAPPINGS.items():
        figures.append(
            figure_of(f"a page as {name}", "ms", milliseconds(partial(pack, options), 10 * repeats))
        )
        size = pack(options) / 1024
        figures.append(Figure(f"a page as {name}, size", size, size, size, "KiB"))
    return figures
