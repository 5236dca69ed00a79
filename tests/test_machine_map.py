"""The map's Python side: what it takes, what it refuses, and what it says without a front end."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from course_utils.runtime import CourseError
from course_utils.widgets import MachineMap
from course_utils.widgets.machine_map import STATIONS, Stop

LABELS = ["step 0", "step 1", "step 2"]
FRAMES = np.random.default_rng(7).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)


def stops(**special):
    return {key: Stop(key, f"The {key}.", "4 × 5") for key in STATIONS} | special


@pytest.fixture
def view():
    found = MachineMap(alt="the map")
    found.set_run(stops(noisy=Stop("noisy", "In the loop.", "4 × 5", moves=True)), {"noisy": FRAMES}, LABELS)
    return found


def test_frames_travel_once_and_losslessly(view):
    strip = np.asarray(Image.open(io.BytesIO(view.pictures["noisy"])).convert("RGB"))
    assert view.sizes == {"noisy": [3, 4, 5]}
    assert np.array_equal(strip.reshape(4, 3, 5, 3).transpose(1, 0, 2, 3), FRAMES)


def test_the_learners_step_and_open_station_outlast_a_new_run(view):
    view.step, view.opened = 1, "page"
    view.set_run(stops(), {}, LABELS)
    assert (view.step, view.opened, view.pictures) == (1, "page", {})


@pytest.mark.parametrize(
    ("run", "sentence"),
    [
        (({"page": Stop("page", "", "")}, {}, LABELS), "no stop for initial, latent"),
        ((stops(), {"cellar": FRAMES}, LABELS), "not 'cellar'"),
        ((stops(noise=Stop("noise", "", "", moves=True)), {"noise": FRAMES[:1]}, LABELS), "1 frames for 2"),
        ((stops(), {"page": FRAMES.astype(float)}, LABELS), "whole numbers"),
    ],
)
def test_a_run_that_does_not_fit_is_refused_and_the_last_one_stays(view, run, sentence):
    before = view.stops, view.pictures
    with pytest.raises(CourseError, match=sentence):
        view.set_run(*run)
    assert (view.stops, view.pictures) == before


def test_without_a_front_end_every_station_is_told(view):
    told = view._repr_mimebundle_()[0]["text/plain"]
    assert told.startswith("the map prompt: The prompt. (4 × 5)") and "noisy: In the loop." in told
