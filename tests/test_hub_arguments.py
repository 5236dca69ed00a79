"""Every argument that a large model takes, given what it cannot take: a sentence, and nothing is painted."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import tiny_models
import torch
from PIL import Image

from course_utils.painters.hub import choose, fetch
from course_utils.painters.hub.start import Start
from course_utils.painters.hub.table import MODELS
from course_utils.panels import large_models
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError, threads

SIDE = tiny_models.SIDE
PICTURE = np.full((SIDE, SIDE, 3), 90, np.uint8)
NAN = float("nan")
# Of no kind that any argument takes.
ABSURD = [b"x", [], {}, object(), NAN, -float("inf"), "", -1, 10**30, 1j, np.zeros(3), torch.zeros(2), print]


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    with threads(1):
        yield


@pytest.fixture
def unasked(monkeypatch):
    """A painter whose network must not be asked."""
    painter = tiny_models.painter("sd15")

    def asked(*_, **__):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(painter.network, "forward", asked)
    return painter


def sentence(call):
    with pytest.raises(CourseError) as caught:
        call()
    told = str(caught.value)
    assert "\n" not in told and len(told) < 400 and told.endswith((".", ")"))
    return told


TAKES_NONE_OF = {
    "side": [*ABSURD, 30, 0, 8, 15.5, "32", True, 2064, 32.0],
    "steps": [*ABSURD, 0, 1001, 2.5, "2", None, True],
    "guidance": [*ABSURD[:8], *ABSURD[8:], 101, "7", None, True, 0.5],
    "seed": [*ABSURD, 1.5, "7", None, True, 2**63],
    "sampler": [*[one for one in ABSURD if not isinstance(one, list | dict)], "karras", None],
    "spacing": [*ABSURD, "linspace", None],
    "negative": [*[one for one in ABSURD if not isinstance(one, str)], None, "word " * 60],
    "rescale": [*ABSURD, 0.5, None],
    "interval": [*ABSURD, (0.2, 0.8), (0,), None, ("a", "b")],
    "blend": [*ABSURD, 0.5, None],
    "other": [b"x", None, 5],
    "bias": [*ABSURD, 0.5, None],
    "start": [*ABSURD, PICTURE, "cat.png", Image.new("RGB", (SIDE, SIDE))],
    "check": [one for one in ABSURD if not callable(one)],
    "canvas": [None, 1],
    "colour": ["red"],
    "strength": [0.5],
}


@pytest.mark.parametrize("name", TAKES_NONE_OF)
def test_a_setting_of_no_sense_is_one_sentence(unasked, name):
    for value in TAKES_NONE_OF[name]:
        if isinstance(value, np.ndarray | torch.Tensor) and name in ("sampler", "spacing", "negative"):
            continue  # compared with text by Settings, which is another room
        sentence(lambda value=value: unasked.paint("a cat", **{"side": SIDE, name: value}))
        if name in Settings.__dataclass_fields__:
            sentence(lambda value=value: unasked.paint([Settings("a cat")], **{"side": SIDE, name: value}))


@pytest.mark.parametrize(
    "prompt", [None, 5, b"a cat", [], (), {}, [None], [["a cat"]], "", "   ", "word " * 51]
)
def test_a_prompt_of_no_sense_is_one_sentence(unasked, prompt):
    sentence(lambda: unasked.paint(prompt, side=SIDE))


def test_one_bad_request_of_several_is_noticed_before_the_first_is_painted(unasked):
    sentence(lambda: unasked.paint(["a cat", Settings("a cat", blend=0.5, other="a boat")], side=SIDE))


@pytest.mark.parametrize("name", MODELS)
def test_a_side_between_patches_is_one_sentence_for_every_model(name):
    assert "multiple of 16" in sentence(lambda: tiny_models.painter(name).paint("a cat", side=30))


def test_more_steps_than_it_was_distilled_from_is_one_sentence():
    painter = tiny_models.painter("lcm-dreamshaper")
    assert "50 steps" in sentence(lambda: painter.paint("a cat", side=SIDE, steps=51))


@pytest.mark.parametrize(
    "picture",
    [
        *ABSURD,
        None,
        Image.new("RGB", (SIDE, SIDE)),
        PICTURE / 255,
        PICTURE[:, :, :1],
        PICTURE[:, :, 0],
        np.dstack([PICTURE, PICTURE[:, :, :1]]),
        PICTURE[:16],
        PICTURE[:30, :30],
        PICTURE[:0, :0],
        PICTURE.astype(np.uint16),
    ],
)
def test_a_picture_of_no_sense_is_one_sentence(unasked, picture):
    sentence(lambda: Start(picture))
    sentence(lambda: unasked.encode_image(picture))


@pytest.mark.parametrize("strength", [*ABSURD, "0.5", None, True, 0, 0.0199, 1.001, np.float32(2)])
def test_a_strength_of_no_sense_is_one_sentence(strength):
    sentence(lambda: Start(PICTURE, strength))


@pytest.mark.parametrize("strength", [1, 0.02, np.float32(0.5), np.int64(1), Fraction(1, 2)])
def test_a_strength_may_be_any_kind_of_number(strength):
    assert tiny_models.painter("sd15").paint("a cat", steps=2, start=Start(PICTURE, strength)).pixels.any()


@pytest.mark.parametrize(
    "hole",
    [
        *ABSURD,
        True,
        PICTURE,
        PICTURE[:, :, 0],
        np.ones(16, bool),
        np.zeros((16, 16), bool),
        np.ones((0, 0), bool),
    ],
)
def test_a_hole_of_no_sense_is_one_sentence(hole):
    sentence(lambda: Start(PICTURE, hole=hole))


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (500, 500)])
def test_a_hole_of_any_size_keeps_every_marked_place(shape):
    hole = np.zeros(shape, bool)
    hole[shape[0] // 3, shape[1] // 3] = True
    painter = tiny_models.painter("sd15")
    start = Start(PICTURE, 1.0, hole)
    mask = np.asarray(start.arguments(start.pipeline(painter.pipeline, painter.row))["mask_image"])
    assert mask.shape == PICTURE.shape[:2] and set(np.unique(mask)) <= {0, 255} and mask.any()


def test_a_side_beside_a_start_must_be_the_picture_s(unasked):
    assert "leave `side` out" in sentence(lambda: unasked.paint("a cat", start=Start(PICTURE), side=64))


@pytest.mark.parametrize(
    "latent", [*ABSURD, None, np.zeros((4, 16, 16)), torch.zeros(1, 4, 16, 16), torch.zeros(3, 16, 16)]
)
def test_a_latent_of_no_sense_is_one_sentence(unasked, latent):
    sentence(lambda: unasked.decode(latent))


def test_a_latent_that_overflowed_is_one_sentence(unasked):
    sentence(lambda: unasked.decode(torch.full((4, 16, 16), NAN)))


@pytest.mark.parametrize("name", ["sd1", "", None, 5])
def test_a_name_of_no_sense_is_one_sentence(name):
    sentence(lambda: fetch.load(name))
    sentence(lambda: list(choose.auto(order=name)))


def test_a_panel_of_no_sense_is_one_sentence(unasked):
    for varied in ({"guidance": 7}, {"sampler": "ddim"}, {"colour": ["red"]}, {}, {"steps": None}):
        sentence(lambda varied=varied: large_models.gallery(unasked, **varied))
    sentence(lambda: large_models.pairs(unasked, [{"colour": "red"}]))


def test_a_request_of_a_panel_may_leave_the_prompt_out_or_bring_a_seed(monkeypatch):
    painter, asked = tiny_models.painter("sd15"), []
    monkeypatch.setattr(type(painter), "paint", lambda _, settings: asked.append(settings))
    monkeypatch.setattr(large_models, "_panel", lambda *_: None)
    with pytest.raises(AttributeError):  # what was not painted has no caption
        large_models.pairs(painter, [{"negative": "night"}, {"prompt": "a cat", "seed": 8}])
    assert [(one.prompt, one.seed) for one in asked] == [(large_models.PROMPT, 7), ("a cat", 8)]
