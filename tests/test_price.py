"""What a painting is said to have cost: its steps, and nothing that had to be read before the first one."""

from __future__ import annotations

import time

import pytest
import tiny_models
from random_painter import CAT

from course_utils import clip
from course_utils.painters import Settings, builtin, pushed
from course_utils.painters.hub.pipeline_painter import PipelinePainter
from course_utils.painters.hub.price import price
from course_utils.painters.hub.table import MODELS as LARGE
from course_utils.runtime import MODELS

SLOW = 5.0  # seconds that reading takes here


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still but for what has to be read."""
    now = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


@pytest.fixture
def painter(request, clock, monkeypatch):
    """A fresh painter whose parts take long to read."""
    lenders = [MODELS / name for name in builtin.BORROWS.get(request.param, ())]
    fresh = builtin.assembled(MODELS / request.param, *lenders)
    load = fresh.parts._load

    def slowly(name):
        clock[0] += SLOW
        return load(name)

    monkeypatch.setattr(fresh.parts, "_load", slowly)
    return fresh


@pytest.mark.parametrize("painter", builtin.BUILTIN, indirect=True)
def test_reading_the_networks_is_not_part_of_the_first_painting(painter, clock):
    first = painter.paint(CAT, steps=1)
    assert first.pixels.any() and clock[0] >= 3 * SLOW
    assert first.seconds == 0


@pytest.mark.parametrize("painter", ["picturebook"], indirect=True)
def test_nor_is_it_where_clip_pushes(painter, clock, monkeypatch):
    load = clip.load.__wrapped__

    def slowly():
        clock[0] += SLOW
        return load()

    monkeypatch.setattr(clip, "load", slowly)
    (first,) = pushed.paint_pushed(painter, [Settings(CAT, steps=1)], 0.5)
    assert clock[0] >= 4 * SLOW and first.seconds == 0


def test_what_a_pipeline_needs_for_the_first_time_is_left_out_too(clock, monkeypatch):
    painter = PipelinePainter(LARGE["sd-turbo"], tiny_models.make("sd-turbo"))
    forward = painter.network.forward
    costs = iter([SLOW, *[1.0] * 5])

    def slowly(*args, **more):
        clock[0] += next(costs)
        return forward(*args, **more)

    monkeypatch.setattr(painter.network, "forward", slowly)
    first, second = (painter.paint(CAT, steps=3, side=tiny_models.SIDE).seconds for _ in range(2))
    assert first == second == 3


@pytest.mark.parametrize(
    ("moments", "cold", "seconds"),
    [
        ([0, 9, 10, 11, 11.5], True, 3.5),  # three steps, and the decoder
        ([0, 9, 10, 11, 11.5], False, 11.5),
        ([0, 9, 9.5], True, 9.5),
        ([0, 9], True, 9),  # it made no step at all
    ],
)
def test_the_first_step_of_a_cold_run_counts_as_the_others(moments, cold, seconds):
    assert price(moments, cold) == seconds
