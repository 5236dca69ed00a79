"""The samplers against diffusers: each of them, each spacing and count of steps, both paths, mixed seeds."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DDPMScheduler,
    DPMSolverMultistepScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    UniPCMultistepScheduler,
)

from course_utils import sampling
from course_utils.runtime import CourseError, generator
from course_utils.schedules import (
    add_noise,
    biased_timesteps,
    distilled,
    leading,
    scaled_linear,
    straight,
    to_index,
    trailing,
)

PATH, FLOW = scaled_linear(), straight()
CONFIG = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "steps_offset": 1,
    "prediction_type": "epsilon",
}
SHAPE = (3, 2, 4, 4)
SEEDS = (7, 3, 11)
STEPS = (*range(1, 11), 20, 25, 47, 60)
SPACINGS = {"trailing": trailing, "leading": leading}


def generators():
    return [generator(seed) for seed in SEEDS]


def noise(shape=SHAPE):
    return sampling.draw_noise(shape, [generator(seed) for seed in SEEDS[: shape[0]]])


def predict(x, t):
    """Stands for a network: smooth in x and t, about as large as noise, different in each place."""
    place = torch.linspace(0, 1, x[0].numel()).reshape(x[0].shape)
    return 0.8 * torch.tanh(1.3 * x + place) + 0.3 * torch.cos(3 * x * (0.5 + t / 1000))


def end(states):
    return list(states)[-1].x


def by_diffusers(scheduler, timesteps, x, generators=None):
    """The loop that every pipeline of diffusers has."""
    scheduler.set_timesteps(timesteps=timesteps) if isinstance(timesteps, list) else scheduler.set_timesteps(
        timesteps
    )
    x = x * getattr(scheduler, "init_noise_sigma", 1.0)
    for index in scheduler.timesteps:
        seen = scheduler.scale_model_input(x, index) if hasattr(scheduler, "scale_model_input") else x
        more = {"generator": generators} if generators else {}
        x = scheduler.step(predict(seen, float(index) + 1), index, x, return_dict=False, **more)[0]
    return x


def close(ours, theirs, tolerance=2e-4):
    return torch.allclose(ours, theirs, rtol=tolerance, atol=tolerance * float(theirs.abs().max()))


# diffusers' DDIM goes back by 1000 // steps. With trailing spacing that is the distance of its timesteps only
# where the count divides 1000; elsewhere it ends up beside its own timesteps.
@pytest.mark.parametrize(
    ("spacing", "counts"),
    [("leading", STEPS), ("trailing", [steps for steps in STEPS if 1000 % steps == 0])],
)
@pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
def test_ddim_is_diffusers_wherever_its_steps_are_whole(spacing, counts, eta):
    for steps in counts:
        scheduler = DDIMScheduler(**CONFIG, clip_sample=False, timestep_spacing=spacing)
        scheduler.set_timesteps(steps)
        x, rngs = noise(), generators()
        for index in scheduler.timesteps:
            guess = predict(x, float(index) + 1)
            x = scheduler.step(guess, index, x, eta=eta, return_dict=False, generator=rngs)[0]
        ours = sampling.ddim(predict, noise(), SPACINGS[spacing](steps), PATH, generators(), eta)
        assert close(end(ours), x), steps


@pytest.mark.parametrize("places", [*SPACINGS.values(), lambda steps: biased_timesteps(steps, 0.5)])
def test_ddpm_is_diffusers_at_every_count(places):
    for steps in STEPS:
        timesteps = places(steps)
        scheduler = DDPMScheduler(**CONFIG, clip_sample=False)
        indices = [to_index(t) for t in timesteps[:-1]]
        theirs = by_diffusers(scheduler, indices, noise(), generators())
        assert close(end(sampling.ddpm(predict, noise(), timesteps, PATH, generators())), theirs), steps


@pytest.mark.parametrize("places", SPACINGS.values())
def test_full_eta_makes_ddim_ddpm(places):
    for steps in STEPS:
        timesteps = places(steps)
        ours = end(sampling.ddim(predict, noise(), timesteps, PATH, generators(), eta=1.0))
        assert close(ours, end(sampling.ddpm(predict, noise(), timesteps, PATH, generators()))), steps


@pytest.mark.parametrize(
    ("ours", "kind"), [(sampling.euler, EulerDiscreteScheduler), (sampling.heun, HeunDiscreteScheduler)]
)
def test_euler_and_heun_are_diffusers_at_every_count(ours, kind):
    for steps in STEPS:
        timesteps = trailing(steps)
        scheduler = kind(**CONFIG, timestep_spacing="trailing")
        theirs = by_diffusers(scheduler, steps, noise())
        begin = sampling.SAMPLERS["euler"].initial_state(noise(), timesteps[0], PATH)
        assert close(end(ours(predict, begin, timesteps, PATH)), theirs, 1e-3), steps


def test_euler_from_the_same_state_is_ddim():
    for steps in (1, 3, 7, 60, 501):
        timesteps = trailing(steps)
        ours = end(sampling.euler(predict, noise(), timesteps, PATH))
        assert close(ours, end(sampling.ddim(predict, noise(), timesteps, PATH)), 1e-3), steps


@pytest.mark.parametrize(
    ("ours", "kind"),
    [(sampling.dpm_plus_plus_2m, DPMSolverMultistepScheduler), (sampling.unipc, UniPCMultistepScheduler)],
)
def test_multistep_samplers_are_diffusers(ours, kind):
    for steps in STEPS:
        theirs = by_diffusers(kind(**CONFIG, timestep_spacing="trailing"), steps, noise())
        assert close(end(ours(predict, noise(), trailing(steps), PATH)), theirs, 1e-3), steps


def test_a_rectified_flow_is_walked_as_diffusers_walks_it():
    for steps in STEPS:
        sigmas = [1 - k / steps for k in range(steps)]
        timesteps = [1000 * sigma for sigma in sigmas] + [0]
        scheduler = FlowMatchEulerDiscreteScheduler()
        scheduler.set_timesteps(sigmas=sigmas)
        x = noise()
        for index in scheduler.timesteps:
            x = scheduler.step(predict(x, float(index)), index, x, return_dict=False)[0]
        for sampler in (sampling.euler, sampling.ddim):
            assert close(end(sampler(predict, noise(), timesteps, FLOW)), x, 1e-3), steps


def test_heun_on_a_rectified_flow_is_diffusers():
    for steps in (2, 5, 20, 60):
        scheduler = FlowMatchHeunDiscreteScheduler()
        scheduler.set_timesteps(steps)
        x = noise()
        for index in scheduler.timesteps:
            x = scheduler.step(predict(x, float(index)), index, x, return_dict=False)[0]
        timesteps = [float(t) for t in scheduler.timesteps[::2]] + [0]
        assert close(end(sampling.heun(predict, noise(), timesteps, FLOW)), x, 1e-3), steps


def test_consistency_is_diffusers():
    for steps in (1, 2, 3, 4, 7, 10, 50):
        scheduler = LCMScheduler(**CONFIG, original_inference_steps=50)
        theirs = by_diffusers(scheduler, steps, noise(), generators())
        timesteps = distilled(steps)
        assert timesteps == [int(index) + 1 for index in scheduler.timesteps] + [0]
        assert close(
            end(sampling.consistency(predict, noise(), timesteps, PATH, generators())), theirs, 1e-3
        ), steps


# A step of these two is diffusers' own, which takes a millisecond: 10,000 of them.
UNHURRIED = [
    pytest.param(name, marks=pytest.mark.long if name in ("dpm++ 2m", "unipc") else ())
    for name in sampling.SAMPLERS
]


@pytest.mark.parametrize("name", UNHURRIED)
@pytest.mark.parametrize("places", SPACINGS.values())
def test_a_perfect_prediction_reaches_x0_at_every_count(name, places):
    """What a network that knows x0 says leads there, from 1 to 1000 steps."""
    clean = torch.linspace(-1, 1, 6).reshape(1, 6)

    def knows(x, t):
        return PATH.prediction(x, clean, t)

    for steps in (1, 2, 3, 7, 61, 103, 334, 501, 666, 1000):
        timesteps = places(steps)
        begin = add_noise(clean, noise((1, 6)), timesteps[0], PATH)
        states = sampling.SAMPLERS[name].walk(knows, begin, timesteps, PATH, [generator(5)])
        assert torch.allclose(end(states), clean, atol=2e-3), steps


@pytest.mark.long
@pytest.mark.parametrize("name", [one for one in UNHURRIED if one.values[0] != "ddpm"])
def test_neighbouring_counts_of_steps_lead_to_the_same_place(name):
    ends = [
        end(sampling.SAMPLERS[name].walk(predict, noise(), trailing(steps), PATH, generators()))
        for steps in (333, 334, 399, 400, 500, 501, 666, 667)
    ]
    scale = float(ends[0].abs().mean())
    for one, other in pairwise(ends):
        assert float((one - other).abs().max()) < 0.05 * scale


@pytest.mark.parametrize("path", [PATH, FLOW], ids=lambda path: path.name)
@pytest.mark.parametrize("name", ["ddpm", "ddim", "euler", "heun"])
def test_a_picture_is_the_same_in_any_batch(name, path):
    sampler = sampling.SAMPLERS[name].walk
    together = end(sampler(predict, noise(), trailing(9), path, generators()))
    for k, seed in enumerate(SEEDS):
        alone = end(sampler(predict, noise()[k : k + 1], trailing(9), path, [generator(seed)]))
        assert not torch.equal(together[k], together[k - 1])
        if name != "ddpm":
            assert torch.allclose(together[k], alone[0], atol=1e-6)
    rngs = [generator(100 + k) for k in range(3)]
    first = end(sampling.ddpm(predict, noise(), trailing(9), path, rngs))
    second = end(sampling.ddpm(predict, noise()[1:2], trailing(9), path, [generator(101)]))
    assert torch.allclose(first[1], second[0], atol=1e-6)


def test_states_say_what_was_believed_and_what_it_cost():
    states = list(sampling.heun(predict, noise(), trailing(5), PATH))
    assert [state.t for state in states] == trailing(5)
    assert [state.evaluations for state in states] == [1, 3, 5, 7, 9, 9]
    for state in states[:-1]:
        again = add_noise(state.clean, state.noise, state.t, PATH)
        assert torch.allclose(again, state.x, atol=1e-4)
    assert torch.equal(states[-1].x, states[-1].clean) and not states[-1].noise.any()


@pytest.mark.parametrize("name", sampling.SAMPLERS)
def test_evaluations_are_counted_as_they_are_paid(name):
    asked = []

    def counted(x, t):
        asked.append(t)
        return predict(x, t)

    *_, last = sampling.SAMPLERS[name].walk(counted, noise(), trailing(20), PATH, generators())
    assert last.evaluations == len(asked) == (39 if name == "heun" else 20)
    assert min(asked) > 0 and last.t == 0 and last.step == 20


def test_replay_is_the_forward_process_backwards():
    clean, static = noise() / 3, noise()
    for state in sampling.replay(clean, static, trailing(4), PATH):
        if state.t:
            assert torch.allclose(state.x, add_noise(clean, static, state.t, PATH))
    assert torch.equal(state.x, clean)


@pytest.mark.parametrize("timesteps", [[], [1000], [0, 1000], [1000, 500], [1000, 1000, 0], [1000, -1, 0]])
def test_walks_that_lead_nowhere_are_refused(timesteps):
    with pytest.raises(CourseError):
        list(sampling.ddim(predict, noise(), timesteps, PATH))


def test_fresh_noise_needs_a_generator():
    for sampler in (sampling.ddpm, sampling.consistency):
        with pytest.raises(CourseError, match="generator"):
            list(sampler(predict, noise(), trailing(3), PATH))
    with pytest.raises(CourseError, match="eta"):
        list(sampling.ddim(predict, noise(), trailing(3), PATH, generators(), eta=1.5))
    with pytest.raises(CourseError, match="euler"):
        list(sampling.unipc(predict, noise(), trailing(3), FLOW))
