"""Shapes, denoisers and samplers: against brute force, against diffusers, and at their edges."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler

from course_utils import particles, schedules
from course_utils.particles import denoisers, samplers, shapes
from course_utils.runtime import CourseError, generator
from course_utils.schedules import T_MAX

THEIRS = {
    "linear": {"beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02},
    "scaled-linear": {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
    "cosine": {"beta_schedule": "squaredcos_cap_v2"},
}
# diffusers keeps alpha_bar in 32 bits: on cosine, where hardly any signal is left, that shows.
CLOSE = {"linear": 1e-4, "scaled-linear": 1e-4, "cosine": 2e-2}
WALK = 0.05
CURVE = schedules.scaled_linear()
# Small enough for torch to stay on one thread, so that the tests keep their pace on a busy machine.
START = particles.static(40, generator(5)).double()


@pytest.fixture(scope="module")
def exact():
    return particles.ExactDenoiser(CURVE, references=700)


@cache
def exact_ring(name):
    """The exact denoiser's noise for a ring, on the schedule of that name."""
    return particles.guided(particles.ExactDenoiser(schedules.schedule(name), references=700), "ring")


@pytest.fixture(scope="module")
def to_ring(exact):
    """The exact denoiser's noise for a ring."""
    return particles.guided(exact, "ring")


@pytest.mark.parametrize("name", [*shapes.SHAPES, "'Ada'", '"x"'])
def test_shapes_fit_one_frame(name):
    cloud = particles.sample(name, 3000, generator(0))
    assert cloud.shape == (3000, 2) and cloud.abs().max() < 2
    assert cloud.mean(dim=0).abs().max() < 0.5 and cloud.std() > 0.3
    assert torch.equal(cloud, particles.sample(name, 3000, generator(0)))
    assert not torch.equal(cloud, particles.sample(name, 3000, generator(1)))


@pytest.mark.parametrize("name", ["dodecahedron", "''", "'       '", "'longword'", "'a\tb'", "'\u4e2d'", ""])
def test_an_unknown_shape_is_one_sentence(name):
    with pytest.raises(CourseError, match=r"\.$"):
        particles.sample(name, 10, generator(0))


@pytest.mark.parametrize("curve", [CURVE, schedules.cosine(), schedules.straight()], ids=lambda c: c.name)
@pytest.mark.parametrize("t", [25, 100, 400, 999])
def test_exact_is_the_mean_over_all_that_could_have_been(curve, t):
    """Brute force: integrate x0 p(x0) p(x_t | x0) over a grid finer than the narrowest bell."""
    few = particles.ExactDenoiser(curve, ("ring", "star"), references=12)
    known = torch.cat([particles.sample(name, 6, generator(90_000)) for name in few.prompts]).double()
    line = torch.arange(-2.0, 2.0, 0.01, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line)  # every place the clean point may have been
    bells = -(torch.cdist(grid, known) ** 2) / (2 * few.width**2)
    prior = torch.logsumexp(bells, dim=1)
    signal, noise = curve.signal[t], curve.noise_level[t]
    noisy = signal * known[::2] + 0.7 * noise * torch.randn(6, 2, generator=generator(3)).double()
    likelihood = -((noisy[:, None] - signal * grid) ** 2).sum(dim=2) / (2 * noise**2)  # (6, places)
    by_force = torch.softmax(prior + likelihood, dim=1) @ grid
    assert torch.allclose(few.clean(noisy, t, ""), by_force, atol=1e-4)
    expected = (noisy - signal * by_force) / noise
    assert torch.allclose(few.noise(noisy, t, ""), expected, atol=1e-4 * max(1.0, signal / noise))
    assert torch.allclose(few.clean(noisy.float(), t, "").double(), by_force, atol=1e-3)


def stochastic_walk(scheduler, steps, predict, points, **options):
    """The clouds that diffusers' DDIM or DDPM scheduler passes through."""
    scheduler.set_timesteps(steps)
    rng, clouds = generator(9), [points]
    for index in scheduler.timesteps:
        noise = predict(points, schedules.from_index(index))
        points = scheduler.step(noise, index, points, generator=rng, **options).prev_sample
        clouds.append(points)
    return clouds


