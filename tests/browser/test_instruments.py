"""The first two notebooks in a real JupyterLab: opened, run, dragged by the mouse, played to the end."""

from __future__ import annotations

import numpy as np
import pytest
from latency import DROWNER, measure_frozen
from notebook_page import NotebookPage

pytestmark = pytest.mark.browser

PLAYER = "canvas[data-step]"
TWO_FRAMES = 33  # milliseconds on a 60 Hz screen


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of pixels that differ."""
    assert before.shape == after.shape
    return float((before != after).any(axis=-1).mean())


def drag_changes_the_picture(notebook: NotebookPage, label: str, selector: str, attribute: str) -> float:
    canvas = notebook.find(selector)
    before, at = notebook.pixels(canvas), canvas.get_attribute(attribute)
    for fraction in (0.15, 0.7):
        notebook.drag(notebook.slider(label), fraction)
    notebook.wait_attribute(canvas, attribute, f"(?!{at}$).*")
    return changed(before, notebook.pixels(canvas))


@pytest.fixture(scope="module")
def forward(open_notebook) -> NotebookPage:
    notebook = open_notebook("01_forward_process.ipynb")
    notebook.run_all()
    return notebook


@pytest.fixture(scope="module")
def reverse(open_notebook) -> NotebookPage:
    notebook = open_notebook("02_reverse_process.ipynb")
    notebook.run_all()
    return notebook


def test_dragging_the_slider_drowns_the_picture(forward):
    assert drag_changes_the_picture(forward, "t", DROWNER, "data-t") > 0.5
    assert forward.problems == []


def test_the_picture_follows_while_the_kernel_sleeps(forward):
    latency = measure_frozen(forward)
    if latency.p95 > TWO_FRAMES:  # another program may have had the cores: once more, then it is ours
        latency = measure_frozen(forward)
    print(latency)
    assert latency.events == 200 and latency.unpainted == 0, str(latency)
    assert latency.p95 <= TWO_FRAMES, str(latency)
    assert forward.problems == []


def test_dragging_the_slider_moves_the_particles(reverse):
    assert drag_changes_the_picture(reverse, "step", PLAYER, "data-step") > 0.01
    assert reverse.problems == []


def test_playing_runs_to_the_last_step(reverse):
    canvas = reverse.find(PLAYER)
    last = reverse.slider("step").locator(".noUi-handle").get_attribute("aria-valuemax")
    reverse.find(".widget-play .jupyter-button").click()
    reverse.wait_attribute(canvas, "data-step", str(int(float(last))))
    assert reverse.problems == []
