"""The benchmark runs and yields figures; how large they are is nobody's business here."""

import json
import math
import subprocess

import nbformat
import pytest
from PIL import Image

from course_utils import bench
from course_utils.__main__ import main
from course_utils.bench import (
    cost,
    figures,
    lesson,
    page_speed,
    particle_speed,
    plots,
    quality,
    roof,
    runtimes,
    start,
    tricks,
)
from course_utils.runtime import ROOT
from course_utils.training import examination, measure

NOTEBOOKS = ROOT / "notebooks"


def benchmarks(*names):
    return [one for one in bench.BENCHMARKS if one.__name__ in names]


@pytest.mark.graphs
@pytest.mark.parametrize(
    "chosen",
    [
        benchmarks("import_time", "evaluations", "painting", "one_picture", "by_steps", "wrapping"),
        pytest.param(
            # What these three measure has tests of its own.
            [
                one
                for one in bench.BENCHMARKS
                if one not in benchmarks("storm", "other_painters", "of_the_card")
            ],
            marks=pytest.mark.slow,
        ),
    ],
    ids=["cheap", "all"],
)
def test_a_quick_run_yields_finite_positive_figures(capsys, monkeypatch, tmp_path, chosen):
    monkeypatch.setattr(roof, "SHEET", 4)
    monkeypatch.setattr(roof, "BATCHES", (1, 2))
    monkeypatch.setattr(start, "FIRST", {"notebook 3": start.FIRST["notebook 3"]})
    monkeypatch.setattr(cost, "STEPS", (1, 2))
    monkeypatch.setattr(cost, "BATCHES", (2,))
    monkeypatch.setattr(cost, "MEMORY", {"torch": cost.MEMORY["torch"]})
    monkeypatch.setattr(lesson, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(lesson, "_SHEET", lesson._SHEET.replace(f"asked, {lesson.SHEET}", "asked, 3"))
    monkeypatch.setattr(bench, "BENCHMARKS", chosen)
    monkeypatch.setattr(figures, "_SPIN", "import time; time.sleep(600)")  # nobody looks at the times
    monkeypatch.setattr(page_speed, "NEIGHBOURS", (0, 1))
    monkeypatch.setattr(page_speed, "STEPS", 3)
    for one in (particle_speed, roof):
        monkeypatch.setattr(one, "NEIGHBOURS", (1,))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import course_utils")])
    nbformat.write(notebook, tmp_path / "01_short.ipynb")
    assert main(["bench", "--quick", "--json", "--plot", str(tmp_path / "bench.png")]) == 0
    assert Image.open(tmp_path / "bench.png").width > 600
    found = json.loads(capsys.readouterr().out)
    assert len(found) >= 9 and len({figure["name"] for figure in found}) == len(found)
    assert any(figure["name"] == "times faster than stock beside 1 busy process, torch" for figure in found)
    for figure in found:
        assert 0 <= figure["low"] <= figure["median"] <= figure["high"] < math.inf and figure["unit"]


@pytest.mark.slow
def test_the_other_painters_are_compared_with_their_stock_pipelines(monkeypatch):
    monkeypatch.setattr(page_speed, "OTHERS", {"picturebook-fast": 1})
    found = page_speed.other_painters(1)
    assert len(found) == 3 and all(0 < figure.low <= figure.high < math.inf for figure in found)


@pytest.mark.slow
def test_the_card_is_examined_once_more(monkeypatch):
    monkeypatch.setattr(quality, "QUESTIONS", 10)
    monkeypatch.setattr(quality, "LIBRARY", 40)
    card = measure.CARDS["picturebook"]
    monkeypatch.setattr(measure, "CARDS", {"picturebook": {**card, "steps": 10}})
    for module in (examination, measure):  # distances of features have tests of their own, and take seconds
        monkeypatch.setattr(module, "frechet", lambda one, other: float(len(one)))
    found = quality.of_the_card(1)
    assert all(0 <= figure.low <= figure.median <= figure.high <= 100 for figure in found)
    named = {figure.name: figure.median for figure in found}
    assert named["prompts met, seen, 10 questions"] >= 80 > 20 > named["prompts met, w = 0, 10 questions"]


def test_the_table_has_a_line_a_figure(monkeypatch, capsys):
    monkeypatch.setattr(
        bench, "BENCHMARKS", (lambda repeats: [figures.Figure("sleep", 2.0, 1.0, 3.0, "ms")],)
    )
    assert bench.main([]) == 0
    assert capsys.readouterr().out.splitlines()[1].split() == ["sleep", "2.00", "1.00", "3.00", "ms"]


def nothing_is_measured(repeats):
    raise AssertionError("the figures were kept")


@pytest.mark.long
def test_kept_figures_are_drawn_anew_and_nothing_is_measured(monkeypatch, capsys, tmp_path):
    ways = [f"a page of 20 steps, {way}{mood}" for way in plots.WAYS for mood, *_ in plots.MOODS]
    more = ["a page of 1 steps", "a page of 20 steps", "a guided pass of 1, against the roof"]
    made = [figures.Figure(name, 2.0, 1.0, 3.0, "ms") for name in ways + more]
    monkeypatch.setattr(bench, "BENCHMARKS", (lambda repeats: made,))
    kept, first, second = (tmp_path / name for name in ("bench.json", "first.png", "second.png"))
    assert main(["bench", "--json", "--plot", str(first)]) == 0
    kept.write_text(capsys.readouterr().out)
    monkeypatch.setattr(bench, "BENCHMARKS", (nothing_is_measured,))
    assert main(["bench", "--kept", str(kept), "--plot", str(second)]) == 0
    assert second.read_bytes() == first.read_bytes() and "2.00" in capsys.readouterr().out


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"a": 1}', "[1]", '[{"name": "a"}]', "\xe9"])
def test_a_file_without_figures_is_one_sentence(monkeypatch, capsys, tmp_path, text):
    kept = tmp_path / "bench.json"
    if text is not None:
        kept.write_bytes(text.encode("latin-1"))
    monkeypatch.setattr(bench, "BENCHMARKS", (nothing_is_measured,))
    assert main(["bench", "--kept", str(kept)]) == 2
    assert "holds no figures" in capsys.readouterr().err


def test_the_first_instruments_are_those_of_the_notebooks():
    assert len(start.FIRST) == len(list(NOTEBOOKS.glob("*.ipynb"))) == 5
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


@pytest.mark.graphs
def test_runtimes_are_compared(capsys, monkeypatch):
    pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")
    monkeypatch.setattr(runtimes, "PICTURES", (1,))
    monkeypatch.setattr("torch.compile", lambda network: network)  # half a minute otherwise
    assert main(["bench", "--quick", "--runtimes"]) == 0
    told = capsys.readouterr().out
    assert "ONNX Runtime, 1 thread, a guided pass of 1" in told and "torch, 1 thread" in told


@pytest.mark.graphs
def test_what_each_trick_gains_is_told(capsys, monkeypatch):
    for name, few in {
        "PROMPTS": tricks.PROMPTS[:1],
        "SEEDS": (0,),
        "DIALS": (5.0,),
        "STEPS": 2,
        "FEW": 1,
    }.items():
        monkeypatch.setattr(tricks, name, few)
    assert main(["bench", "--quick", "--tricks"]) == 0
    told = capsys.readouterr().out
    for trick in ("at a new time, against one kept", "against eight bits", "guided early, to their pages"):
        assert trick in told