def karras_walk(scheduler, steps, predict, points, signal):
    """The clouds, as x_t / signal, between the whole steps of diffusers' Euler or Heun scheduler."""
    scheduler.set_timesteps(steps)
    here = points / signal
    clouds = [here]
    for number, timestep in enumerate(scheduler.timesteps):
        noise = predict(
            scheduler.scale_model_input(here, timestep), schedules.from_index(round(float(timestep)))
        )
        here = scheduler.step(noise, timestep, here).prev_sample.double()
        halfway = isinstance(scheduler, HeunDiscreteScheduler) and number % 2 == 0
        if not halfway or number == len(scheduler.timesteps) - 1:
            clouds.append(here)
    return clouds


def farthest_apart(states, clouds):
    """The largest difference between ours and theirs over all steps, in shares of the cloud's size."""
    return max(
        float((state.points - cloud).abs().max() / (1 + cloud.abs().max()))
        for state, cloud in zip(states, clouds, strict=True)
    )


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("steps", [1, 4, 10, 25])  # diffusers rounds where 1000 is no multiple
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_ddim_is_that_of_diffusers(name, steps, eta):
    curve, predict = schedules.schedule(name), exact_ring(name)
    scheduler = DDIMScheduler(**THEIRS[name], timestep_spacing="trailing", clip_sample=False)
    theirs = stochastic_walk(scheduler, steps, predict, START.float(), eta=eta)
    ours = particles.ddim(predict, START.float(), schedules.trailing(steps), curve, eta, generator(9))
    # at the last level diffusers, too, has no variance left: no fresh noise lands on the result
    assert farthest_apart(ours, theirs) < CLOSE[name]


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("steps", [2, 10, 25])
def test_ddpm_is_that_of_diffusers(name, steps):
    curve, predict = schedules.schedule(name), exact_ring(name)
    scheduler = DDPMScheduler(
        **THEIRS[name], timestep_spacing="trailing", clip_sample=False, variance_type="fixed_small"
    )
    theirs = stochastic_walk(scheduler, steps, predict, START.float())
    ours = particles.ddpm(predict, START.float(), schedules.trailing(steps), curve, generator(9))
    assert farthest_apart(ours, theirs) < CLOSE[name]


@pytest.mark.parametrize("name", THEIRS)
@pytest.mark.parametrize("steps", [1, 2, 5, 20])
@pytest.mark.parametrize(
    ("ours", "theirs"), [(particles.euler, EulerDiscreteScheduler), (particles.heun, HeunDiscreteScheduler)]
)
def test_euler_and_heun_are_those_of_diffusers(name, steps, ours, theirs):
    curve, predict = schedules.schedule(name), exact_ring(name)
    scheduler = theirs(**THEIRS[name], timestep_spacing="trailing")
    clouds = karras_walk(scheduler, steps, predict, START, curve.signal[T_MAX])
    states = list(ours(predict, START, schedules.trailing(steps), curve))
    in_their_coordinates = [replace(state, points=state.points / curve.signal[state.t]) for state in states]
    assert farthest_apart(in_their_coordinates, clouds) < CLOSE[name]


@pytest.mark.parametrize("name", schedules.SCHEDULES)
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0, "ddpm"])
def test_a_cloud_keeps_the_spread_its_path_prescribes(name, eta):
    """Where the truth is one bell the whole walk is known: spread^2 = signal^2 + noise_level^2."""
    curve = schedules.schedule(name)
    spread = np.sqrt(curve.signal**2 + curve.noise_level**2)

    def predict(points, t):
        return curve.noise_level[t] / spread[t] ** 2 * points

    visited = [*range(990, 0, -10), 0]
    points = spread[990] * particles.static(10_000, generator(0)).double()
    if eta == "ddpm":
        walk = particles.ddpm(predict, points, visited, curve, generator(1))
    else:
        walk = particles.ddim(predict, points, visited, curve, eta, generator(1))
    for state in walk:
        assert float(state.points.std()) == pytest.approx(spread[state.t], rel=WALK)


def test_euler_and_ddim_are_one_method(to_ring):
    visited = schedules.spent(12, 0.4)
    pairs = zip(
        particles.euler(to_ring, START, visited, CURVE),
        particles.ddim(to_ring, START, visited, CURVE),
        strict=True,
    )
    assert all(torch.allclose(one.points, other.points, atol=1e-9) for one, other in pairs)


def test_ddpm_is_ddim_with_eta_one(to_ring):
    *_, one = particles.ddpm(to_ring, START, schedules.trailing(9), CURVE, generator(2))
    *_, other = particles.ddim(to_ring, START, schedules.trailing(9), CURVE, 1.0, generator(2))
    assert torch.allclose(one.points, other.points, atol=1e-6)


