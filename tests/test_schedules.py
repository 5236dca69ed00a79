"""Schedules against diffusers, the forward process against its closed form, conversions there and back."""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, FlowMatchEulerDiscreteScheduler

from course_utils import schedules
from course_utils.runtime import CourseError
from course_utils.schedules import T_MAX

THEIRS = {
    "linear": {"beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02},
    "scaled-linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
}
CURVED = tuple(THEIRS)


def pair(seed=0, shape=(3, 8, 8)):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, shape), rng.standard_normal(shape)


@pytest.mark.parametrize("name", CURVED)
def test_curves_are_those_of_diffusers(name):
    ours, theirs = schedules.schedule(name), DDPMScheduler(**THEIRS[name])
    assert np.allclose(ours.signal[1:] ** 2, theirs.alphas_cumprod.numpy(), rtol=1e-3, atol=1e-6)
    assert ours.signal[0] == 1 and ours.noise_level[0] == 0


@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize("t", [1, 250, 999, 1000])
def test_noisy_picture_and_velocity_are_those_of_diffusers(name, t):
    clean, noise = (torch.from_numpy(array)[None] for array in pair(t))
    ours, theirs = schedules.schedule(name), DDPMScheduler(**THEIRS[name])
    index = torch.tensor([schedules.to_index(t)])
    assert torch.allclose(
        schedules.add_noise(clean, noise, t, ours), theirs.add_noise(clean, noise, index), atol=1e-3
    )
    assert torch.allclose(
        schedules.velocity(clean, noise, t, ours), theirs.get_velocity(clean, noise, index), atol=1e-3
    )


@pytest.mark.parametrize("t", [1, 400, 1000])
def test_straight_path_is_that_of_flow_matching(t):
    clean, noise = (torch.from_numpy(array)[None] for array in pair(t))
    theirs = FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000)
    at = torch.tensor([float(t)])
    expected = theirs.scale_noise(clean, at, noise)
    assert torch.allclose(schedules.add_noise(clean, noise, t, schedules.straight()), expected, atol=1e-5)


def test_what_each_path_keeps():
    for name in CURVED:
        curve = schedules.schedule(name)
        assert np.allclose(curve.signal**2 + curve.noise_level**2, 1)
    straight = schedules.straight()
    assert np.allclose(straight.signal + straight.noise_level, 1)


@pytest.mark.parametrize(("name", "level"), [*((name, 0.5**0.5) for name in CURVED), ("straight path", 0.5)])
def test_crossing_is_where_both_are_equal(name, level):
    curve = schedules.schedule(name)
    ticks = np.arange(1001)
    assert np.interp(curve.crossing, ticks, curve.signal) == pytest.approx(level, abs=1e-3)
    assert np.interp(curve.crossing, ticks, curve.noise_level) == pytest.approx(level, abs=1e-3)
    assert abs(np.interp(curve.crossing, ticks[1:], curve.decibels[1:])) < 0.05


def test_stable_diffusion_keeps_a_little_signal():
    assert schedules.scaled_linear().signal[1000] == pytest.approx(0.068, abs=0.001)


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_a_thousand_steps_equal_one_jump_in_mean_and_spread(name):
    curve, rng = schedules.schedule(name), np.random.default_rng(1)
    clean = np.full(20_000, 0.8)
    walked = clean
    for t in range(1, 601):
        walked = schedules.forward_step(walked, rng.standard_normal(clean.shape), t, curve)
    assert walked.mean() == pytest.approx(0.8 * curve.signal[600], abs=0.02)
    assert walked.std() == pytest.approx(curve.noise_level[600], abs=0.02)


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_a_thousand_steps_add_up_exactly(name):
    """Mean and variance, followed by arithmetic over every step, arrive at the closed form all along."""
    curve, mean, variance = schedules.schedule(name), 1.0, 0.0
    for t in range(1, T_MAX + 1):
        keep, added = (schedules.forward_step(*one, t, curve) for one in ((1.0, 0.0), (0.0, 1.0)))
        mean, variance = keep * mean, keep**2 * variance + added**2
        assert mean == pytest.approx(curve.signal[t], abs=1e-12)
        assert variance == pytest.approx(curve.noise_level[t] ** 2, abs=1e-12)


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_any_target_gives_the_others(name):
    curve = schedules.schedule(name)
    for t in (1, 999, *np.random.default_rng(0).integers(2, 999, 50)):
        clean, noise = pair(t)
        noisy = schedules.add_noise(clean, noise, t, curve)
        v = schedules.velocity(clean, noise, t, curve)
        assert np.allclose(schedules.clean_from_noise(noisy, noise, t, curve), clean, atol=1e-9)
        assert np.allclose(schedules.noise_from_clean(noisy, clean, t, curve), noise, atol=1e-9)
        assert np.allclose(schedules.clean_from_velocity(noisy, v, t, curve), clean, atol=1e-9)
        assert np.allclose(schedules.noise_from_velocity(noisy, v, t, curve), noise, atol=1e-9)


