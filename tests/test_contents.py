"""Each notebook's contents and reading times are those that follow from the notebook itself."""

from __future__ import annotations

import sys

import nbformat
import pytest
from test_notebook_hygiene import ROOT, every_notebook, read

sys.path.insert(0, str(ROOT / "tools"))
import contents

MOST = 15.5  # minutes that the core of a notebook may take


@every_notebook
def test_the_stated_contents_are_the_computed_ones(name):
    notebook = read(name)
    (stated,) = [cell.source for cell in notebook.cells if "contents" in cell.metadata.get("tags", [])]
    assert stated == contents.table(contents.sections(notebook)), "run `make notebooks`"


@every_notebook
def test_the_core_is_a_lesson_of_fifteen_minutes(name):
    core = [section for section in contents.sections(read(name)) if not section.deeper]
    assert sum(section.minutes for section in core) <= MOST
    assert {section.title for section in core} >= {"Recap", "Try this"}


def cell(source, *outputs, hidden=False):
    found = nbformat.v4.new_code_cell(source, outputs=list(outputs))
    found.metadata["jupyter"] = {"source_hidden": hidden}
    return found


VIEW = nbformat.v4.new_output("execute_result", {contents.VIEW: {}})
FOLDED = nbformat.v4.new_output(
    "execute_result", {contents.VIEW: {}, "text/html": f"<details><p>{'word ' * 200}</p></details>"}
)


@pytest.mark.parametrize(
    ("one", "minutes"),
    [
        (cell("a = 1\n\nb = 2"), 2 * 4 / 60),
        (cell("a = 1\nb = 2", hidden=True), 0),
        (cell("show()", VIEW), 1 + 4 / 60),
        (cell("Guess('?')", VIEW, hidden=True), 0.5),
        (cell("guess.reveal(1)", VIEW, hidden=True), 0),
        (cell("Verdict('...', after=guess)", FOLDED, hidden=True), 1),
        (cell("say()", nbformat.v4.new_output("stream", text="word " * 200), hidden=True), 1),
    ],
)
def test_what_a_cell_takes(one, minutes):
    assert contents.code_minutes(one) == pytest.approx(minutes)


def test_sections_are_told_apart():
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Title\n" + "word " * 199),
            nbformat.v4.new_markdown_cell("## One\ntext\n## Two [a link](b) (deeper)\n" + "word " * 395),
        ]
    )
    first, one, two = contents.sections(notebook)
    assert first.minutes == pytest.approx(1, abs=0.01) and not one.deeper and two.deeper
    assert two.minutes == pytest.approx(2, abs=0.02)


def test_challenges_take_as_long_as_they_take():
    """A reader passes the cells of a challenge by; what stands beside them is read."""
    code = nbformat.v4.new_code_cell("line = 1\n" * 15)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Try this\nWords."), code])
    before = contents.sections(notebook)[-1].minutes
    code.metadata.tags = ["challenge"]
    after = contents.sections(notebook)[-1].minutes
    assert before - after == pytest.approx(1) and after > 0
