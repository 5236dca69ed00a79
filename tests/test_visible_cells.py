"""The code is the lesson: what a learner reads of a notebook who opens nothing that is folded."""

from __future__ import annotations

import ast
import symtable
from itertools import chain
from statistics import median

import pytest
from test_notebook_hygiene import code_cells, every_notebook, without_magics

COLUMNS, LINES = 79, 15  # what fits on a projector
MARK = "# ← change this"
ON_PURPOSE = "# run the loop"  # a line that gives an earlier cell something else to run with
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


def read_and_bound(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell takes from others, and those that it leaves to others; imports do not count."""
    cell = symtable.symtable(source, "cell", "exec")
    read = {one.get_name() for one in cell.get_symbols() if one.is_referenced() and not one.is_assigned()}
    bound = {one.get_name() for one in cell.get_symbols() if one.is_assigned() and not one.is_imported()}
    inside = [one for scope in cell.get_children() for one in scope.get_symbols() if one.is_global()]
    return read | {one.get_name() for one in inside} - bound, bound


def spoiled(sources: list[str]) -> list[tuple[int, int, set[str]]]:
    """Where a cell that a learner is asked to change reads what a later cell has made something else of."""
    kept = [
        "\n".join(line for line in without_magics(source).splitlines() if ON_PURPOSE not in line)
        for source in sources
    ]
    pairs = [read_and_bound(source) for source in kept]
    return [
        (k, j, pairs[k][0] & pairs[j][1])
        for k, source in enumerate(sources)
        if MARK in source
        for j in range(k + 1, len(pairs))
        if pairs[k][0] & pairs[j][1]
    ]


@every_notebook
def test_a_cell_to_change_runs_as_well_when_all_below_has_run(name):
    assert spoiled([cell.source for cell in code_cells(name)]) == []


def test_what_spoils_a_cell_is_found():
    first, second = "predict = exact", f"eps = predict(x)  {MARK}"
    assert spoiled([first, second, "predict = other"]) == [(1, 2, {"predict"})]
    assert spoiled([first, second, f"predict = other  {ON_PURPOSE} again"]) == []
    assert spoiled([first, second, "pages = [predict for predict in others]"]) == []