def test_velocity_answers_where_noise_and_clean_cannot():
    """At pure static the noise says nothing of the picture, and at t = 0 the other way round; v does both."""
    curve, (clean, noise) = schedules.straight(), pair()
    for t in (0, T_MAX):
        noisy, v = (make(clean, noise, t, curve) for make in (schedules.add_noise, schedules.velocity))
        assert np.allclose(schedules.clean_from_velocity(noisy, v, t, curve), clean)
        assert np.allclose(schedules.noise_from_velocity(noisy, v, t, curve), noise)


@pytest.mark.parametrize("steps", [1, 2, 3, 7, 20, 50, 60, 999, 1000])
def test_trailing_is_that_of_diffusers(steps):
    theirs = DDIMScheduler(timestep_spacing="trailing")
    theirs.set_timesteps(steps)
    assert [schedules.to_index(t) for t in schedules.trailing(steps)[:-1]] == theirs.timesteps.tolist()


def test_leading_is_that_of_stable_diffusion():
    theirs = DDIMScheduler(timestep_spacing="leading", steps_offset=1)
    for steps in range(1, T_MAX):  # at 1000 steps theirs leaves its own table
        theirs.set_timesteps(steps)
        assert [schedules.to_index(t) for t in schedules.leading(steps)[:-1]] == theirs.timesteps.tolist()


@pytest.mark.parametrize(
    "spacing",
    [
        schedules.trailing,
        schedules.leading,
        *(partial(schedules.biased_timesteps, bias=bias) for bias in (-1, -0.5, 0, 0.3, 1)),
    ],
)
def test_every_spacing_falls_to_zero_without_repeats(spacing):
    for steps in range(1, T_MAX + 1):
        visited = spacing(steps)
        assert len(visited) == steps + 1 and visited[-1] == 0 and visited[0] <= T_MAX
        assert all(a > b for a, b in pairwise(visited))


def test_only_leading_leaves_the_static_out():
    for steps in (1, 3, 20, 60):
        assert schedules.trailing(steps)[0] == schedules.biased_timesteps(steps, 0.7)[0] == T_MAX
        assert schedules.leading(steps)[0] < T_MAX


def test_the_budget_goes_where_it_is_sent():
    assert schedules.biased_timesteps(10, 0) == schedules.trailing(10)
    assert (
        sum(t > 500 for t in schedules.biased_timesteps(10, 1))
        > 5
        > sum(t > 500 for t in schedules.biased_timesteps(10, -1))
    )


def test_indices_go_there_and_back():
    assert [schedules.from_index(schedules.to_index(t)) for t in (1, 500, 1000)] == [1, 500, 1000]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: schedules.schedule("quadratic"),
        lambda: schedules.add_noise(0.0, 0.0, 1001, schedules.linear()),
        lambda: schedules.add_noise(0.0, 0.0, 2.5, schedules.linear()),
        lambda: schedules.add_noise(0.0, 0.0, float("nan"), schedules.linear()),
        lambda: schedules.forward_step(0.0, 0.0, 0, schedules.linear()),
        lambda: schedules.velocity(0.0, 0.0, -1, schedules.linear()),
        lambda: schedules.clean_from_noise(0.0, 0.0, -1, schedules.linear()),
        lambda: schedules.noise_from_clean(0.0, 0.0, -1, schedules.linear()),
        lambda: schedules.clean_from_velocity(0.0, 0.0, -1, schedules.linear()),
        lambda: schedules.noise_from_velocity(0.0, 0.0, 1001, schedules.linear()),
        lambda: schedules.clean_from_noise(0.0, 0.0, 1000, schedules.straight()),
        lambda: schedules.noise_from_clean(0.0, 0.0, 0, schedules.linear()),
        lambda: schedules.trailing(0),
        lambda: schedules.trailing(5000),
        lambda: schedules.leading(2.5),
        lambda: schedules.biased_timesteps(10, 1.5),
        lambda: schedules.biased_timesteps(10, float("nan")),
        lambda: schedules.biased_timesteps(True, 0),
    ],
)
def test_bad_input_is_one_sentence(wrong):
    with pytest.raises(CourseError) as caught:
        wrong()
    assert str(caught.value).endswith(".") and str(caught.value).count(". ") == 0
