"""One call that shows points or pages side by side."""

from __future__ import annotations

import base64
import io

import numpy as np
import torch
from PIL import Image

from course_utils.panels.show import side_by_side


def picture(shown, kind):
    data, metadata = shown._repr_mimebundle_()
    assert metadata[kind]["alt"] in data["text/plain"]
    return Image.open(io.BytesIO(base64.b64decode(data[kind])))


def test_points_become_one_png_with_a_pane_each():
    one, two = torch.zeros(5, 2), torch.ones(5, 2)
    alone = picture(side_by_side({"alone": one}), "image/png")
    both = picture(side_by_side({"first": one, "second": two}, shape="cat", extent=3), "image/png")
    assert both.format == "PNG" and both.width == 2 * alone.width
    assert "first, second" in repr(side_by_side({"first": one, "second": two}))


def test_pages_become_a_jpeg():
    pages = np.zeros((2, 128, 128, 3), np.uint8)
    shown = picture(side_by_side({"left": pages[0], "right": pages[1]}), "image/jpeg")
    assert shown.format == "JPEG" and shown.width > shown.height
