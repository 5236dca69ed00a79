"""Shapes, denoisers and samplers: against brute force, against diffusers, and at their edges."""

import numpy as np
import pytest
import torch

from course_utils import particles, sampling, schedules
from course_utils.guidance import classifier_free_guidance
from course_utils.particles import denoisers, shapes
from course_utils.runtime import CourseError, generator

WALK = 0.05
CURVE = schedules.scaled_linear()
# Small enough for torch to stay on one thread, so that the tests keep their pace on a busy machine.
START = sampling.draw_noise((40, 2), generator(5)).double()


@pytest.fixture(scope="module")
def exact():
    return particles.ExactDenoiser(CURVE, references=700)


@pytest.fixture(scope="module")
def to_ring(exact):
    """The exact denoiser's noise for a ring."""
    return classifier_free_guidance(exact.predict, "ring")


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
    expected = curve.prediction(noisy, by_force, t)
    assert torch.allclose(
        few.predict(noisy, t, ""), expected, atol=1e-4 * max(1.0, signal / noise, 1 / noise)
    )
    assert torch.allclose(few.clean(noisy.float(), t, "").double(), by_force, atol=1e-3)


@pytest.mark.parametrize("name", schedules.SCHEDULES)
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0, "ddpm"])
def test_a_cloud_keeps_the_spread_its_path_prescribes(name, eta):
    """Where the truth is one bell the whole walk is known: spread^2 = signal^2 + noise_level^2."""
    curve = schedules.schedule(name)
    spread = np.sqrt(curve.signal**2 + curve.noise_level**2)

    def predict(points, t):
        clean = curve.signal[t] / spread[t] ** 2 * points  # the mean of a bell of spread 1, given x_t
        return curve.prediction(points, clean, t)

    visited = [*range(990, 0, -10), 0]
    points = spread[990] * sampling.draw_noise((10_000, 2), generator(0)).double()
    if eta == "ddpm":
        walk = sampling.ddpm(predict, points, visited, curve, generator(1))
    else:
        walk = sampling.ddim(predict, points, visited, curve, generator(1), eta)
    for state in walk:
        assert float(state.x.std()) == pytest.approx(spread[state.t], rel=WALK)


def test_euler_and_ddim_are_one_method(to_ring):
    visited = schedules.biased_timesteps(12, 0.4)
    pairs = zip(
        sampling.euler(to_ring, START, visited, CURVE),
        sampling.ddim(to_ring, START, visited, CURVE),
        strict=True,
    )
    assert all(torch.allclose(one.x, other.x, atol=1e-9) for one, other in pairs)


def test_ddpm_is_ddim_with_eta_one(to_ring):
    *_, one = sampling.ddpm(to_ring, START, schedules.trailing(9), CURVE, generator(2))
    *_, other = sampling.ddim(to_ring, START, schedules.trailing(9), CURVE, generator(2), 1.0)
    assert torch.allclose(one.x, other.x, atol=1e-6)


def test_guided_is_the_formula_and_asks_no_more_than_it_needs(exact):
    asked = []

    class Listening:
        badge = "exact"

        def predict(self, points, t, prompt):
            asked.append(prompt)
            return exact.predict(points, t, prompt)

    points = START.float()
    free, ring, star = (exact.predict(points, 600, prompt) for prompt in ("", "ring", "star"))
    expected = {0: free, 1: ring, 2.5: free + 2.5 * (ring - free)}
    for w, noise in expected.items():
        assert torch.allclose(
            classifier_free_guidance(Listening().predict, "ring", w)(points, 600), noise, atol=1e-5
        )
    assert asked == ["", "ring", "", "ring"]
    against = classifier_free_guidance(Listening().predict, "ring", 3, negative="star")(points, 600)
    assert torch.allclose(against, star + 3 * (ring - star), atol=1e-5)


def test_replay_returns_to_the_cloud_it_remembers():
    clean = particles.sample("heart", len(START), generator(1)).double()
    trick = denoisers.ReplayDenoiser(clean, START, CURVE)
    *_, last = sampling.ddim(
        classifier_free_guidance(trick.predict, "ring"), trick.start, schedules.trailing(7), CURVE
    )
    assert torch.allclose(last.x, clean, atol=1e-6)
    shown = list(sampling.replay(clean, START, schedules.trailing(7), CURVE))
    assert torch.equal(shown[-1].x, clean) and torch.allclose(shown[0].x, trick.start)
    with pytest.raises(CourseError, match="one cloud only"):
        trick.predict(START[:5], 500, "")


@pytest.mark.parametrize("visited", [[1500, 0], [-5, -10, 0], [500.5, 0]])
def test_a_timestep_off_the_schedule_is_one_sentence(visited, exact):
    with pytest.raises(CourseError, match="timestep"):
        list(sampling.ddim(classifier_free_guidance(exact.predict, "ring"), START, visited, CURVE))
    with pytest.raises(CourseError, match="timestep"):
        exact.predict(START, visited[0], "ring")


def test_a_cloud_has_points():
    with pytest.raises(CourseError, match="at least one point"):
        particles.sample("ring", 0, generator(0))


@pytest.mark.parametrize("w", [float("nan"), float("inf")])
def test_guidance_that_is_no_number_is_one_sentence(w, exact):
    with pytest.raises(CourseError, match="finite"):
        classifier_free_guidance(exact.predict, "ring", w)(START, 500)
