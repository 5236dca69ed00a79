"""What the package offers a notebook stands in one, and what a list must name is named there."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from course_utils.challenges.catalogue import BY_NOTEBOOK
from course_utils.runtime import MODELS
from course_utils.sampling import SAMPLERS
from course_utils.widgets import marks, palette

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "course_utils"


def public_functions(room: str) -> dict[str, Path]:
    """Return the public functions of a room's modules, by name."""
    return {
        node.name: path
        for path in sorted((PACKAGE / room).rglob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def called_in(pattern: str, name: str = r"\w+") -> set[str]:
    """Return the names, of functions or as `name` says, in files of the repository."""
    return {
        found for path in ROOT.glob(pattern) for found in re.findall(name, path.read_text(encoding="utf-8"))
    }


def test_every_panel_stands_in_a_notebook_and_in_a_test():
    panels = {name: path for name, path in public_functions("panels").items() if name.endswith("_panel")}
    assert len(panels) > 20
    for where, pattern in (("notebook", "notebooks/*.ipynb"), ("test", "tests/test_*.py")):
        missing = sorted(panels.keys() - called_in(pattern))
        assert not missing, (
            f"no {where} shows {', '.join(missing)}: add a cell or a test, or remove the panel"
        )


def sources(notebook: str) -> str:
    """Return what stands in a notebook's code cells."""
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("notebook", BY_NOTEBOOK)
def test_every_challenge_has_its_stub_and_its_panel_in_its_notebook(notebook):
    code = sources(notebook)
    for challenge in BY_NOTEBOOK[notebook]:
        panel = f'challenge_panel("{challenge.name}", lambda:'
        assert challenge.stub in code and panel in code, f"{notebook} lacks {challenge.name}"
        assert code.index(challenge.stub) < code.index(panel)
    for panel in ("opening_panel", "closing_panel"):
        assert f'challenges.{panel}("{notebook}")' in code


def test_every_sampler_was_measured():
    curves = json.loads((MODELS / "picturebook" / "curves.json").read_text(encoding="utf-8"))
    assert set(curves["samplers"]) == set(SAMPLERS), (
        "notebook 4 compares all samplers: run `make measure` and commit its curves"
    )


def test_every_sampler_has_a_colour():
    for table in (palette.SERIES_LIGHT, palette.SERIES_DARK, marks.MARKS, marks.DASHES, marks.HATCHES):
        assert len(SAMPLERS) <= len(table), (
            "notebook 4 draws each sampler in its own colour: add one to SERIES_LIGHT and SERIES_DARK in "
            "widgets/palette.py, and a mark, dashes and a hatch to widgets/marks.py"
        )


def test_every_training_command_is_in_the_recipe():
    commands = re.findall(r"^(train-[\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = called_in("CONTRIBUTING.md", r"train-[\w-]+")
    missing = sorted(set(commands) - named)
    assert commands and not missing, (
        f"CONTRIBUTING.md, Training, does not say when to run {', '.join(missing)}"
    )