@pytest.mark.parametrize(("name", "paid"), [("ddim", 20), ("ddpm", 20), ("euler", 20), ("heun", 39)])
def test_evaluations_are_counted_as_they_are_paid(name, paid):
    asked = []

    def predict(points, t):
        asked.append(t)
        return points

    more = {"step_noise": generator(0)} if name == "ddpm" else {}
    *_, last = particles.SAMPLERS[name](predict, START, schedules.trailing(20), CURVE, **more)
    assert last.evaluations == len(asked) == paid and min(asked) > 0 and last.t == 0


def test_states_say_where_they_are(to_ring):
    states = list(particles.ddim(to_ring, START, schedules.trailing(4), CURVE))
    assert [state.t for state in states] == [1000, 750, 500, 250, 0]
    assert [state.step for state in states] == [0, 1, 2, 3, 4]
    for state in states[:-1]:
        rebuilt = schedules.add_noise(state.clean, state.noise, state.t, CURVE)
        assert torch.allclose(rebuilt, state.points, atol=1e-9)
    assert torch.equal(states[-1].clean, states[-1].points)


def test_guided_is_the_formula_and_asks_no_more_than_it_needs(exact):
    asked = []

    class Listening:
        badge = "exact"

        def noise(self, points, t, prompt):
            asked.append(prompt)
            return exact.noise(points, t, prompt)

    points = START.float()
    free, ring, star = (exact.noise(points, 600, prompt) for prompt in ("", "ring", "star"))
    expected = {0: free, 1: ring, 2.5: free + 2.5 * (ring - free)}
    for w, noise in expected.items():
        assert torch.allclose(particles.guided(Listening(), "ring", w)(points, 600), noise, atol=1e-5)
    assert asked == ["", "ring", "", "ring"]
    against = particles.guided(Listening(), "ring", 3, negative="star")(points, 600)
    assert torch.allclose(against, star + 3 * (ring - star), atol=1e-5)


def test_replay_returns_to_the_cloud_it_remembers():
    clean = particles.sample("heart", len(START), generator(1)).double()
    trick = denoisers.ReplayDenoiser(clean, START, CURVE)
    *_, last = particles.ddim(particles.guided(trick, "ring"), trick.start, schedules.trailing(7), CURVE)
    assert torch.allclose(last.points, clean, atol=1e-6)
    shown = list(samplers.replay(clean, START, schedules.trailing(7), CURVE))
    assert torch.equal(shown[-1].points, clean) and torch.allclose(shown[0].points, trick.start)
    with pytest.raises(CourseError, match="one cloud only"):
        trick.noise(START[:5], 500, "")


@pytest.mark.parametrize("visited", [[], [0], [500, 500, 0], [1, 2, 0], [1000, 500]])
def test_a_sampler_refuses_a_walk_that_does_not_fall_to_zero(visited):
    with pytest.raises(CourseError, match="falling timesteps"):
        list(particles.ddim(lambda points, t: points, START, visited, CURVE))


def test_fresh_noise_needs_a_generator_and_a_fair_eta():
    with pytest.raises(CourseError, match="generator"):
        list(particles.ddim(lambda points, t: points, START, [500, 0], CURVE, eta=0.5))
    with pytest.raises(CourseError, match="generator"):
        list(particles.ddpm(lambda points, t: points, START, [500, 0], CURVE))
    with pytest.raises(CourseError, match="eta"):
        list(particles.ddim(lambda points, t: points, START, [500, 0], CURVE, eta=2.0))


@pytest.mark.parametrize("visited", [[1500, 0], [-5, -10, 0], [500.5, 0]])
def test_a_timestep_off_the_schedule_is_one_sentence(visited, exact):
    with pytest.raises(CourseError, match="timestep"):
        list(particles.ddim(particles.guided(exact, "ring"), START, visited, CURVE))
    with pytest.raises(CourseError, match="timestep"):
        exact.noise(START, visited[0], "ring")


def test_a_cloud_has_points():
    with pytest.raises(CourseError, match="at least one point"):
        particles.sample("ring", 0, generator(0))


@pytest.mark.parametrize("w", [float("nan"), float("inf")])
def test_guidance_that_is_no_number_is_one_sentence(w, exact):
    with pytest.raises(CourseError, match="finite"):
        particles.guided(exact, "ring", w)(START, 500)
