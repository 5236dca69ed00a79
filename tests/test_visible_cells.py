"""The code is the lesson: what a learner reads who opens nothing that is folded."""

from __future__ import annotations

import ast

import pytest
from test_notebook_hygiene import code_cells, without_magics

WRITTEN_OUT = ("01_forward_process", "02_reverse_process")
MARK = "# ← change this"
MOST_LINES, MOST_COLUMNS = 15, 79  # what a projector shows


def visible(name: str) -> list[str]:
    return [
        cell.source for cell in code_cells(name) if not cell.metadata.get("jupyter", {}).get("source_hidden")
    ]


def loops(name: str) -> list[list[str]]:
    """The sampling loops of a notebook's visible cells, without comments."""
    nodes = (node for source in visible(name) for node in ast.walk(ast.parse(without_magics(source))))
    return [
        [ast.unparse(line) for line in node.body]
        for node in nodes
        if isinstance(node, ast.For) and "trailing" in ast.unparse(node.iter)
    ]


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_visible_cells_fit_a_projector(name):
    for source in visible(name):
        lines = source.splitlines()
        assert len(lines) <= MOST_LINES, source
        assert max(map(len, lines)) <= MOST_COLUMNS, source


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_a_learner_changes_one_line_a_cell(name):
    marks = [source.count(MARK) for source in visible(name)]
    assert max(marks) == 1 and sum(marks) >= 5


def test_one_loop_leads_to_points_and_to_a_page():
    points, page, *_ = loops("02_reverse_process")
    assert points == page and len(points) == 3


def test_a_training_step_is_written_out():
    (training,) = [source for source in visible("02_reverse_process") if "loss.backward()" in source]
    for part in ("torch.randint(1, 1001", "torch.randn(", "signal[t, None] * x0", "dropout", "- eps) ** 2"):
        assert part in training, part
