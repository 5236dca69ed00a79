"""The machine at a glance: what lies at each station, what changes with what, and the panel around."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from ipywidgets.embed import dependency_state
from panel_tools import all_widgets, check_shown, control, message, views_of

from course_utils.panels import page_painting
from course_utils.panels.steering import machine, stations
from course_utils.widgets import MachineMap

pytestmark = pytest.mark.graphs

PROMPT = "a green owl with a hat in the forest"


def settings(prompt=PROMPT, seed=7):
    return page_painting.settings(prompt, seed=seed, steps=4)


@pytest.fixture(scope="module", autouse=True)
def four_steps():
    """Four steps are enough to see that a panel works."""
    before, page_painting.STEPS = page_painting.STEPS, 4
    yield
    page_painting.STEPS = before


@pytest.fixture(scope="module")
def run():
    return stations.of_run(settings())


@pytest.fixture
def panel():
    return machine.machine_panel(PROMPT)


def map_of(panel):
    (view,) = views_of(panel, MachineMap)
    return view


def news(panel):
    return {key: stop["changed"] for key, stop in map_of(panel).stops.items()}


def test_at_every_station_lies_what_the_run_held(run):
    painter, painting = page_painting.painter(), page_painting.paint(settings())
    lies = {
        key: torch.from_numpy(run[key].parts) for key in ("tokens", "vectors", "initial", "latent", "page")
    }
    assert torch.equal(lies["tokens"], painter.tokens(PROMPT)[0])
    assert torch.equal(lies["initial"][0], painting.trajectory[0].noisy)
    assert torch.equal(lies["latent"][0], painting.latent)
    assert np.array_equal(run["page"].parts[0], painting.pixels)
    assert [len(run[key].parts) for key in ("noisy", "noise")] == [5, 4]
    assert np.array_equal(run["noise"].parts[2], painting.trajectory[2].noise)
    assert {key: station.shape for key, station in run.items()} == {
        "prompt": "one text",
        "tokens": "32 numbers",
        "vectors": "32 × 128",
        "seed": "one number",
        "initial": "4 × 16 × 16",
        "noisy": "4 × 16 × 16",
        "noise": "4 × 16 × 16",
        "latent": "4 × 16 × 16",
        "page": "128 × 128 × 3",
    }


def test_tokens_are_words_and_the_last_box_stands_for_the_padding(run):
    assert run["tokens"].words == ("start", *PROMPT.split(), "22 × end")


def test_numbers_have_their_range_step_by_step(run):
    low, high = run["noisy"].ranges[3]
    assert (low, high) == (run["noisy"].parts[3].min(), run["noisy"].parts[3].max())
    assert len(run["noisy"].ranges) == 5 and len(run["page"].ranges) == 1 and run["prompt"].ranges == []


def test_heat_is_white_at_zero_and_darker_away_from_it():
    ((cold, slightly, none, warm),) = stations._heat(np.array([[-9.0, -1.0, 0.0, 9.0]]))
    assert list(none) == [255, 255, 255] and cold.sum() < slightly.sum() < 765
    assert cold[2] > cold[0] and warm[0] > warm[2], "blue below zero, orange above"


def test_another_seed_leaves_the_text_alone(run):
    other = stations.of_run(settings(seed=8))
    assert stations.unchanged(run, other) == ["prompt", "tokens", "vectors"]


def test_a_late_word_changes_its_token_and_the_vectors_from_there_on(run):
    other = stations.of_run(settings(PROMPT.replace("forest", "desert")))
    found = stations.changes(run, other)
    word = PROMPT.split().index("forest") + 1
    assert [k for k, new in enumerate(found["tokens"]) if new] == [word]
    assert found["vectors"] == [False] * word + [True] * (32 - word)
    assert stations.unchanged(run, other) == ["seed", "static"]


def test_another_prompt_leaves_the_first_latent_of_the_loop(run):
    found = stations.changes(run, stations.of_run(settings("a red car in the snow")))
    assert found["noisy"] == [False, True, True, True, True] and all(found["noise"])


def test_the_same_again_changes_nothing_and_other_lengths_change_what_is_new(run):
    assert len(stations.unchanged(run, run)) == len(run) == 9
    assert stations._differing(np.zeros((2, 3)), np.zeros((4, 3))) == [False, False, True, True]
    assert stations._differing(np.zeros((4, 3)), np.ones((2, 3))) == [True, True]
    assert stations._differing(np.zeros((2, 3)), np.zeros((2, 4))) == [True, True]


def test_the_panel_shows_itself_and_every_station(panel):
    check_shown(panel)
    view = map_of(panel)
    assert all(stop["changed"] == [] for stop in view.stops.values()), "nothing went before"
    assert view.labels[0] == "step 0 of 4, t = 1000" and view.labels[-1] == "step 4 of 4, t = 0, finished"
    assert set(view.pictures) == {"vectors", "initial", "noisy", "noise", "latent", "page"}
    assert all(view.terms.values()) and all(stop["meaning"] for stop in view.stops.values())


def test_marks_stay_until_the_next_change(panel):
    control(panel, "another seed").click()
    panel.work.wait()
    assert any(news(panel)["initial"]) and not any(news(panel)["tokens"])
    assert control(panel, "seed").value == 8
    control(panel, "forest ⇄ desert").click()
    panel.work.wait()
    assert not any(news(panel)["initial"]) and sum(news(panel)["tokens"]) == 1
    assert "desert" in control(panel, "prompt").value


def test_a_swap_without_its_word_says_so_and_paints_nothing(panel):
    control(panel, "prompt").value = "a cat"
    panel.work.wait()
    before = map_of(panel).pictures
    control(panel, "green ⇄ red").click()
    assert "neither" in message(panel) and control(panel, "prompt").value == "a cat"
    assert map_of(panel).pictures == before


def test_a_bad_prompt_gets_a_sentence_and_the_map_stays(panel):
    before = map_of(panel).pictures
    control(panel, "prompt").value = "   "
    panel.work.wait()
    assert "The prompt is empty" in message(panel) and map_of(panel).pictures == before


def test_the_saved_panel_is_small():
    before, page_painting.STEPS = page_painting.STEPS, 10
    try:
        saved = json.dumps(dependency_state(all_widgets(machine.machine_panel(PROMPT).root)))
    finally:
        page_painting.STEPS = before
    assert len(saved) < 120_000


def test_only_whole_words_are_swapped():
    assert machine._swapped("an evergreen and a green owl", "green", "red") == "an evergreen and a red owl"
    assert machine._swapped("a red owl", "green", "red") == "a green owl"
