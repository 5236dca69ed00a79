"""What the package offers a notebook stands in one, and what a list must name is named there."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from course_utils import challenges
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


def test_every_challenge_is_offered_set_and_tested():
    made = {name for name, path in public_functions("challenges").items() if path.name not in {"engine.py"}}
    assert made == set(challenges.__all__), (
        "a challenge is imported in challenges/__init__.py, and in __all__"
    )
    for where, pattern in (("notebook", "notebooks/*.ipynb"), ("test", "tests/test_challenges.py")):
        missing = sorted(made - called_in(pattern))
        assert not missing, f"no {where} has the challenge {', '.join(missing)}"


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
