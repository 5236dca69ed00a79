"""The code is the lesson: what a learner reads of a notebook who opens nothing that is folded."""

from __future__ import annotations

import ast
from itertools import chain
from statistics import median

import pytest
from test_notebook_hygiene import code_cells, every_notebook, without_magics

COLUMNS, LINES = 79, 15  # what fits on a projector
MARK = "# ← change this"
# The sampling loop, by its lines, wherever it is written out.
LOOP = (
    "clean = (x - noise_level[t] * eps) / signal[t]",
    "x = signal[s] * clean + noise_level[s] * eps",
)
# The ideas that must stand where everybody sees them, by notebook.
IDEAS = {
    "01_forward_process": (
        "x_t = signal * x0 + noise_level * eps",
        "loss = ((my_guess(x_t, t) - eps) ** 2).mean()",
        "vae.encode(x).latent_dist.mean",
    ),
    "02_reverse_process": (
        *LOOP,
        "torch.randint(1, 1001",
        "x_t = signal[t, None] * x0 + noise_level[t, None] * eps",
        "told = (name + 1) * (torch.rand(1024) >= dropout)",
        "loss = ((network(x_t, t.float(), told) - eps) ** 2).mean()",
        "loss.backward()",
        "x = x + (s - t) / 1000 * v",
    ),
    "03_prompt_steering": (
        *LOOP,
        "StableDiffusionPipeline.from_pretrained(home)",
        "encoder(tokens).last_hidden_state",
        "q @ k.mT / k.shape[-1] ** 0.5",
        "scores.softmax(-1) @ v",
        "x = torch.where(hole, x, kept)",
    ),
    "04_steps_vs_quality": (
        *LOOP,
        "self.calls += 1",
        "SAMPLERS[name].walk(predict, noise, trailing(few), painter.path)",
        "student = (x - noise_level * eps) / signal",
    ),
    "05_guidance": (
        *LOOP,
        "eps = eps_uncond + w * (eps_cond - eps_uncond)",
        "eps = eps_uncond + strength * (eps_cond - eps_uncond)",
        'eps_uncond = denoiser.predict(x, t, "")',
        "eps_uncond = painter.predict(x, t, others)",
    ),
}


def visible(name: str) -> list[str]:
    """The code that is not folded away, without the cell that fetches the course."""
    return [
        cell.source
        for cell in code_cells(name)
        if not cell.metadata.get("jupyter", {}).get("source_hidden") and "google.colab" not in cell.source
    ]


def loops(name: str) -> list[list[str]]:
    """The sampling loops of a notebook's visible cells, without comments."""
    nodes = chain.from_iterable(ast.walk(ast.parse(without_magics(source))) for source in visible(name))
    return [
        [ast.unparse(line) for line in node.body]
        for node in nodes
        if isinstance(node, ast.For) and "trailing" in ast.unparse(node.iter)
    ]


@every_notebook
def test_visible_cells_fit_a_projector(name):
    lines = [source.splitlines() for source in visible(name)]
    assert [line for line in chain(*lines) if len(line) > COLUMNS] == []
    assert max(map(len, lines)) <= LINES and median(map(len, lines)) <= 8


@every_notebook
def test_the_ideas_are_written_out(name):
    code = "\n".join(visible(name))
    assert [idea for idea in IDEAS[name] if idea not in code] == []


@every_notebook
def test_a_learner_is_asked_to_change_one_line_at_a_time(name):
    marks = [source.count(MARK) for source in visible(name)]
    assert max(marks) == 1 and sum(marks) >= 3
    assert [one for one in visible(name) if MARK not in one and any(line in one for line in LOOP)] == []


@pytest.mark.parametrize("name", ["02_reverse_process", "05_guidance"])
def test_one_loop_leads_to_points_and_to_a_page(name):
    points, page, *_ = ([line for line in body if line in LOOP] for body in loops(name))
    assert points == page == list(LOOP)


def test_the_plain_loop_is_three_lines_the_same_on_points_and_on_latents():
    points, page, *_ = loops("02_reverse_process")
    assert points == page and len(points) == 3
