"""diffusers' DDIM as large models walk by it: from each timestep to the next of its list."""

from __future__ import annotations

from itertools import pairwise

import diffusers
import pytest
import torch

from course_utils.painters import Settings
from course_utils.painters.hub.schedulers import kind
from course_utils.runtime import CourseError

CONFIG = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "timestep_spacing": "trailing",
    "clip_sample": False,
}
CLEAN = torch.linspace(-2, 2, 8)[None]
SPREAD = 0.5  # of the data that the denoiser below knows


def walked(scheduler, steps):
    """From static to the last state, by the mean noise where data are normal around 0."""
    scheduler.set_timesteps(steps)
    x = torch.randn(CLEAN.shape, generator=torch.Generator().manual_seed(3))
    for index in scheduler.timesteps:
        alpha_bar = scheduler.alphas_cumprod[index]
        guess = (1 - alpha_bar).sqrt() * x / (alpha_bar * SPREAD**2 + 1 - alpha_bar)
        x = scheduler.step(guess, index, x, return_dict=False)[0]
    return x


def test_one_step_more_changes_little():
    ends = [
        walked(kind("ddim").from_config(CONFIG), steps) for steps in (333, 334, 399, 400, 500, 501, 666, 667)
    ]
    for one, other in pairwise(ends):
        assert float((one - other).abs().max()) < 0.03


def test_it_is_diffusers_where_steps_divide_the_schedule():
    for steps in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50):
        stock = diffusers.DDIMScheduler.from_config(CONFIG)
        assert torch.equal(walked(kind("ddim").from_config(CONFIG), steps), walked(stock, steps))


def test_it_follows_other_predictions_too():
    for prediction in ("v_prediction", "sample"):
        ours, stock = (
            made.from_config({**CONFIG, "prediction_type": prediction})
            for made in (kind("ddim"), diffusers.DDIMScheduler)
        )
        ours.set_timesteps(10)
        stock.set_timesteps(10)
        for timestep in stock.timesteps:
            theirs = stock.step(CLEAN, timestep, -CLEAN).prev_sample
            assert torch.allclose(ours.step(CLEAN, timestep, -CLEAN).prev_sample, theirs, atol=1e-5)


def test_leading_spacing_that_loses_the_noisy_end_is_refused():
    for steps in (1, 2, 59, 60, 250, 500):
        Settings("a cat", steps=steps, spacing="leading")
    for steps in (334, 501, 700):
        with pytest.raises(CourseError, match=f"With {steps} steps of leading spacing the noisiest"):
            Settings("a cat", steps=steps, spacing="leading")
