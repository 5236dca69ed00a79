"""Exported pages: stills in place of panels, in words where there is no picture, nothing from elsewhere."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils.panels.forward import drowning
from course_utils.panels.table import Table
from course_utils.widgets import Guess, LossView

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "Which level <b>rises</b>?"


@pytest.fixture(scope="module")
def panel():
    return drowning.schedule_panel()


@pytest.fixture(scope="module")
def notebook(panel, tmp_path_factory) -> Path:
    """A notebook that shows a panel, a guess, a training and a table, as the kernel hands them out."""
    shown = [
        panel,
        Guess(question=QUESTION, choices=["signal", "noise"]),
        Guess(question="Which?", choices=["signal", "noise"]).reveal("noise", "It is the noise."),
        LossView(alt="The training loss so far."),
        Table([("cat", "+0.12")], ("", "first")),
    ]
    outputs = [DisplayFormatter().format(item) for item in shown]
    cells = [
        new_code_cell("1", outputs=[new_output("display_data", data, metadata=metadata)])
        for data, metadata in outputs
    ]
    path = tmp_path_factory.mktemp("export") / "shown.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


# One process for all kinds, for it takes seconds to start.
EXPORT = """
import sys
from nbconvert.nbconvertapp import NbConvertApp
for kind in sys.argv[2:]:
    NbConvertApp.clear_instance()
    NbConvertApp.launch_instance(["--to", kind, "--output", kind, sys.argv[1]])
"""
KINDS = {"html": "html.html", "slides": "slides.slides.html"}


@pytest.fixture(scope="module")
def exported(notebook) -> Path:
    """The folder where the notebook was exported to, as the command of Jupyter does."""
    command = [sys.executable, "-c", EXPORT, str(notebook), *KINDS]
    settings = {"JUPYTER_CONFIG_PATH": str(ROOT / "jupyter")}
    result = subprocess.run(command, capture_output=True, text=True, env=os.environ | settings)
    assert result.returncode == 0, result.stderr
    return notebook.parent


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.long
def test_an_export_shows_stills_and_words(exported, panel, kind):
    page = (exported / KINDS[kind]).read_text(encoding="utf-8")
    (alt,) = re.findall(r'<img alt="([^"]*)" src="data:image/png;base64', page)
    assert html.unescape(alt) == panel.alt
    assert f"<p>{html.escape(QUESTION)} (signal · noise)</p>" in page
    assert "<details><summary>The answer to: Which?</summary><p><b>noise</b> It is the noise.</p>" in page
    assert "<p>The training loss so far.</p>" in page and "<td>+0.12</td>" in page
    assert not re.search(r"widget-view\+json|Guess\(|LossView\(|HTML\(value", page)
