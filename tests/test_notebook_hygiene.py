"""The notebooks as they lie in the repository: executed, small, short cells, and nothing of one machine."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
NAMES = (
    "01_forward_process",
    "02_reverse_process",
    "03_prompt_steering",
    "04_steps_vs_quality",
    "05_guidance",
)
MEGABYTE = 1_000_000
LOCAL_PATH = re.compile(r"(?<![\w.])(/(home|Users|root|tmp|var|opt|usr|work)/\w|[A-Z]:\\+Users)")

every_notebook = pytest.mark.parametrize("name", NAMES)


def read(name: str) -> nbformat.NotebookNode:
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code_cells(name: str) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


def without_magics(source: str) -> str:
    """Return a cell's source with IPython's own lines blanked, so that it parses."""
    return re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE)


def texts(node: object) -> Iterator[str]:
    """Yield every readable string of a notebook, leaving out bytes written as base64."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from texts(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("image/") or (key == "data" and isinstance(value, str)):
                continue
            yield from texts(value)


def test_there_are_five_notebooks():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == list(NAMES)


@every_notebook
def test_executed_in_order(name):
    counts = [cell.execution_count for cell in code_cells(name)]
    assert counts == list(range(1, len(counts) + 1)), "run `make notebooks`"
    for cell in code_cells(name):
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == ("raises-exception" in cell.metadata.get("tags", [])), cell.source


@every_notebook
def test_cells_are_short(name):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(name)]
    assert median(lengths) <= 8
    assert max(lengths) <= 20


@every_notebook
def test_file_is_small(name):
    # Up to 0.9 megabytes of it are the scripts and styles of views, which each saved view carries.
    assert (FOLDER / f"{name}.ipynb").stat().st_size < 3.4 * MEGABYTE


@every_notebook
def test_widget_state_is_saved(name):
    assert "widgets" in read(name).metadata, "run `make notebooks`"


@every_notebook
def test_nothing_of_one_machine(name):
    found = [match.group() for text in texts(dict(read(name))) for match in LOCAL_PATH.finditer(text)]
    assert not found
    assert read(name).metadata.kernelspec.name == "python3"
    assert dict(read(name).metadata.language_info) == {"name": "python"}, "run `make notebooks`"


@every_notebook
def test_pictures_within_html_are_not_compared_byte_for_byte(name):
    """Another version of matplotlib draws the same chart in other bytes; nbval leaves out pictures alone."""
    for cell in code_cells(name):
        drawn = ("data:image" in output.get("data", {}).get("text/html", "") for output in cell.outputs)
        assert "nbval-ignore-output" in cell.metadata.get("tags", ()) or not any(drawn), cell.source


def test_no_function_is_defined_twice():
    defined = Counter(
        node.name
        for name in NAMES
        for cell in code_cells(name)
        for node in ast.walk(ast.parse(without_magics(cell.source)))
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    )
    assert [name for name, count in defined.items() if count > 1] == []


@every_notebook
def test_a_newcomer_reads_on_the_first_screen_how_to_run(name):
    cells = read(name).cells
    assert [cell.cell_type for cell in cells[:2]] == ["markdown", "code"], "a title, then how to run"
    (note,) = cells[1].outputs
    assert "Run All Cells" in note.data["text/plain"] and "Shift + Enter" in note.data["text/markdown"]
    # The cell itself says nothing, so that running it takes the note away; nbval must not miss it.
    assert "print" not in cells[1].source and "nbval-ignore-output" in cells[1].metadata.tags


@every_notebook
def test_nothing_is_shown_that_makes_no_sense_without_the_code(name):
    """Voila hides the code: a cell ends in an instrument, a sentence or nothing, not in a bare value."""
    ends = [ast.parse(without_magics(cell.source)).body[-1] for cell in code_cells(name)]
    shown = [end.value for end in ends if isinstance(end, ast.Expr)]
    assert [ast.unparse(value) for value in shown if not isinstance(value, ast.Call | ast.Name)] == []


def test_voila_shows_a_page_as_it_comes():
    assert json.loads((ROOT / "voila.json").read_text())["VoilaConfiguration"]["progressive_rendering"]
    readme = (ROOT / "README.md").read_text().lower()
    assert "slide mode" not in readme and "run all cells" in readme
