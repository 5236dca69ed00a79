"""The examination, whole and small: every list is asked, and what comes out fills a card."""

from __future__ import annotations

import itertools
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course_utils import judge, painters
from course_utils.picturebook import scene
from course_utils.picturebook.captions import asked
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError
from course_utils.training import cards, exam, examination, loop, measure

PAGE = np.zeros((128, 128, 3), np.uint8)


class Obedient:
    """Paints blank pages; knows no negative prompt."""

    name = "picturebook"

    def __init__(self):
        self.asked: list[painters.Settings] = []

    def paint(self, wanted):
        self.asked += wanted
        return [SimpleNamespace(latent=torch.zeros(4, 16, 16)) for _ in wanted]

    def decode(self, latents):
        return np.repeat(PAGE[None], len(latents), 0) if latents.ndim == 4 else PAGE

    def encode_image(self, page):
        return torch.zeros(4, 16, 16)

    def validate(self, settings):
        if settings.negative:
            raise CourseError("There is no second guess.")


class Kind:
    """A judge that sees what was asked for, and every second page blurry."""

    seeds = itertools.count()

    def __init__(self, painter):
        self.painter = painter

    def read(self, pages):
        wanted = self.painter.asked[-len(pages) :]
        return [self.verdict(asked(one.prompt), k) for k, one in enumerate(wanted)]

    def verdict(self, answers, k):
        quality = "blurry" if k % 2 else "clean"
        return judge.Verdict({**dict.fromkeys(scene.ATTRIBUTES), "quality": quality, **answers}, {})

    def describe(self, pages):
        seed = next(self.seeds)  # other numbers each time, as other pages have
        return torch.randn(len(pages), 3, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def exam_of_ten(tmp_path, monkeypatch):
    painter = Obedient()
    monkeypatch.setattr(loop, "RUNS", tmp_path)
    monkeypatch.setattr(painters, "load", lambda name: painter)
    monkeypatch.setattr(judge, "load", lambda which="first": Kind(painter))
    monkeypatch.setattr(Pages, "page", lambda pages, index: PAGE)
    examination.real.cache_clear()
    yield examination.Examination("picturebook", tmp_path / "points", count=10, some=5, library=20, many=10)
    examination.real.cache_clear()


def test_every_list_is_asked_and_fills_the_card(exam_of_ten, tmp_path):
    found = measure.figures(exam_of_ten)
    assert {*exam.TOLD, *exam.OLD, "famous", "poor", "frechet", "novelty"} <= set(found)
    assert found["held_out_style"]["by attribute"]["style"]["mean"] == 1
    assert list(found["famous"]) == [text for text, _ in exam.FAMOUS]
    assert found["poor"]["guided"]["mean"] == 0.5 and len(found["poor"]) == 2  # it has no negative prompt
    (tmp_path / "figures.json").write_text(json.dumps(found))
    card = cards.painter_figures(tmp_path)
    for row in (
        "| subject, colour and setting right, 10 the first world's questions, held out | 100.0 % (72.2",
        "| style | 100.0 %",
        '| poor pages for "a cat", unguided | 50.0 % (23.7 to 76.3) |',
        "| the first distance as a multiple of the last | ",
    ):
        assert row in card, row


def test_distances_are_told_of_captions_like_those_of_real_pages(exam_of_ten):
    """Vague and poor ones too, unlike the exam's questions: else paintings would have to differ."""
    measure.frechets(exam_of_ten, {"steps": 1})
    pages = Pages("fresh", seed=3)
    assert [one.prompt for one in exam_of_ten.painter.asked] == [pages.caption(k) for k in range(10, 20)]


def test_the_famous_are_asked_with_their_negative_prompts(exam_of_ten, monkeypatch):
    monkeypatch.setattr(Obedient, "validate", lambda painter, settings: None)
    exam_of_ten.famous(3, steps=1)
    told = {(one.prompt, one.negative) for one in exam_of_ten.painter.asked}
    assert told == set(exam.FAMOUS)
