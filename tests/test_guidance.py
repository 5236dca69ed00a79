"""The guidance formula, its conventions, and prompts as learners type them."""

import math

import pytest
import torch

from course_utils import guidance, prompts
from course_utils.runtime import CourseError

U, C = torch.tensor([0.0, 1.0]), torch.tensor([2.0, -1.0])
KNOWN = ("ring", "heart", "cat", "star")


def test_guidance_counts_as_diffusers_does():
    assert torch.equal(guidance.guide(U, C, 0), U) and torch.equal(guidance.guide(U, C, 1), C)
    assert guidance.guide(U, C, 7.5).tolist() == [15.0, -14.0]
    assert guidance.guide(1.0, 3.0, -1) == -1.0


@pytest.mark.parametrize("w", [math.nan, math.inf, -math.inf])
def test_guidance_is_finite(w):
    with pytest.raises(CourseError, match="finite"):
        guidance.guide(U, C, w)


def test_conventions_agree_on_what_they_paint():
    w = 4.2
    ours = guidance.guide(U, C, w)
    s = guidance.convert(w, "diffusers", "paper")
    assert torch.allclose((1 + s) * C - s * U, ours)
    s = guidance.convert(w, "diffusers", "z-image")
    assert torch.allclose(C + s * (C - U), ours)


@pytest.mark.parametrize("source", guidance.CONVENTIONS)
@pytest.mark.parametrize("target", guidance.CONVENTIONS)
def test_conversion_goes_there_and_back(source, target):
    for value in (0.0, 1.0, 7.5):
        there = guidance.convert(value, source, target)
        assert guidance.convert(there, target, source) == pytest.approx(value)


def test_an_unknown_convention_is_one_sentence():
    with pytest.raises(CourseError, match="no convention 'mine'"):
        guidance.convert(1.0, "mine", "paper")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("cat", "cat"),
        ("A CAT, please!", "cat"),
        ("two hearts", "heart"),
        ("", ""),
        ("!!!", ""),
        ("rabbit", ""),
    ],
)
def test_the_known_word_is_found(text, word):
    assert prompts.read(text, KNOWN).word == word


def test_everything_else_is_said():
    reading = prompts.read("a harth and a zebu, a cat, a star", KNOWN)
    assert reading.word == "cat" and reading.ignored == ("star",)
    assert reading.unknown["harth"][0] == "heart" and reading.unknown["zebu"] == ()
    for word in ("harth", "zebu", "star", "heart"):
        assert word in reading.remark
    assert prompts.read("the cat", KNOWN).remark == ""
    assert "without a prompt" in prompts.read("dragon", KNOWN).remark


def test_ten_thousand_words_are_refused_in_one_sentence():
    with pytest.raises(CourseError, match="at most 50 words"):
        prompts.read("cat " * 10_000, KNOWN)
