"""Challenges: right answers are told from wrong ones, and nonsense gets a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from panel_tools import check_shown, message, views_of

from course_utils import challenges, schedules
from course_utils.panels.base import Verdict
from course_utils.runtime import CourseError
from course_utils.widgets import Gallery


def _reached(verdict: Verdict) -> bool:
    return "ot yet" not in verdict.sentence


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

    assert "Not yet" in challenges.heun_step(euler).sentence
    assert challenges.heun_step(heun).sentence == "All 10 steps end where Heun's end."
    with pytest.raises(CourseError, match="returns the points"):
        challenges.heun_step(lambda *_: None)


def test_a_guidance_line_of_ones_own_is_held_against_the_courses():
    right, wrong = (lambda u, c, w: u + w * (c - u)), (lambda u, c, w: c + w * (c - u))
    assert challenges.guide(right).sentence.startswith("The same")
    assert "Not yet" in challenges.guide(wrong).sentence


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


def test_wishes_are_marked_page_by_page():
    panel = challenges.meet("a blue cat in the snow")
    check_shown(panel)
    assert views_of(panel, Gallery)[0].marks.count("right") >= 7 and "reached" in message(panel)
    assert "not yet" in message(challenges.meet("a red boat at sea", steps=5))


def test_open_prompts_spread_wider():
    assert "wider" in challenges.widest("something", "a small blue cat in the snow", range(6)).sentence
    assert not _reached(challenges.widest("a small blue cat in the snow", "something", range(6)))


def test_a_mended_page_is_looked_at_inside_and_outside():
    assert _reached(challenges.repair("a cat with a crown in the meadow"))
    everything = challenges.repair("a red boat at sea", (0, 16), (0, 16))
    assert not _reached(everything)


def test_countings_are_converted():
    assert _reached(challenges.convert(lambda w: w - 1)) and not _reached(challenges.convert(lambda w: w + 1))


@pytest.mark.parametrize("answer", ["no number", None, np.zeros((2, 3))])
def test_what_is_no_answer_is_told_so(answer):
    def ask():
        return challenges.guide(lambda *_: answer)

    if isinstance(answer, np.ndarray):
        assert "shape" in ask().sentence
    else:
        try:
            assert not _reached(ask())
        except CourseError as error:
            assert "does not work" in str(error)
