"""What a learner sees of the code of notebooks 4 and 5: short, narrow, with the loop and a line to change."""

from __future__ import annotations

from statistics import median

import pytest
from test_notebook_hygiene import code_cells

COLUMNS, LINES = 79, 15  # what fits on a projector
MARK = "# ← change this: "
LOOP = (
    "clean = (x - noise_level[t] * eps) / signal[t]",
    "x = signal[s] * clean + noise_level[s] * eps",
)
# The ideas that must be written out where everybody sees them, by notebook.
IDEAS = {
    "04_steps_vs_quality": (
        "self.calls += 1",
        "SAMPLERS[name].walk(predict, noise, trailing(few), painter.path)",
        "student = (x - noise_level * eps) / signal",
    ),
    "05_guidance": (
        "eps = eps_uncond + w * (eps_cond - eps_uncond)",
        "eps = eps_uncond + strength * (eps_cond - eps_uncond)",
        'eps_uncond = denoiser.predict(x, t, "")',
        "eps_uncond = painter.predict(x, t, others)",
    ),
}
every = pytest.mark.parametrize("name", IDEAS)


def visible(name: str) -> list[str]:
    """The code that is not folded away, without the cell that fetches the course."""
    return [
        cell.source
        for cell in code_cells(name)
        if not cell.metadata.get("jupyter", {}).get("source_hidden") and "google.colab" not in cell.source
    ]


@every
def test_visible_cells_fit_a_projector(name):
    lines = [cell.splitlines() for cell in visible(name)]
    assert max(len(line) for cell in lines for line in cell) <= COLUMNS
    assert max(map(len, lines)) <= LINES and median(map(len, lines)) <= 8


@every
def test_the_ideas_are_written_out(name):
    code = "\n".join(visible(name))
    assert [idea for idea in (*LOOP, *IDEAS[name]) if idea not in code] == []


@every
def test_a_learner_is_asked_to_change_one_line_at_a_time(name):
    marks = [cell.count(MARK) for cell in visible(name)]
    assert max(marks) == 1 and sum(marks) >= 3
    for cell in visible(name):
        if any(line in cell for line in LOOP):
            assert MARK in cell


def test_the_same_loop_serves_points_and_latents():
    loops = [cell for cell in visible("05_guidance") if all(line in cell for line in LOOP)]
    assert any("denoiser.predict" in cell for cell in loops) and any(
        "painter.predict" in cell for cell in loops
    )
