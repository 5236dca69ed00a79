"""Measures with known answers, their floors, and what each of them cannot be fooled by."""

import math

import pytest
import torch

from course_utils import metrics
from course_utils.runtime import CourseError

RING = metrics.target("ring")


def test_estimate_is_mean_and_standard_error():
    found = metrics.estimate([1.0, 2.0, 3.0])
    assert found.mean == 2 and found.error == pytest.approx(1 / math.sqrt(3)) and found.count == 3
    assert str(found) == "2.000 ± 0.577"
    with pytest.raises(CourseError, match="two repetitions"):
        metrics.estimate([1.0])


def test_distances_between_a_cloud_and_itself_are_zero():
    assert metrics.average_distance(RING, RING) == metrics.sliced_wasserstein(RING, RING) == 0
    assert metrics.coverage(RING, RING) == metrics.adherence(RING, RING) == 1
    assert metrics.big_shape_error(RING, RING) == metrics.fine_detail_error(RING, RING) == 0
    assert metrics.likeness(RING, RING) == pytest.approx(1)


def test_a_shift_is_measured_as_far_as_it_goes():
    moved = RING + torch.tensor([3.0, 0.0])
    # the mean of |cos| over all directions is 2 / pi
    assert metrics.sliced_wasserstein(moved, RING) == pytest.approx(3 * 2 / math.pi, rel=1e-3)
    assert metrics.travel(moved, RING) == pytest.approx(3)
    assert metrics.adherence(moved, RING) < 0.01 and metrics.big_shape_error(moved, RING) > 0.9


def test_a_collapsed_cloud_fools_the_average_distance_only():
    collapsed = RING[:1].repeat(len(RING), 1)
    assert metrics.average_distance(collapsed, RING) == 0 and metrics.adherence(collapsed, RING) == 1
    assert (
        metrics.sliced_wasserstein(collapsed, RING)
        > 20 * metrics.floor(metrics.sliced_wasserstein, "ring").mean
    )
    assert metrics.coverage(collapsed, RING) < 0.05
    assert metrics.spread(collapsed) == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", ["ring", "cat", "hi"])
def test_two_fresh_draws_are_a_floor_apart_but_not_zero(name):
    floor = metrics.floor(metrics.sliced_wasserstein, name)
    assert 0.01 < floor.mean < 0.08 and floor.error < 0.01
    assert metrics.floor(metrics.coverage, name).mean == pytest.approx(0.97, abs=0.02)


def test_targets_repeat_by_seed_and_differ_between_seeds():
    assert torch.equal(metrics.target("cat", 1), metrics.target("cat", 1))
    assert not torch.equal(metrics.target("cat", 1), metrics.target("cat", 2))


def test_overshoot_counts_only_what_lies_beyond():
    assert metrics.overshoot(0.5 * RING, RING) == 0
    edge = (RING - RING.mean(dim=0)).norm(dim=1).max()
    beyond = RING.mean(dim=0) + torch.tensor([[float(edge) + 1.0, 0.0]])
    assert metrics.overshoot(beyond, RING) == pytest.approx(1.0, abs=1e-4)


def test_fine_detail_is_blind_to_what_never_came_near():
    jitter = RING + 0.05
    far = torch.cat([jitter, torch.full((600, 2), 9.0)])
    assert metrics.fine_detail_error(far, RING) == pytest.approx(metrics.fine_detail_error(jitter, RING))
    assert metrics.fine_detail_error(torch.full((5, 2), 9.0), RING) == metrics.COARSE


def test_strangers_have_nothing_in_common():
    one, other = (torch.randn(5000, 2, generator=torch.Generator().manual_seed(k)) for k in (0, 1))
    assert abs(metrics.likeness(one, other)) < 0.05
    assert metrics.likeness(one, -one) == pytest.approx(-1)


@pytest.mark.parametrize("measure", [metrics.sliced_wasserstein, metrics.likeness, metrics.travel])
def test_clouds_of_other_sizes_are_refused_in_one_sentence(measure):
    for other in (RING[:10], RING[:1]):  # a single point would broadcast
        with pytest.raises(CourseError, match="same size"):
            measure(RING, other)


def test_coverage_of_hardly_any_points_is_refused():
    with pytest.raises(CourseError, match="more than 5 target points"):
        metrics.coverage(RING, RING[:5])
