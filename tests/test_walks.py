"""The walks that the distilled painter learns from: whole, from every level, and in ever new order."""

from __future__ import annotations

import pytest
import torch

from course_utils import painters
from course_utils.painters.fast_painter import STRONGEST, WEAKEST
from course_utils.runtime import CourseError
from course_utils.training import fast, walks

pytestmark = pytest.mark.graphs


@pytest.fixture(scope="module")
def table():
    return walks.walk(painters.load(walks.TEACHER), number=5, count=2)


def test_each_prompt_is_walked_from_static_and_from_its_page_drowned_anew(table):
    levels = table["level"].tolist()
    whole = [1000 - 1000 * k // walks.LEVELS - 1 for k in range(walks.LEVELS)]
    assert levels[: walks.LEVELS] == levels[walks.LEVELS : 2 * walks.LEVELS] == whole
    again = levels[2 * walks.LEVELS :]
    half = len(again) // 2
    assert 0 < half < walks.LEVELS and again[:half] == again[half:] == whole[-half:]
    assert all(WEAKEST <= w <= STRONGEST for w in table["w"].tolist())


def test_a_walk_s_states_end_in_its_page(table):
    """The last state is nearly clean, and nearer to its own page than to the other prompt's."""
    own, other = (
        (table["noisy"][walks.LEVELS - 1].float() - table["end"][k].float()).square().mean()
        for k in (0, walks.LEVELS)
    )
    assert own < 0.2 * other
    assert torch.equal(table["end"][0], table["end"][walks.LEVELS - 1])


def test_a_lap_visits_every_state_once_and_the_next_in_another_order(table):
    count = len(table["w"])
    first, second = (fast.drawn(table, 0, range(k * count, (k + 1) * count)) for k in (0, 1))
    for lap in (first, second):
        assert sorted(lap["level"].tolist()) == sorted(table["level"].tolist())
        assert lap["noisy"].dtype == torch.float32
    assert not torch.equal(first["noisy"], second["noisy"])


def test_walking_goes_on_where_it_was_stopped(tmp_path, table, monkeypatch):
    calls = []
    monkeypatch.setattr(walks, "walk", lambda painter, number, count: calls.append(number) or table)
    arguments = ["--chunk", "2", "--out", str(tmp_path)]
    walks.main(["--count", "4", *arguments])
    walks.main(["--count", "6", *arguments])
    assert calls == [0, 1, 2]
    assert len(walks.pool(tmp_path)["w"]) == 3 * len(table["w"])


def test_without_walks_the_remedy_is_named(tmp_path):
    with pytest.raises(CourseError, match=r"training\.walks"):
        walks.pool(tmp_path)
