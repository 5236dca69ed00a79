"""The page to draw on: what goes to the browser, what comes back, and what is refused."""

import numpy as np
import pytest

from course_utils.runtime import CourseError
from course_utils.widgets import DrawingPad


def test_an_empty_page_is_white_paper():
    assert (DrawingPad(side=16).pixels == 255).all()


def test_a_picture_goes_to_the_browser_and_a_drawing_comes_back():
    pad, picture = DrawingPad(side=16), np.arange(768).astype(np.uint8).reshape(16, 16, 3)
    pad.set_picture(picture)
    assert len(pad.picture) == 768 and (pad.pixels == picture).all()
    pad.set_state({"picture": memoryview(bytes(768))})
    assert isinstance(pad.picture, bytes) and not pad.pixels.any()


@pytest.mark.parametrize("picture", [np.zeros((8, 8, 3), np.uint8), np.zeros((16, 16, 3)), "a cat"])
def test_what_is_no_page_of_this_size_is_refused_in_a_sentence(picture):
    with pytest.raises(CourseError, match="16 x 16 pixels of three bytes"):
        DrawingPad(side=16).set_picture(picture)


def test_half_a_page_and_an_impossible_brush_are_refused():
    pad = DrawingPad(side=16)
    with pytest.raises(CourseError, match="picture has 9 bytes"):
        pad.picture = bytes(9)
    with pytest.raises(CourseError, match="radius"):
        pad.radius = 40


def test_paints_arrive_as_css():
    pad = DrawingPad()
    pad.set_paints({"red": (216, 46, 52)})
    assert pad.paints == [["red", "rgb(216, 46, 52)"]]
