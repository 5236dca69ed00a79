"""Shapes, denoisers and samplers: against brute force, against diffusers, and at their edges."""

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler

from course_utils import particles, schedules
from course_utils.particles import denoisers, samplers, shapes
from course_utils.runtime import CourseError, generator

SD = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
CURVE = schedules.scaled_linear()
START = particles.static(200, generator(5)).double()


@pytest.fixture(scope="module")
def exact():
    return particles.ExactDenoiser(CURVE, references=700)


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


@pytest.mark.parametrize("name", ["dodecahedron", "''", "'       '", "'longword'", ""])
def test_an_unknown_shape_is_one_sentence(name):
    with pytest.raises(CourseError, match=r"\.$"):
        particles.sample(name, 10, generator(0))


@pytest.mark.parametrize("t", [50, 400, 1000])
@pytest.mark.parametrize("prompt", ["ring", ""])
def test_exact_is_the_mean_over_all_that_could_have_been(exact, t, prompt):
    """Brute force: weigh a million draws of the mixture by how likely each would have led to x_t."""
    exact.clean(torch.zeros(1, 2), t, prompt)
    known = exact._known[prompt].double()
    rng = generator(3)
    which = torch.randint(len(known), (1_000_000,), generator=rng)
    draws = known[which] + exact.width * torch.randn(1_000_000, 2, generator=rng).double()
    signal, noise = CURVE.signal[t], CURVE.noise_level[t]
    for clean in known[:3]:
        noisy = signal * clean + noise * torch.randn(2, generator=rng).double() * 0.7
        weights = torch.softmax(-((noisy - signal * draws) ** 2).sum(dim=1) / (2 * noise**2), dim=0)
        by_force = weights @ draws
        assert torch.allclose(exact.clean(noisy[None], t, prompt)[0], by_force, atol=0.02)


def walk_of_diffusers(scheduler, steps, predict, points, scale=False):
    """The clouds a diffusers scheduler passes through; it counts Euler's and Heun's in x_t / signal."""
    scheduler.set_timesteps(steps)
    clouds = [points]
    rng = generator(9)
    here = points / CURVE.signal[1000] if scale else points
    for timestep in scheduler.timesteps:
        noisy = scheduler.scale_model_input(here, timestep) if scale else here
        t = schedules.from_index(round(float(timestep)))
        more = {} if scale or isinstance(scheduler, HeunDiscreteScheduler) else {"generator": rng}
        if isinstance(scheduler, DDIMScheduler):
            more["eta"] = scheduler.eta
        here = scheduler.step(predict(noisy, t), timestep, here, **more).prev_sample
        clouds.append(here)
    return clouds


@pytest.mark.parametrize("steps", [1, 4, 10, 25])  # diffusers rounds where 1000 is no multiple
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
def test_ddim_is_that_of_diffusers(to_ring, steps, eta):
    scheduler = DDIMScheduler(**SD, timestep_spacing="trailing", clip_sample=False, set_alpha_to_one=True)
    scheduler.eta = eta
    theirs = walk_of_diffusers(scheduler, steps, to_ring, START.float())
    ours = list(particles.ddim(to_ring, START.float(), schedules.trailing(steps), CURVE, eta, generator(9)))
    # at the last level diffusers, too, has no variance left: no fresh noise lands on the result
    for state, cloud in zip(ours, theirs, strict=True):
        assert torch.allclose(state.points, cloud, atol=2e-3)


@pytest.mark.parametrize("steps", [2, 10, 25])
def test_ddpm_is_that_of_diffusers(to_ring, steps):
    scheduler = DDPMScheduler(
        **SD, timestep_spacing="trailing", clip_sample=False, variance_type="fixed_small"
    )
    theirs = walk_of_diffusers(scheduler, steps, to_ring, START.float())
    ours = list(particles.ddpm(to_ring, START.float(), schedules.trailing(steps), CURVE, generator(9)))
    for state, cloud in zip(ours, theirs, strict=True):
        assert torch.allclose(state.points, cloud, atol=2e-3)


@pytest.mark.parametrize("steps", [1, 5, 20])
def test_euler_is_that_of_diffusers(to_ring, steps):
    scheduler = EulerDiscreteScheduler(**SD, timestep_spacing="trailing")
    theirs = walk_of_diffusers(scheduler, steps, to_ring, START, scale=True)
    *_, last = particles.euler(to_ring, START, schedules.trailing(steps), CURVE)
    assert torch.allclose(last.points, theirs[-1], atol=5e-3)


@pytest.mark.parametrize("steps", [2, 5, 20])
def test_heun_is_that_of_diffusers(to_ring, steps):
    scheduler = HeunDiscreteScheduler(**SD, timestep_spacing="trailing")
    theirs = walk_of_diffusers(scheduler, steps, to_ring, START, scale=True)
    *_, last = particles.heun(to_ring, START, schedules.trailing(steps), CURVE)
    assert torch.allclose(last.points, theirs[-1].double(), atol=2e-2)


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
    clean = particles.sample("heart", 200, generator(1)).double()
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
    with pytest.raises(CourseError, match="eta"):
        list(particles.ddim(lambda points, t: points, START, [500, 0], CURVE, eta=2.0))
