"""Nothing is sent anywhere: seen from outside, where native code cannot hide."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from random_painter import CAT
from watched import watched

from course_utils import cache, runtime
from course_utils.runtime import ROOT

SHOWN = "import course_utils, json, os; print(json.dumps({name: os.environ[name] for name in %r}))"


def settings(**own: str) -> dict[str, str]:
    """What the libraries are told once the package is imported, over a person's own settings."""
    bare = {name: value for name, value in os.environ.items() if name not in runtime.QUIET}
    code = SHOWN % sorted(runtime.QUIET)
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**bare, **own}, capture_output=True, check=True
    )
    return json.loads(run.stdout)


def test_telemetry_is_off_unless_the_person_wants_it():
    assert settings() == runtime.QUIET
    assert settings(ORT_DISABLE_TELEMETRY="0")["ORT_DISABLE_TELEMETRY"] == "0"


def test_a_painting_by_the_fast_engine_tells_nobody(folder, built, tmp_path):
    pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")
    code = (
        "from course_utils import painters; from course_utils.painters import inference; "
        f"painter = painters.load({str(folder)!r}); painter.engine = inference.fast(painter.parts); "
        f"painter.paint({CAT!r}, steps=2).save('page.png'); print(painter.engine.name)"
    )
    seen = watched([sys.executable, "-c", code], tmp_path / "home", COURSE_CACHE=str(built))
    assert seen.out.endswith("ONNX Runtime\n") and (tmp_path / "page.png").exists()
    assert seen.contacted == [] and seen.left == []


@pytest.mark.slow
def test_the_command_that_paints_leaves_the_page_and_nothing_else(tmp_path):
    paint = [sys.executable, "-m", "course_utils", "paint", CAT, "--painter"]
    for name in ("picturebook", "picturebook-flow", "picturebook-fast"):
        seen = watched([*paint, name], tmp_path / name)
        assert seen.contacted == [] and seen.left == [] and (tmp_path / "page.png").exists()


@pytest.mark.slow
def test_building_graphs_tells_nobody_and_leaves_nothing_outside_the_cache(tmp_path):
    code = (
        "from course_utils import painters; painter = painters.load(); painter.engine.wait(None); "
        "painter.sketcher.engine.wait(None); print(painter.sketcher.engine.name)"
    )
    seen = watched([sys.executable, "-c", code], tmp_path / "home")
    assert seen.out.endswith("ONNX Runtime\n") and seen.contacted == []
    assert seen.left and {path.parts[:2] for path in seen.left} == {(".cache", cache.NAME)}


# What IPython and matplotlib keep for themselves, on this machine.
OF_THE_TOOLS = {".ipython", ".jupyter", ".local", ".config", ".cache/matplotlib", f".cache/{cache.NAME}"}


def strays(seen) -> list:
    return [path for path in seen.left if not any(path.is_relative_to(tool) for tool in OF_THE_TOOLS)]


@pytest.mark.slow
@pytest.mark.parametrize("notebook", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_tells_nobody(notebook, tmp_path):
    pytest.importorskip("nbconvert")
    run = ["-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", str(tmp_path), str(notebook)]
    seen = watched([sys.executable, *run], tmp_path / "home")
    assert seen.contacted == [] and strays(seen) == []


@pytest.mark.slow
def test_a_benchmark_tells_nobody(tmp_path):
    code = (
        "from course_utils.bench import cost, page_speed\n"
        "page_speed.one_picture(1); cost.by_steps(1); cost.memory(1)"
    )
    seen = watched([sys.executable, "-c", code], tmp_path / "home")
    assert seen.contacted == [] and strays(seen) == []
