"""Every count of steps that is accepted is walked rightly, by every sampler and in both spacings.

Held against denoisers whose answer is known, on a handful of numbers in place of a picture.
"""

from __future__ import annotations

import json
from itertools import pairwise

import diffusers
import pytest
import torch

from course_utils import runtime
from course_utils.painters import SAMPLERS, Settings
from course_utils.painters.schedulers import advance, scaled, scheduler, signal_and_noise
from course_utils.runtime import CourseError

CLEAN = torch.linspace(-2, 2, 8)[None]
SPREAD = 0.5  # of the data that the second denoiser knows
# Where 1000 // steps jumps, where rounding adds a timestep, both ends.
COUNTS = (1, 2, 3, 7, 59, 61, 103, 201, 251, 334, 501, 666)


@pytest.fixture(scope="module")
def config():
    folder = runtime.MODELS / "picturebook" / "scheduler"
    return json.loads((folder / "scheduler_config.json").read_text())


def made(config, sampler, steps, spacing="trailing"):
    return scheduler(Settings("a cat", steps=steps, sampler=sampler, spacing=spacing), config)


def walked(ready, guess):
    """From static to the last state; `guess(noisy, signal, noise_level)` is the denoiser."""
    dice = [torch.Generator().manual_seed(3)]
    latents = torch.randn(CLEAN.shape, generator=dice[0]) * getattr(ready, "init_noise_sigma", 1.0)
    for timestep in ready.timesteps:
        noisy = scaled(ready, latents, timestep)
        latents = advance(ready, guess(noisy, *signal_and_noise(ready, timestep)), timestep, latents, dice)
    return latents


def perfect(noisy, signal, noise_level):
    """The noise beside the one picture there is."""
    return (noisy - signal * CLEAN) / noise_level


def of_a_cloud(noisy, signal, noise_level):
    """The mean noise where data are normal around 0: it bends the way as a network does."""
    return noise_level * noisy / ((signal * SPREAD) ** 2 + noise_level**2)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_last_state_is_the_picture(config, sampler):
    counts = (*COUNTS, 1000) if sampler == "ddim" else COUNTS
    off = {
        steps: float((walked(made(config, sampler, steps), perfect) - CLEAN).abs().max()) for steps in counts
    }
    assert all(gap < 1e-3 for gap in off.values()), off


@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name != "ddpm"])  # its dice fall anew
def test_one_step_more_changes_little(config, sampler, spacing):
    """Left out are the counts that leading spacing refuses."""
    off = {}
    for steps in (60, 91, 251, 334, 501):
        try:
            pair = [walked(made(config, sampler, n, spacing), of_a_cloud) for n in (steps - 1, steps)]
        except CourseError:
            continue
        off[steps] = float((pair[0] - pair[1]).abs().max())
    assert off and all(gap < 0.03 for gap in off.values()), off


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_timesteps_fall_from_static_to_clean(config, sampler):
    for steps in range(1, 1001, 3):
        visited = made(config, sampler, steps).timesteps.unique().flip(0).tolist()
        assert len(visited) == steps and visited[0] == 999 and 0 <= visited[-1] < -(-1000 // steps)
        assert all(before > after for before, after in pairwise(visited))


def test_ddim_is_diffusers_where_steps_divide_the_schedule(config):
    for steps in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50):
        stock = diffusers.DDIMScheduler.from_config(config)
        stock.set_timesteps(steps)
        assert torch.equal(walked(made(config, "ddim", steps), of_a_cloud), walked(stock, of_a_cloud))


def test_ddim_follows_other_predictions_too(config):
    for kind in ("v_prediction", "sample"):
        ours = made({**config, "prediction_type": kind}, "ddim", 10)
        stock = diffusers.DDIMScheduler.from_config({**config, "prediction_type": kind})
        stock.set_timesteps(10)
        for timestep in stock.timesteps:
            theirs = stock.step(CLEAN, timestep, -CLEAN).prev_sample
            assert torch.allclose(ours.step(CLEAN, timestep, -CLEAN).prev_sample, theirs, atol=1e-5)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_leading_spacing_leaves_out_little_or_is_refused(config, sampler):
    for steps in (1, 2, 59, 60, 249, 498):
        first = int(made(config, sampler, steps, "leading").timesteps[0])
        assert 1000 - first <= 1000 / steps + 60
    for steps in (334, 501, 700):
        with pytest.raises(CourseError, match=f"With {steps} steps of leading spacing the noisiest"):
            Settings("a cat", steps=steps, sampler=sampler, spacing="leading")
