"""The world has a version: whoever adds to it is told what goes out of date with it."""

from __future__ import annotations

import hashlib
import json

import pytest

from course_utils import clip
from course_utils.painters.builtin import BUILTIN, _built_in
from course_utils.picturebook import captions
from course_utils.picturebook.dataset import SPLITS, Pages
from course_utils.picturebook.scene import WORLD
from course_utils.runtime import MODELS, CourseError

# What is on the first hundred pages of each split, and what is said of them, in each version of the world.
DEALT = {1: "437c8784b73faead", 2: "d74e45b442b74b3d"}
TOKENIZERS = sorted(MODELS.glob("*/tokenizer/tokenizer.json"))


def vocabulary(file):
    return json.loads(file.read_text(encoding="utf-8"))["model"]["vocab"]


def test_a_version_of_the_world_deals_the_same_pages_for_good():
    told = [f"{Pages(split).scene(k)} {Pages(split).caption(k)}" for split in SPLITS for k in range(100)]
    dealt = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    assert dealt == DEALT.get(WORLD), (
        f"world {WORLD} deals other pages now ({dealt}), so no trained weights, judges or questions fit it: "
        "undo the change, or raise WORLD in picturebook/scene.py, write the new number here, and retrain"
    )


@pytest.mark.parametrize("file", TOKENIZERS, ids=lambda file: file.parts[-3])
def test_the_weights_learned_every_word_that_a_caption_uses(file):
    captions.check_learned(vocabulary(file), file.parts[-3])


def test_there_are_tokenizers_to_check():
    assert len(TOKENIZERS) >= 3


def test_weights_made_for_another_vocabulary_are_refused(monkeypatch):
    monkeypatch.setattr(captions, "KNOWN_WORDS", [*captions.KNOWN_WORDS, "unicorn", "wizard"])
    clip.load.cache_clear()
    with pytest.raises(
        CourseError, match=r"picturebook-clip never learned unicorn, wizard: they know another vocabulary"
    ):
        clip.load()
    clip.load.cache_clear()


@pytest.mark.parametrize("name", BUILTIN)
def test_a_painter_made_for_another_vocabulary_is_refused(monkeypatch, name):
    monkeypatch.setattr(captions, "KNOWN_WORDS", [*captions.KNOWN_WORDS, "unicorn"])
    with pytest.raises(CourseError, match=f"{name} never learned unicorn"):
        _built_in.__wrapped__(name, False)
