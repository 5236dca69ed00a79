"""Values that are nearly right: those of other libraries are taken, the rest ends in one sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from random_painter import CAT, apart

from course_utils.painters import Canvas, Settings
from course_utils.panels import page_painting
from course_utils.runtime import CourseError, generator

PAGE = np.full((128, 128, 3), 90, np.uint8)


@pytest.fixture(scope="module")
def clean(painter):
    return painter.encode_image(PAGE)


def test_numbers_of_other_libraries_are_numbers():
    ours = Settings(CAT, seed=3, steps=5, guidance=7.5, interval=(0.25, 0.5))
    theirs = Settings(
        CAT,
        seed=np.int64(3),
        steps=np.uint8(5),
        guidance=np.float32(7.5),
        interval=np.array([0.25, 0.5], np.float16),
        rescale=torch.tensor(0.0),
        blend=np.array(0),
    )
    assert theirs == ours and hash(theirs) == hash(ours)
    assert json.loads(theirs.to_json()) == json.loads(ours.to_json())
    assert generator(np.uint64(3)).initial_seed() == 3
    assert Settings(CAT, sampler=np.str_("euler")).sampler == "euler"


def test_seeds_may_be_an_array(painter):
    assert [one.settings.seed for one in painter.paint([CAT, CAT], seed=np.arange(2), steps=1)] == [0, 1]
    assert painter.paint([CAT], seed=np.array(4), steps=1)[0].settings.seed == 4


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"sampler": ["ddim"]}, r"no sampler \['ddim'\]"),
        ({"sampler": {}}, "no sampler"),
        ({"spacing": ["trailing"]}, r"no spacing \['trailing'\]"),
        ({"seed": np.array([1, 2])}, "seed is a whole number"),
        ({"seed": np.bool_(True)}, "seed is a whole number"),
        ({"seed": 2.0}, "seed is a whole number"),
        ({"seed": 10**5000}, "seed lies between"),
        ({"steps": np.float64(5)}, "whole number"),
        ({"guidance": 10**400}, "Guidance is a number"),
        ({"guidance": 1j}, "Guidance is a number"),
        ({"interval": np.zeros((2, 2))}, "interval"),
        ({"interval": "01"}, "interval"),
        ({"negative": None}, "piece of text, not None"),
        ({"prompt": ["x"] * 10_000}, "piece of text"),
    ],
)
def test_values_of_other_kinds_get_one_short_sentence(settings, sentence):
    with pytest.raises(CourseError, match=sentence) as caught:
        Settings(**{"prompt": CAT, **settings})
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 300


def test_a_setting_that_is_none_is_named(painter):
    with pytest.raises(CourseError, match="no such setting: 'colour', 'size'"):
        painter.paint(CAT, colour="red", size=3)
    with pytest.raises(CourseError, match="no sampler"):
        painter.paint(CAT, sampler=["ddim"])


@pytest.mark.parametrize("kind", [bool, np.uint8, np.float32, list, "tensor"])
def test_a_hole_is_taken_in_any_form(painter, clean, kind):
    marked = np.zeros((16, 16), bool)
    marked[4:8, 4:8] = True
    told = {list: marked.tolist(), "tensor": torch.from_numpy(marked).int()}
    hole = told[kind] if kind in told else marked.astype(kind)
    painted = painter.paint(CAT, steps=1, canvas=Canvas(clean, np.float32(1), hole))
    assert torch.allclose(painted.latent[:, ~marked], clean[:, ~marked], atol=1e-5)
    assert not torch.allclose(painted.latent[:, marked], clean[:, marked], atol=1e-2)


@pytest.mark.parametrize(
    ("canvas", "sentence"),
    [
        ({"strength": "0.5"}, "Strength is a number from 0 to 1, not '0.5'"),
        ({"strength": True}, "Strength"),
        ({"strength": float("nan")}, "Strength"),
        ({"strength": None}, "Strength"),
        ({"hole": np.ones((128, 128), bool)}, r"\(16, 16\), not \(128, 128\)"),
        ({"hole": np.ones(16)}, r"\(16, 16\), not \(16,\)"),
        ({"hole": "here"}, "A hole is an array of numbers"),
        ({"hole": [[1], [1, 2]]}, "A hole is an array of numbers"),
        ({"hole": np.zeros((16, 16))}, "Nothing is marked"),
        ({"clean": "page.png"}, "page of a canvas is an array"),
    ],
)
def test_a_canvas_that_is_none_gets_a_sentence(clean, canvas, sentence):
    with pytest.raises(CourseError, match=sentence):
        Canvas(**{"clean": clean, **canvas})


@pytest.mark.parametrize("shape", [(16, 8, 8), (4, 8, 8), (128, 128, 3), (4, 16), (2, 4, 16, 16)])
def test_a_canvas_of_another_painter_gets_a_sentence(painter, shape):
    with pytest.raises(CourseError, match="make one from a page with the same painter's `encode_image`"):
        painter.paint(CAT, steps=1, canvas=Canvas(torch.zeros(shape)))


@pytest.mark.parametrize(
    "page",
    [
        np.zeros((128, 128, 4), np.uint8),
        np.zeros((128, 128), np.uint8),
        np.zeros((128, 128, 3), np.float32),
        np.zeros((100, 128, 3), np.uint8),
        Image.new("RGBA", (128, 128)),
        "page.png",
        None,
    ],
)
def test_what_is_no_page_is_not_looked_at(painter, page):
    with pytest.raises(CourseError, match=r"A page is uint8 of shape \(128, 128, 3\)"):
        painter.encode_image(page)


def test_a_picture_of_pillows_is_a_page(painter, clean):
    assert torch.equal(painter.encode_image(Image.fromarray(PAGE)), clean)


def test_a_redraw_without_a_step_says_so_and_can_be_shown(painter, clean):
    painted = painter.paint(CAT, steps=10, canvas=Canvas(clean, 0.04))
    assert painted.evaluations == 0 and painted.trajectory == []
    assert painted.remark.startswith("0 evaluations") and painted.remark.count(".") == 1
    for which in ("noisy", "noise", "clean"):
        assert len(page_painting.decoded(painted, which)) == len(page_painting.labels(painted)) == 1
        assert apart(page_painting.decoded(painted, which)[0], painted.pixels) == 0
    assert painter.paint(CAT, steps=10, canvas=Canvas(clean, 0.1)).remark == ""


def test_a_negative_prompt_without_a_say_is_told(painter):
    taught = replace(painter, words=None)
    for w, said in ((1, "no effect at w = 1"), (0.5, "towards the negative prompt"), (0, "towards"), (4, "")):
        remark = taught.remark(Settings(CAT, negative="a hat", guidance=w))
        assert said in remark and bool(remark) == bool(said)
    assert taught.remark(Settings(CAT, guidance=1)) == ""
