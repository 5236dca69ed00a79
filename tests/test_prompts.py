"""Prompts as painters read them: one spelling, strange words named, what does not fit left out."""

from __future__ import annotations

import json
import unicodedata

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils import prompts, runtime
from course_utils.painters import Settings
from course_utils.painters.builtin import assembled
from course_utils.picturebook.captions import KNOWN_WORDS, asked
from course_utils.picturebook.dataset import Pages
from course_utils.runtime import CourseError

PLAIN = "an orange cat in space, at night"
SPELLINGS = (
    "an\u00a0orange cat in space, at night",
    "an\torange\ncat in\u2003space,\u2028at night",
    "an-orange\u2011cat \u2014 in\u2212space, at_night",
    "an \u201corange cat\u201d in 'space', at night",
    "AN Orange CAT in Space, at night",
    "\uff41\uff4e orange \uff43\uff41\uff54 in space\uff0cat night",
    "an or\u200bange c\u00adat in\u2060 space, at night\ufeff",
    "an\x00 orange\x1b cat in space, at night\ud800",
    "  an orange  cat in space,at night ",
)
SHOWCASE = "a cat astronaut floating in space, oil painting style"


@pytest.fixture(scope="module", params=["picturebook", "picturebook-flow"])
def shipped(request):
    """A painter as it ships, by torch."""
    return assembled(runtime.MODELS / request.param, words=KNOWN_WORDS)


def test_the_committed_vectors_hold():
    vectors = json.loads((runtime.DATA / "prompts" / "normalised.json").read_text())
    assert len(vectors) > 50
    for typed, normalised in vectors:
        assert prompts.normalise(typed) == normalised


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(codec=None), max_size=40))
def test_normalised_text_is_clean_and_stays_as_it_is(text):
    found = prompts.normalise(text)
    assert prompts.normalise(found) == found and found == found.strip() and "  " not in found
    assert not {"Cc", "Cf", "Cs", "Pd", "Pc", "Zl", "Zp"} & {unicodedata.category(letter) for letter in found}
    found.encode()  # no surrogate is left


def test_captions_are_their_own_normal_form():
    pages = Pages("train")
    for number in range(500):
        assert prompts.normalise(pages.caption(number)) == pages.caption(number)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spelling_decides_nothing(shipped, spelling):
    assert torch.equal(shipped.tokens(spelling), shipped.tokens(PLAIN))
    assert shipped.pieces(spelling) == shipped.pieces(PLAIN) and asked(spelling) == asked(PLAIN)
    assert shipped.remark(Settings(spelling)) == ""


def test_the_judges_words_and_the_shapes_are_read_alike():
    assert prompts.read("the\u00a0\uff23\uff21\uff34", ["cat", "heart"]).word == "cat"


def test_what_nobody_sees_is_taken_from_any_text_and_nothing_else():
    typed = "A\u200b \u201cRed\u201d\u00a0Cat\u2014in\tSpace\x00\ud800\u2026"
    assert prompts.visible(typed) == "A \u201cRed\u201d\u00a0Cat\u2014in Space\u2026"


def test_unknown_words_are_read_while_everything_fits(shipped):
    heard = shipped.heard("a cat astronaut in space")
    assert heard.text == "a cat astronaut in space" and heard.dropped == ()
    assert "'astronaut' was never learned" in shipped.remark(Settings(heard.text))


def test_a_prompt_that_does_not_fit_loses_unknown_words_first(shipped):
    heard = shipped.heard(SHOWCASE + ", trending artwork of breathtaking complexity")
    assert heard.text.startswith("a cat astronaut") and "in space," in heard.text
    assert heard.dropped and "complexity" in heard.dropped and not set(heard.dropped) & {*KNOWN_WORDS}
    assert shipped.tokens(SHOWCASE + ", trending artwork of breathtaking complexity").shape == (1, 40)
    remark = shipped.remark(Settings(SHOWCASE + ", trending artwork of breathtaking complexity"))
    assert "there was no room for" in remark and "'complexity'" in remark and remark.count(".") == 1


def test_then_known_words_are_dropped_from_the_end(shipped):
    heard = shipped.heard(" ".join(["red"] * 40) + " cat zebra")
    assert set(heard.text.split()) == {"red"} and len(heard.text.split()) >= 28
    assert heard.dropped[-2:] == ("cat", "zebra")


def test_spaces_take_no_room(shipped):
    known = "   ".join(["red"] * 30)
    assert shipped.heard(known).dropped == () and len(shipped.pieces(known)) == 30
    Settings("a" + " " * 5000 + "cat")


def test_a_prompt_of_nothing_visible_is_empty():
    for nothing in ("\u200b", "\u00a0\u2014 ", "\ud800"):
        with pytest.raises(CourseError, match="prompt is empty"):
            Settings(nothing)


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("a \U0001f431 in space", ["\U0001f431"]),
        ("a cat\U0001f680", ["\U0001f680"]),
        (
            "\u090f\u0915 \u092c\u093f\u0932\u094d\u0932\u0940",
            ["\u090f\u0915", "\u092c\u093f\u0932\u094d\u0932\u0940"],
        ),
        ("\u732b\u5728\u592a\u7a7a", ["\u732b\u5728\u592a\u7a7a"]),
        ("a cat\u2019s hat, in space!", []),
        ("a cafe\u0301", ["caf\u00e9"]),
        ("2 cats", ["2"]),
    ],
)
def test_every_strange_word_is_named_whole(text, strange):
    assert list(prompts.out_of_vocabulary(text, KNOWN_WORDS)) == strange
    remark = prompts.remark(prompts.out_of_vocabulary(text, KNOWN_WORDS))
    assert all(repr(word) in remark for word in strange)


def test_a_word_without_end_is_named_in_short():
    remark = prompts.remark(prompts.out_of_vocabulary("z" * 1500, KNOWN_WORDS))
    assert len(remark) < 90 and "\u2026" in remark


def test_large_models_lose_what_nobody_sees_and_nothing_else():
    from course_utils.painters.hub.pipeline_painter import PipelinePainter
    from course_utils.painters.hub.table import MODELS

    painter = PipelinePainter(MODELS["sd15"], pipeline=None)
    call = painter._call(
        painter.defaults("A \u201cRed\u201d\u200b Cat\ud800", negative="Blur\x00\u2014Noise")
    )
    assert call["prompt"] == "A \u201cRed\u201d Cat" and call["negative_prompt"] == "Blur\u2014Noise"
