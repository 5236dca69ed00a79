"""What visible cells end in: pictures and points side by side, in words as well."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from course_utils.panels.stills import show_pictures, show_points
from course_utils.runtime import CourseError


def seen(shown, kind):
    data, metadata = shown._repr_mimebundle_()
    assert set(data) == {"text/plain", kind} and shown.alt in data["text/plain"]
    assert metadata[kind]["alt"] == shown.alt
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data[kind]))).convert("RGB")).astype(int)


def test_pictures_stand_side_by_side_in_either_range():
    black = np.zeros((8, 8, 3), np.uint8)
    white = torch.full((8, 8, 3), 7.0)  # beyond 1 is cut off
    image = seen(show_pictures({"before": black, "after": white}), "image/jpeg")
    height, width, _ = image.shape
    left, right = (image[height // 2, int(share * width)] for share in (0.25, 0.75))
    assert left.max() < 20 and right.min() > 235


def test_points_are_drawn_over_their_target():
    torch.manual_seed(0)
    bare, aimed = (
        seen(show_points({"here": torch.randn(50, 2)}, target), "image/png")
        for target in (None, torch.randn(50, 2))
    )
    assert (bare < 200).any() and (bare != aimed).any()


def test_a_division_by_zero_is_told():
    with pytest.raises(CourseError, match="nan"):
        show_pictures({"x0": torch.full((4, 4, 3), float("nan"))})
