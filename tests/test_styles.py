"""Styles and faults of a page: what each does to it, and that they can be told apart."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from course_utils.picturebook.captions import SAID_OF_STYLES, asked, in_style
from course_utils.picturebook.dataset import Pages
from course_utils.picturebook.draw import draw
from course_utils.picturebook.palette import BODY
from course_utils.picturebook.quality import QUALITIES, spoil
from course_utils.picturebook.scene import COLOURS, Scene
from course_utils.picturebook.styles import STYLES, paint_in


def test_a_list_of_styles_says_each_in_words_that_ask_for_it():
    said = [asked(in_style("a cat in the snow", phrase)) for phrase in SAID_OF_STYLES]
    assert said == [{"subject": "cat", "setting": "snow", "style": style} for style in STYLES]
    assert in_style("a cat", "") == "a cat"


def drawing(scene: Scene) -> np.ndarray:
    """The page that styles are made from."""
    return draw(scene, 256)


CAT = drawing(Scene("cat", "orange", "meadow"))
PAINTED = tuple(style for style in STYLES if style != "picture book")
GRAY = (0.299, 0.587, 0.114)


def dice(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_names_that_captions_and_judges_use():
    assert STYLES == (
        "picture book",
        "oil painting",
        "watercolour",
        "crayon",
        "pixel art",
        "stained glass",
        "neon",
    )
    assert QUALITIES == ("clean", "blurry", "washed out", "badly lit", "cut off")


@pytest.mark.parametrize("style", STYLES)
def test_a_style_makes_a_page_and_the_same_one_each_time(style):
    before = CAT.copy()
    page = paint_in(style, CAT, dice())
    assert page.shape == (128, 128, 3) and page.dtype == np.uint8
    assert np.array_equal(page, paint_in(style, CAT, dice()))
    assert np.array_equal(CAT, before), "the drawing itself was painted over"


@pytest.mark.parametrize("style", PAINTED)
def test_a_style_varies_mildly(style):
    pages = np.stack([paint_in(style, CAT, dice(seed)) for seed in range(4)]).astype(float)
    assert pages.std(0).mean() > 0.5
    # What varies is the hand, not the look: colour and light of the whole page stay.
    assert pages.mean((1, 2)).std(0).max() < 8


def test_what_is_no_style_or_quality_is_named():
    with pytest.raises(ValueError, match=r"cubism.*picture book"):
        paint_in("cubism", CAT, dice())
    with pytest.raises(ValueError, match=r"torn.*clean"):
        spoil("torn", CAT, dice())


def test_the_plain_style_only_halves():
    assert (
        np.abs(paint_in("picture book", CAT, dice()) - CAT.reshape(128, 2, 128, 2, 3).mean((1, 3))).max()
        <= 0.5
    )


def test_pixel_art_is_cells_of_four_pixels_and_few_colours():
    rainbow = np.indices((256, 256)).transpose(1, 2, 0)[..., [0, 1, 0]].astype(np.uint8)
    rainbow[..., 2] = 255 - (rainbow[..., 0] // 2 + rainbow[..., 1] // 2)
    for drawn in (CAT, rainbow):
        page = paint_in("pixel art", drawn, dice())
        cells = page.reshape(32, 4, 32, 4, 3)
        assert (cells == cells[:, :1, :, :1]).all()
        assert (np.diff(page[2::4, 2::4].astype(int), axis=1)[:, ::2] != 0).any(), "cells of eight pixels"
        assert 4 <= len(np.unique(page.reshape(-1, 3), axis=0)) <= 24


@cache
def coloured(subject: str, colour: str, setting: str) -> tuple[np.ndarray, np.ndarray]:
    """A drawing, and where (128, 128) its subject shows its named colour."""
    drawn = drawing(Scene(subject, colour, setting, size="big"))
    body = np.abs(paint_in("picture book", drawn, dice()).astype(int) - BODY[colour]).max(-1) < 8
    assert body.sum() > 200
    return drawn, body


def bodies(style: str, subjects: tuple[str, ...]) -> np.ndarray:
    """The middle colour (subjects, colours, 3) of the part of each subject that has its named colour."""
    means = np.zeros((len(subjects), len(COLOURS), 3))
    for row, subject in enumerate(subjects):
        for column, colour in enumerate(COLOURS):
            drawn, body = coloured(subject, colour, "sea")
            means[row, column] = np.median(paint_in(style, drawn, dice(row))[body], 0)
    return means


def nearest(colours: np.ndarray, paints: np.ndarray) -> np.ndarray:
    return np.linalg.norm(colours[..., None, :] - paints, axis=-1).argmin(-1)


@pytest.mark.parametrize("style", STYLES)
def test_a_colour_stays_legible(style):
    seen = bodies(style, ("cat", "house", "fish"))
    truth = np.arange(len(COLOURS))
    if style != "neon":  # its surfaces are dark on purpose
        paints = np.array([BODY[colour] for colour in COLOURS], float)
        assert (nearest(seen, paints) == truth).mean() >= 0.8
    # A reader who has seen one subject in all colours knows the colour of another.
    assert (nearest(seen[1:], seen[0]) == truth).mean() >= 0.8


@pytest.mark.parametrize("colour", ["red", "yellow", "green", "blue", "purple"])
def test_neon_glows_in_the_colour_of_its_subject(colour):
    drawn, body = coloured("cat", colour, "space")
    rim = ndimage.binary_dilation(body, iterations=3) & ~body
    page = paint_in("neon", drawn, dice())[rim].astype(float)
    glow = page[page.max(-1) > 150].mean(0)
    hues = [colour - colour.mean() for colour in (glow, np.array(BODY[colour], float))]
    assert np.dot(*hues) / np.prod([np.linalg.norm(hue) for hue in hues]) > 0.8


@pytest.mark.parametrize("style", STYLES)
def test_day_stays_lighter_than_night(style):
    night = np.rint(0.48 * CAT + 0.52 * np.array((26, 30, 84))).astype(np.uint8)
    skies = [(paint_in(style, page, dice())[10:40] @ GRAY).mean() for page in (CAT, night)]
    assert skies[0] > 1.2 * skies[1]


def statistics(page: np.ndarray) -> np.ndarray:
    """A few numbers that any first look takes in: light, contrast, colour, rims, roughness, cells."""
    picture = page / 255
    gray = picture @ GRAY
    rim = np.concatenate([gray[:4].ravel(), gray[-4:].ravel(), gray[:, :4].ravel(), gray[:, -4:].ravel()])
    steps = np.abs(np.diff(gray, axis=1))
    strong = np.percentile(steps, [50, 80, 95])
    ink = (gray < 0.12).mean()
    cells = steps[:, 3::4].mean() / (steps.mean() + 1e-6)
    return np.array([gray.mean(), gray.std(), np.ptp(picture, -1).mean(), rim.mean(), *strong, ink, cells])


def test_styles_are_told_apart_by_simple_statistics():
    looks = {
        split: np.stack(
            [
                [statistics(paint_in(style, drawing(Pages(split).scene(k)), dice(k))) for k in range(8)]
                for style in STYLES
            ]
        )
        for split in ("train", "fresh")
    }
    spread = (looks["train"] - looks["train"].mean(1, keepdims=True)).std((0, 1))
    guesses = nearest(looks["fresh"] / spread, looks["train"].mean(1) / spread)
    assert (guesses == np.arange(len(STYLES))[:, None]).mean() >= 0.8


PAGE = paint_in("picture book", CAT, dice())


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_fault_makes_a_page_and_the_same_one_each_time(quality):
    before = PAGE.copy()
    page = spoil(quality, PAGE, dice())
    assert page.shape == PAGE.shape and page.dtype == np.uint8
    assert np.array_equal(page, spoil(quality, PAGE, dice()))
    assert np.array_equal(PAGE, before)
    assert np.array_equal(page, PAGE) == (quality in ("clean", "cut off"))


@pytest.mark.parametrize("seed", range(8))
def test_faults_are_plain_to_see(seed):
    gray = PAGE @ GRAY
    blurry, pale, unlit = (
        spoil(fault, PAGE, dice(seed)) @ GRAY for fault in ("blurry", "washed out", "badly lit")
    )
    sharp = [np.abs(np.diff(look, axis=axis)).max() for look in (gray, blurry) for axis in (0, 1)]
    assert max(sharp[2:]) < 0.6 * min(sharp[:2])
    assert pale.std() < 0.5 * gray.std() and pale.min() > gray.min() + 60
    assert unlit.mean() < 0.5 * gray.mean() or (unlit > 250).mean() > 0.2
