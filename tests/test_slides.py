"""The slide path of each notebook is the one that follows from the rule, and a class can follow it."""

from __future__ import annotations

import json
import sys

import nbformat
import pytest
from test_notebook_hygiene import FOLDER, ROOT, every_notebook, read

sys.path.insert(0, str(ROOT / "tools"))
import slides

VIEW = nbformat.v4.new_output("execute_result", {"text/plain": "Panel"})
LINKS = slides.linked((FOLDER / slides.PLAN).read_text(encoding="utf-8"))


def computed(name: str) -> list[str]:
    visited = {anchor for file, anchor in LINKS if file == f"{name}.ipynb"}
    return [kind for _, kind in slides.slide_path(read(name), visited)]


@every_notebook
def test_the_slides_of_a_notebook_are_the_computed_ones(name):
    stated = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in read(name).cells]
    assert stated == computed(name), "run `make notebooks`"


@every_notebook
def test_a_heading_stands_at_the_head_of_its_cell(name):
    """Else its slide would begin with the last words of another section."""
    texts = [cell.source for cell in read(name).cells if cell.cell_type == "markdown"]
    assert [text for text in texts if "\n## " in text] == []


def folded(source, *outputs, tags=()):
    cell = code(source, *outputs, tags=tags)
    cell.metadata["jupyter"] = {"source_hidden": True}
    return cell


def code(source, *outputs, tags=()):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def text(source, tags=()):
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        (text("# 1 · Title"), "slide"),
        (text("## Section\nwith words"), "slide"),
        (text("Words to read."), "notes"),
        (text("A formula\n\n$$a = b$$"), "slide"),
        (text("| contents |", tags=["contents"]), "skip"),
        (code("drown_panel()", VIEW), "slide"),
        (code("x = signal * x0"), "slide"),
        (code("my_answer = ...", tags=["challenge"]), "skip"),
        (folded("import torch"), "skip"),
        (folded("import sys", VIEW, tags=["bootstrap"]), "skip"),
        (folded("assert x", tags=["check"]), "skip"),
        (folded("guess = Guess(\n)", VIEW), "slide"),
        (folded("poll.poll_panel(guess)", VIEW, tags=["class"]), "slide"),
        (folded("guess.reveal(1, '')", VIEW), "slide"),
        (folded("Verdict('It is so.')", VIEW), "fragment"),
    ],
)
def test_where_a_cell_stands(cell, kind):
    assert slides.place(cell) == kind


def test_deeper_sections_are_left_out_unless_the_plans_visit_them():
    cells = [text("## One"), code("a"), text("## Two (deeper)"), code("b"), text("## Three"), code("c")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    for visited, between in ((set(), "skip"), ({"Two-(deeper)"}, "slide")):
        shown = [kind for _, kind in slides.slide_path(notebook, visited)]
        assert shown == ["slide", "slide", between, between, "slide", "slide"]


def test_a_table_has_a_slide_of_its_own_but_below_prose():
    table = nbformat.v4.new_output("display_data", data={"text/html": "<p>So.</p><table></table>"})
    for above, kind in (
        (text("## The bill"), "fragment"),
        (code("x = 1"), "slide"),
        (code("panel()", VIEW), "slide"),
    ):
        sentences = [folded("Verdict('So.')", VIEW) for _ in range(2)]
        cells = [above, sentences[0], folded("Verdict('So.', table=rows)", table), sentences[1]]
        shown = [kind for _, kind in slides.slide_path(nbformat.v4.new_notebook(cells=cells), set())]
        assert shown == ["slide", "fragment", kind, "fragment"]


def test_a_link_to_a_deeper_section_is_read_with_its_parentheses():
    plan = "See [it](03_a.ipynb#Brush-it-(deeper)), [that](03_a.ipynb#What-now?) and [all](03_a.ipynb)."
    assert slides.linked(plan) == {("03_a.ipynb", "Brush-it-(deeper)"), ("03_a.ipynb", "What-now?")}


def test_writing_changes_nothing_but_the_metadata_and_writing_twice_nothing(tmp_path, monkeypatch):
    for path in (FOLDER / "05_guidance.ipynb", FOLDER / slides.PLAN):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(sys, "argv", ["slides.py", "--write", str(tmp_path)])
    written = []
    for _ in range(2):
        assert slides.main() == 0
        written.append((tmp_path / "05_guidance.ipynb").read_text(encoding="utf-8"))
    assert written[0] == written[1]
    before, after = (json.loads(file) for file in (json.dumps(read("05_guidance")), written[0]))
    for notebook in (before, after):
        for cell in notebook["cells"]:
            cell["metadata"].pop("slideshow", None)
    assert [cell["metadata"] for cell in before["cells"]] == [cell["metadata"] for cell in after["cells"]]
    assert before["metadata"] == after["metadata"]
