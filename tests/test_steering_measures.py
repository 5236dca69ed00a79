"""What notebook 3 measures: which painter decides earlier, what negatives move, what a push costs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course_utils.panels import page_painting
from course_utils.panels.steering import attention_maps, clip_guidance, negatives, then_now, wheel


def read(*seen):
    """What a judge saw on page after page: (subject, colour, setting)."""
    return tuple(dict(zip(("subject", "colour", "setting"), one, strict=True)) for one in seen)


CAT, OWL, NONE = ("cat", "red", "snow"), ("owl", "red", "snow"), ("cat", None, "snow")


@pytest.mark.parametrize(
    ("seen", "step"),
    [
        ((CAT, CAT, CAT), 0),  # the last one is the finished page
        ((OWL, CAT, CAT), 1),
        ((CAT, OWL, CAT), 2),  # a guess that is taken back has decided nothing
        ((OWL, NONE, CAT), 2),
    ],
)
def test_decided_is_the_step_after_which_nothing_is_taken_back(monkeypatch, seen, step):
    verdicts = [SimpleNamespace(answers=one) for one in read(*seen)]
    monkeypatch.setattr(page_painting, "decoded", lambda painting, track: track)
    monkeypatch.setattr(then_now.judge, "load", lambda: SimpleNamespace(read=lambda pages: verdicts))
    assert then_now._decided(None) == step


def test_ways_are_measured_at_the_guidance_of_each_card(monkeypatch):
    asked = {}
    monkeypatch.setattr(page_painting, "sheet", lambda wanted, name: asked.update({name: wanted}) or wanted)
    monkeypatch.setattr(then_now, "_decided", lambda one: one.seed)
    monkeypatch.setattr(then_now, "straightness", lambda one: 0.5)
    for name in then_now.PAINTERS:
        ways = then_now.measure_ways(name, ("a cat", "an owl"), seed=3)
        assert ways == then_now.Ways((3, 4), (0.5, 0.5))
    assert {one.guidance for one in asked[then_now.THEN]} == {4.0}
    assert {one.guidance for one in asked[then_now.NOW]} == {5.0}


def test_pages_moved_are_counted_seed_by_seed():
    before, after = read(CAT, OWL, NONE), read(OWL, CAT, CAT)
    assert [negatives.moved(before, after, what) for what in ("subject", "colour", "setting")] == [2, 1, 0]
    assert negatives.commonest(before, "subject") == "cat"
    assert negatives.commonest(read(NONE), "colour") == "nothing I know"


def test_the_table_says_which_words_are_known(monkeypatch):
    monkeypatch.setattr(page_painting, "painter", lambda: SimpleNamespace(words=["snow"]))
    found = negatives.table(read(CAT, OWL), {"snow": read(CAT, OWL), "blorf": read(OWL, OWL)})
    assert [row[:2] for row in found.rows[1:]] == [("snow", "yes"), ("blorf", "no")]
    assert found.rows[2][2:] == ("0 of 2", "0 of 2", "red") and len(found.head) == len(found.rows[1])


def test_the_maps_of_a_layer_show_each_word_under_its_number():
    shares = torch.full((4, 64, 32), 1 / 32)
    shown = attention_maps.show_shares(shares, "a red boat")
    assert repr(shown) == "StillPicture('Side by side: 1 a, 2 red, 3 boat.')"


@pytest.mark.graphs
def test_a_layers_tensors_belong_to_the_prompt():
    one, other = (attention_maps.layer_tensors(text) for text in ("a red boat", "a blue boat"))
    assert [part.shape for part in one] == [(4, 64, 32), (4, 32, 32), (4, 32, 32)]
    assert torch.allclose(one[1][:, 1], other[1][:, 1], atol=1e-4)  # "a" stands before what differs
    assert not torch.allclose(one[1][:, 2], other[1][:, 2], atol=1e-2)


@pytest.mark.graphs
def test_a_push_is_priced_by_the_engine_and_the_steps_of_what_it_is_compared_with(monkeypatch):
    seen, pushed = [], clip_guidance.paint_pushed

    def watched(painter, wanted, strength):
        seen.append((painter.engine.name, wanted[0].steps))
        (painting,) = pushed(painter, wanted, strength)
        assert len(painting.trajectory) == wanted[0].steps and painting.evaluations == wanted[0].steps
        return [painting]

    monkeypatch.setattr(clip_guidance, "paint_pushed", watched)
    assert np.isfinite(clip_guidance.price(page_painting.settings("a cat"), steps=1))
    assert set(seen) == {("torch", 1)}


def test_pages_that_were_painted_or_pushed_once_are_not_painted_again(monkeypatch):
    painted, pushed = [], []
    monkeypatch.setattr(page_painting, "sheet", lambda wanted: painted.extend(wanted) or wanted)
    monkeypatch.setattr(page_painting, "developed", lambda paintings: np.zeros((len(paintings), 8, 8, 3)))
    wheel.pages_of.cache_clear()
    for _ in range(2):
        assert len(wheel.pages_of("a cat", (0, 1))) == 2
    wheel.pages_of("a cat", (0, 1), negative="snow")
    assert [one.negative for one in painted] == ["", "", "snow", "snow"]
    wheel.pages_of.cache_clear()

    monkeypatch.setattr(clip_guidance, "_KEPT", {})
    monkeypatch.setattr(clip_guidance, "_pushed", lambda wanted, strength: pushed.append(wanted) or wanted)
    one, two = (page_painting.settings("a cat", seed=seed) for seed in (1, 2))
    assert clip_guidance.pushed([one], 0.8) == [one] and clip_guidance.pushed([two, one], 0.8) == [two, one]
    clip_guidance.pushed([one], 0.5)
    assert pushed == [[one], [two], [one]]
