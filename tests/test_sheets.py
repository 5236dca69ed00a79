"""Films, galleries and the brush: many pictures in one, sent once."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError
from course_utils.widgets import Brush, Film, Gallery

PAGES = np.stack([Pages("fresh").page(k) for k in range(7)])


def tile(view, k):
    """Picture k as the browser will cut it out of the sheet."""
    sheet = np.asarray(Image.open(io.BytesIO(view.sheet)).convert("RGB"), int)
    row, column = divmod(k, view.columns)
    return sheet[row * view.height : (row + 1) * view.height, column * view.width : (column + 1) * view.width]


@pytest.mark.parametrize("view", [Film(), Gallery()])
def test_every_picture_arrives_crisp_and_small(view):
    view.set_pictures(PAGES)
    assert (view.n_frames, view.width, view.height) == (7, 128, 128)
    for k, page in enumerate(PAGES):
        gap = tile(view, k) - page
        assert np.sqrt((gap**2).mean()) < 6, "edges of drawings must survive the packing"
    assert len(view.sheet) / 7 < 8000


def test_a_sketch_is_packed_sooner_and_a_page_smaller():
    film = Film()
    for preview, kind in ((True, "JPEG"), (False, "WEBP"), (True, "JPEG")):
        film.set_pictures(PAGES[:1], preview=preview)
        packed = Image.open(io.BytesIO(film.sheet))
        assert (packed.format, Image.MIME[packed.format]) == (kind, film.mime)
        assert np.sqrt(((tile(film, 0) - PAGES[0]) ** 2).mean()) < 6


def test_a_film_says_what_fits():
    film = Film()
    film.set_pictures(PAGES, [f"t = {k}" for k in range(7)])
    film.index = 6
    film.set_pictures(PAGES[:3])
    assert film.index == 2 and film.labels == []
    for wrong, sentence in (
        (lambda: film.set_pictures(PAGES, ["one"]), "needs 7 labels, not 1"),
        (lambda: film.set_pictures(PAGES[:0]), "at least one picture"),
        (lambda: film.set_pictures(PAGES.astype(float)), "uint8"),
        (lambda: film.set_pictures(PAGES[0]), "shape"),
        (lambda: film.set_heat(np.zeros((2, 8, 8), np.uint8)), "Heat for 3 frames"),
        (lambda: film.set_heat(np.zeros((3, 8, 8))), "Heat for 3 frames"),
    ):
        with pytest.raises(CourseError, match=sentence):
            wrong()
    assert film.n_frames == 3, "a mistake leaves the old film"


def test_heat_lies_over_its_own_film_only():
    film = Film()
    film.set_pictures(PAGES)
    film.set_heat(np.full((7, 16, 16), 9, np.uint8))
    assert len(film.heat) == 7 * 256 and film.heat_side == 16
    film.set_pictures(PAGES)
    assert film.heat == b"" and film.heat_side == 0


def test_a_gallery_says_what_fits():
    wall = Gallery()
    wall.set_pictures(PAGES, [str(k) for k in range(7)], ["right"] * 6 + ["wrong"])
    wall.selected = 3
    wall.set_pictures(PAGES[:2])
    assert wall.selected == -1 and wall.captions == [] and wall.marks == []
    with pytest.raises(CourseError, match="as many captions"):
        wall.set_pictures(PAGES, ["one"])
    with pytest.raises(CourseError, match="'right', 'wrong'"):
        wall.set_pictures(PAGES[:1], ["a"], ["maybe"])


def test_a_hole_goes_to_the_browser_and_comes_back():
    brush = Brush()
    brush.set_picture(PAGES[0])
    assert not brush.hole.any() and brush.n_frames == 1
    hole = np.zeros((16, 16), bool)
    hole[2:5, 3:9] = True
    brush.set_hole(hole)
    assert np.array_equal(brush.hole, hole) and len(brush.mask) == 256
    brush.mask = b""  # what "clear" in another front end may send
    assert not brush.hole.any()
    with pytest.raises(CourseError, match="16 x 16 cells"):
        brush.set_hole(np.ones((3, 3)))
    with pytest.raises(CourseError, match="mask has 3 bytes"):
        brush.mask = b"abc"
    with pytest.raises(CourseError, match="radius"):
        brush.radius = 0


def test_a_stroke_arrives_as_the_browser_sends_it():
    brush = Brush()
    brush.set_state({"mask": memoryview(bytes([255] + [0] * 255))})
    assert brush.hole.sum() == 1 and isinstance(brush.mask, bytes)
