"""Challenges: right answers are told from wrong ones, and nonsense gets a sentence."""

from __future__ import annotations

import re

import numpy as np
import pytest
from panel_tools import check_shown, message, views_of

from course_utils import challenges, schedules
from course_utils.challenges import guiding
from course_utils.panels.base import Verdict
from course_utils.runtime import CourseError
from course_utils.widgets import Gallery

# How a verdict begins or ends that tells of success, and of failure.
REACHED, NOT_YET = (
    r"^The same at |: reached\b|\. Reached\.|: wider\.$|^All \d+ steps end where",
    r"\b[Nn]ot yet\.",
)


def _reached(verdict: Verdict) -> bool:
    """Whether the goal is reached by the words of a verdict; a sentence that does not say so is none."""
    reached, not_yet = (bool(re.search(words, verdict.sentence)) for words in (REACHED, NOT_YET))
    assert reached != not_yet, f"no verdict: {verdict.sentence}"
    return reached


def test_a_challenge_measures_what_was_tried():
    cheap, dear = challenges.way("ddim", 2), challenges.way("heun", 20)
    assert "2 evaluations" in cheap.sentence and cheap.sentence.endswith("not yet.")
    assert "39 evaluations" in dear.sentence and dear.sentence.endswith("reached.")
    with pytest.raises(CourseError, match="no sampler 'magic'"):
        challenges.way("magic", 3)


def test_a_step_of_ones_own_is_held_against_heuns():
    def euler(predict, points, t, following, curve):
        return curve.follow(points, predict(points, t), t, following)

    def heun(predict, points, t, following, curve):
        slope = predict(points, t)
        if following:
            slope = (slope + predict(curve.follow(points, slope, t, following), following)) / 2
        return curve.follow(points, slope, t, following)

    assert not _reached(challenges.heun_step(euler)) and _reached(challenges.heun_step(heun))
    with pytest.raises(CourseError, match="returns the points"):
        challenges.heun_step(lambda *_: None)


def test_a_guidance_line_of_ones_own_is_held_against_the_courses():
    right, wrong = (lambda u, c, w: u + w * (c - u)), (lambda u, c, w: c + w * (c - u))
    assert _reached(challenges.guide(right)) and not _reached(challenges.guide(wrong))
    assert not _reached(challenges.guide(lambda u, c, w: float("nan") * u))


@pytest.mark.graphs
def test_the_gentlest_dial_that_obeys_is_looked_for_among_the_exams_prompts(monkeypatch):
    monkeypatch.setattr(guiding, "FIRST", 6)
    deaf, obedient = challenges.dial(0.0), challenges.dial(4.0)
    assert not _reached(deaf) and _reached(obedient)
    assert "w = 0: 0 of 6 met" in deaf.sentence and "w = 4: 6 of 6 met" in obedient.sentence


def test_the_crossing_is_found_or_not():
    assert _reached(challenges.crossing(355, "scaled-linear")) and not _reached(challenges.crossing(100))
    assert "t = 1000" in challenges.crossing(5000).sentence


def test_adding_noise_and_taking_it_off():
    right = lambda x, eps, t, s: s.signal[t] * x + s.noise_level[t] * eps  # noqa: E731
    assert _reached(challenges.add_noise(right))
    assert not _reached(challenges.add_noise(lambda x, eps, t, s: s.signal[t] * x))
    back = challenges.recover(lambda x, eps, t, s: (x - s.noise_level[t] * eps) / s.signal[t])
    assert _reached(back) and "off by" in back.sentence
    assert not _reached(challenges.recover(lambda x, eps, t, s: x - eps))


def test_a_reverse_step_is_held_against_the_library():
    def mine(noisy, noise, t, following, curve):
        clean = schedules.clean_from_noise(noisy, noise, t, curve)
        return schedules.add_noise(clean, noise, following, curve)

    assert _reached(challenges.step(mine))
    assert not _reached(challenges.step(lambda noisy, noise, *_: noisy - noise))


def test_the_loss_is_the_mean_square():
    assert _reached(challenges.loss(lambda guess, noise: ((guess - noise) ** 2).mean()))
    assert not _reached(challenges.loss(lambda guess, noise: abs(guess - noise).mean()))


def test_the_replay_gives_itself_away_on_another_static():
    check_shown(challenges.lineup(8))
    assert "that is the replay" in challenges.spot("B").sentence and "Try" in challenges.spot("A").sentence
    with pytest.raises(CourseError, match="line-up"):
        challenges.spot("D")


@pytest.mark.graphs
def test_wishes_are_marked_page_by_page():
    panel = challenges.meet("a blue cat in the snow")
    check_shown(panel)
    assert views_of(panel, Gallery)[0].marks.count("right") >= 7 and "reached" in message(panel)
    assert "not yet" in message(challenges.meet("a red boat at sea", steps=5))


@pytest.mark.graphs
def test_open_prompts_spread_wider():
    assert "wider" in challenges.widest("something", "a small blue cat in the snow", range(4)).sentence
    assert not _reached(challenges.widest("a small blue cat in the snow", "something", range(4)))


@pytest.mark.graphs
def test_a_mended_page_is_looked_at_inside_and_outside():
    assert _reached(challenges.repair("a cat with a crown in the meadow"))
    everything = challenges.repair("a red boat at sea", (0, 16), (0, 16))
    assert not _reached(everything)


def test_countings_are_converted():
    assert _reached(challenges.convert(lambda w: w - 1)) and not _reached(challenges.convert(lambda w: w + 1))


@pytest.mark.parametrize("answer", [None, np.zeros((2, 3))])
def test_an_answer_of_another_shape_is_told_so(answer):
    verdict = challenges.guide(lambda *_: answer)
    assert not _reached(verdict) and f"has the shape {np.shape(answer)}" in verdict.sentence


def test_what_is_no_number_is_told_so():
    with pytest.raises(CourseError, match="At w = 0 your function fails"):
        challenges.guide(lambda *_: "no number")
