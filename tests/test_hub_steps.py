"""What a scheduler's step means: x_t, eps and x0, for every scheduler that diffusers has for these models."""

from __future__ import annotations

import diffusers
import pytest
import torch

from course_utils.painters.hub.steps import read_step
from course_utils.runcards.settings import SAMPLERS

BASE = diffusers.DDIMScheduler(
    beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, clip_sample=False
)
# Those that a Stable Diffusion pipeline takes; the first needs a further package, the second has other units.
CURVED = sorted({kind.__name__ for kind in BASE.compatibles} - {"DPMSolverSDEScheduler", "EDMEulerScheduler"})
FLOWING = ("FlowMatchEulerDiscreteScheduler", "FlowMatchHeunDiscreteScheduler")
SHAPE = (1, 4, 32, 32)

CLASSES = [one.diffusers for one in SAMPLERS.values()]


def scheduler(name, steps, **config):
    made = getattr(diffusers, name).from_config(
        {k: v for k, v in BASE.config.items() if k[0] != "_"} | config
    )
    made.set_timesteps(steps)
    return made


def walk(ready, predict):
    """The steps from static to the end, with a perfect model of pictures that are themselves static."""
    latents = torch.randn(SHAPE, generator=torch.Generator().manual_seed(1)) * ready.init_noise_sigma
    for timestep in ready.timesteps:
        seen = ready.scale_model_input(latents, timestep)
        output = predict(seen, ready.alphas_cumprod[round(float(timestep))])
        yield read_step(ready, output, timestep, latents)
        latents = ready.step(output, timestep, latents).prev_sample


# E[eps | x_t] of pictures whose numbers are independent and of spread 1: x_t then keeps that spread.
PERFECT = {
    "epsilon": lambda x, alpha_bar: (1 - alpha_bar) ** 0.5 * x,
    "v_prediction": lambda x, alpha_bar: torch.zeros_like(x),
    "sample": lambda x, alpha_bar: alpha_bar**0.5 * x,
}


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("name", [*CLASSES, "EulerAncestralDiscreteScheduler"])
def test_x_t_is_as_wide_as_pictures_are_in_every_sampler_offered(name, spacing):
    """In units in which static and pictures are of spread 1, not in those that some schedulers keep it in."""
    steps = list(walk(scheduler(name, 40, timestep_spacing=spacing), PERFECT["epsilon"]))
    for step in steps:
        assert step.noisy.std() == pytest.approx(1, abs=0.15), step.t  # no sampler is exact in 40 steps
        assert step.clean.std() < 1.15 and step.noise.std() < 1.15
    assert steps[0].t > 900 and [s.t for s in steps] == sorted((s.t for s in steps), reverse=True)


@pytest.mark.parametrize("prediction", PERFECT)
@pytest.mark.parametrize("name", CURVED)
def test_no_scheduler_has_to_be_known_by_name(name, prediction):
    """x_t has spread 1 at its first step, and is made of the eps and x0 that are told, by the levels at t."""
    ready = scheduler(name, 20, prediction_type=prediction)
    step = next(walk(ready, PERFECT[prediction]))
    alpha_bar = BASE.alphas_cumprod[step.t - 1]
    assert step.noisy.std() == pytest.approx(1, abs=0.1)
    mixed = alpha_bar**0.5 * step.clean + (1 - alpha_bar) ** 0.5 * step.noise
    assert torch.allclose(mixed, step.noisy, atol=0.02)
    assert torch.allclose(step.noise, PERFECT["epsilon"](step.noisy, alpha_bar), atol=0.02)


@pytest.mark.parametrize("name", FLOWING)
def test_a_flow_model_s_noise_is_noise_and_no_velocity(name):
    """Told v = eps - x0 of an x_t made of known ones, both are found again."""
    ready = getattr(diffusers, name)(shift=3.0)
    ready.set_timesteps(8)
    noise, clean = (torch.randn(SHAPE, generator=torch.Generator().manual_seed(k)) for k in (1, 2))
    for timestep, sigma in zip(ready.timesteps, ready.sigmas, strict=False):
        sample = (1 - sigma) * clean + sigma * noise
        step = read_step(ready, noise - clean, timestep, sample)
        assert step.t == round(float(timestep))
        assert torch.allclose(step.noise, noise[0], atol=1e-5)
        assert torch.allclose(step.clean, clean[0], atol=1e-5)
        assert torch.allclose(step.noisy, sample[0], atol=1e-6)
        ready.step(noise - clean, timestep, sample)
