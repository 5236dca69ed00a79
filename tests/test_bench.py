"""The benchmark runs and yields figures; how large they are is nobody's business here."""

import json
import math
import subprocess

import nbformat
from PIL import Image

from course_utils import bench
from course_utils.__main__ import main
from course_utils.bench import cost, figures, roof, start
from course_utils.runtime import ROOT

NOTEBOOKS = ROOT / "notebooks"


def test_a_quick_run_yields_finite_positive_figures(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(roof, "SHEET", 4)
    monkeypatch.setattr(roof, "BATCHES", (1, 2))
    monkeypatch.setattr(start, "FIRST", {"notebook 3": start.FIRST["notebook 3"]})
    monkeypatch.setattr(cost, "STEPS", (1, 2))
    monkeypatch.setattr(cost, "BATCHES", (2,))
    monkeypatch.setattr(cost, "MEMORY", {"torch": cost.MEMORY["torch"]})
    assert main(["bench", "--quick", "--json", "--plot", str(tmp_path / "bench.png")]) == 0
    assert Image.open(tmp_path / "bench.png").width > 600
    figures = json.loads(capsys.readouterr().out)
    assert len(figures) >= 9 and len({figure["name"] for figure in figures}) == len(figures)
    for figure in figures:
        assert 0 <= figure["low"] <= figure["median"] <= figure["high"] < math.inf and figure["unit"]


def test_the_table_has_a_line_a_figure(monkeypatch, capsys):
    monkeypatch.setattr(
        bench, "BENCHMARKS", (lambda repeats: [figures.Figure("sleep", 2.0, 1.0, 3.0, "ms")],)
    )
    assert bench.main([]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["sleep", "2.00", "1.00", "3.00", "ms"]


def test_the_first_instruments_are_those_of_the_notebooks():
    for k, source in enumerate(start.FIRST.values(), start=1):
        (notebook,) = NOTEBOOKS.glob(f"0{k}_*.ipynb")
        cells = nbformat.read(notebook, as_version=4).cells
        first = next(cell.source for cell in cells if "_panel()" in cell.source)
        imported, shown = source.split("; shown = ")
        assert imported in first and shown in first


def test_busy_neighbours_are_ended(monkeypatch):
    started = []
    start = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *a: started.append(start(*a)) or started[-1])
    with figures.busy(2):
        assert [process.poll() for process in started] == [None, None]
    assert all(process.poll() is not None for process in started)
