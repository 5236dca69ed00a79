"""What notebooks measure on pages, against known answers: chance, overcooking, two ways to steer."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

from course_utils.panels import measured, page_painting
from course_utils.panels.steering import clip_guidance
from course_utils.panels.steering.wheel import Openness, chance_of
from course_utils.picturebook import draw
from course_utils.picturebook.scene import Scene

# --- chance_of


def openness(*counts, seeds=None):
    """An openness whose judge saw one answer so often, the next so often, and so on."""
    seeds = seeds or sum(counts)
    shares = {f"answer {k}": count / seeds for k, count in enumerate(counts)}
    return Openness("a cat", np.zeros((seeds, 1, 1, 3), np.uint8), {"colour": shares}, 0.0)


def alike(answers):
    """All of so many answers should come equally often."""
    return {f"answer {k}": 1 for k in range(answers)}


def test_even_counts_are_nothing_but_chance():
    assert chance_of(openness(3, 3, 3, 3), "colour", alike(4)) == 1


def test_uneven_counts_may_be_fair():
    """... where training was as uneven; what the judge cannot name is left out."""
    fair = {"answer 0": 3, "answer 1": 1}
    assert chance_of(openness(9, 3, 5), "colour", fair) == pytest.approx(1)
    assert chance_of(openness(12, 12), "colour", fair) < 0.01


@pytest.mark.parametrize(("counts", "answers"), [((9, 3), 2), ((12,), 2), ((7, 6), 2), ((5, 0, 7), 3)])
def test_the_chance_is_pearsons(counts, answers):
    """Against the closed forms of chi-square with one degree of freedom and with two."""
    expected = sum(counts) / answers
    seen = [*counts, *[0] * (answers - len(counts))]
    square = sum((count - expected) ** 2 for count in seen) / expected
    closed = {2: math.erfc(math.sqrt(square / 2)), 3: math.exp(-square / 2)}[answers]
    assert chance_of(openness(*counts), "colour", alike(answers)) == pytest.approx(closed, rel=1e-6)


def test_answers_that_never_came_count():
    """One colour out of two in six pages may be chance; the same six out of ten colours is none."""
    few, many = (chance_of(openness(3, 3), "colour", alike(answers)) for answers in (2, 10))
    assert few == 1 and many < 0.02


# --- overcooking


def cooked(w, **means):
    values = {key: {"mean": means.get(key, 1.0), "error": 0.03} for key in measured.SUSPECTS}
    return {"guidance": w, **values}


def test_overcooking_is_what_changes_by_more_than_twice_its_error():
    """Two errors of 0.03 and 0.03 are one of 0.0424 in their difference: the line is at 0.0849."""
    points = [
        cooked(0, clipped=9.0, contrast=9.0, colourfulness=9.0, edges=9.0),
        cooked(1),
        cooked(4, clipped=7.0),
        cooked(15, clipped=1.084, contrast=1.086, colourfulness=0.914, edges=0.916),
    ]
    found = measured.overcooking(points)
    assert found == {
        "clipped colours": (1.0, 1.084, False),
        "contrast": (1.0, 1.086, True),
        "colourfulness": (1.0, 0.914, True),
        "edges": (1.0, 0.916, False),
    }


def test_suspects_are_drawn_as_multiples_of_themselves_at_w_1():
    points = [cooked(0, edges=1.0), cooked(1, edges=0.5), cooked(8, edges=0.75)]
    (edges,) = (line for line in measured.overcooking_series(points) if line["name"] == "edges")
    assert edges["x"] == [0, 1, 8] and edges["y"] == pytest.approx([2, 1, 1.5])
    assert edges["err"] == pytest.approx([0.06] * 3)


# --- questions of the exam painted again


def test_the_same_answers_agree_but_for_what_rounding_may_change():
    then = {"answers": [1, 1, 1, 0, 0, 1]}
    for changed in range(measured.DRIFT + 2):
        answers = [bool(answer) != (k < changed) for k, answer in enumerate(then["answers"])]
        assert measured.Again(tuple(answers)).agrees(then) == (changed <= measured.DRIFT)
    assert measured.Again((True, True)).agrees(then)  # the first questions may be asked alone
    with pytest.raises(ValueError):  # but none that the point was never asked
        measured.Again((True,) * 7).agrees(then)


# --- measure_built_in_and_pushed


def drawn(subject, settings):
    page = draw.draw(Scene(subject, "blue", "snow"))
    return SimpleNamespace(pixels=page, settings=settings, seconds=0.5, latent=None)


def test_both_ways_are_measured_on_their_own_pages(monkeypatch):
    """Drawings stand for paintings: as the prompts say, half so for the pushed, not so for the bare."""
    prompts, asked = ["a blue cat in the snow", "a blue owl in the snow"], {}

    def sheet(wanted):
        bare = wanted[0].guidance == 0
        asked["alone" if bare else "built in"] = wanted
        subjects = ("boat", "house") if bare else ("cat", "owl")
        return [drawn(subject, one) for subject, one in zip(subjects, wanted, strict=True)]

    def push(wanted, strength):
        asked["pushed"], asked["strength"] = wanted, strength
        return [drawn("cat", one) for one in wanted]  # the first as it should be, the second not

    monkeypatch.setattr(page_painting, "sheet", sheet)
    monkeypatch.setattr(page_painting, "developed", lambda painted: np.stack([one.pixels for one in painted]))
    monkeypatch.setattr(clip_guidance, "pushed", push)
    monkeypatch.setattr(clip_guidance, "price", lambda one, strength: asked.update(price=one) or 7.0)
    found = clip_guidance.measure_built_in_and_pushed(prompts, seed=40, strength=0.3)
    assert [(one.prompt, one.seed) for one in asked["built in"]] == list(zip(prompts, (40, 41), strict=True))
    assert asked["pushed"] == asked["built in"] and asked["strength"] == 0.3
    assert asked["alone"] == [one.but(guidance=0.0, **clip_guidance.PATIENT) for one in asked["built in"]]
    assert (found.built_in.hits, found.pushed.hits, found.built_in.count) == (2, 1, 2)

    def alike(subjects):
        return np.mean(
            [clip_guidance.likeness(drawn(s, None), p) for s, p in zip(subjects, prompts, strict=True)]
        )

    assert found.likeness_built_in.mean == pytest.approx(alike(("cat", "owl")))
    assert found.likeness_pushed.mean == pytest.approx(alike(("cat", "cat")))
    assert found.likeness_alone.mean == pytest.approx(alike(("boat", "house")))
    assert found.likeness_built_in.mean > found.likeness_pushed.mean > found.likeness_alone.mean
    assert found.price == 7.0 and asked["price"] == asked["built in"][0]
