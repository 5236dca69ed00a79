"""Run from the middle: one sentence that says where to start, in a kernel that has seen nothing yet."""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import kernels
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
STARTUP = ROOT / "tools" / "kernel_startup.py"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def kernel() -> Iterator[kernels.Kernel]:
    """A kernel as an environment of the course starts it, which has run no cell."""
    with kernels.started(f"--IPKernelApp.exec_files={STARTUP}") as kernel:
        yield kernel


def error(messages: kernels.Messages) -> dict[str, object]:
    """What a cell failed with."""
    return next(content for kind, content in messages if kind == "error")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_from_the_middle_says_where_to_start(kernel, notebook):
    cells = [cell for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]
    middle = next(cell for cell in cells[4:] if "import " not in cell.source)
    failed = error(kernel.run(middle.source))
    assert failed["ename"] == "NameError" and "Run All Above Selected Cell" in failed["evalue"]
    assert len(failed["traceback"]) == 1, "one sentence, no traceback"


def test_a_startup_leaves_no_name_behind(kernel):
    (names,) = [c["data"]["text/plain"] for kind, c in kernel.run("dir()") if kind == "execute_result"]
    assert "suppress" not in names and "course_utils" not in names


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="others give memory back by themselves, or never"
)
def test_a_cell_that_has_ended_gives_back_what_it_freed(kernel):
    """What lies below something that is still in use, which glibc keeps."""
    kernel.run("import psutil; process = psutil.Process(); low = [bytes(700) for _ in range(200_000)]")
    kernel.run("high = bytes(700)")
    before = "print(process.memory_info().rss)\ndel low"
    (most,) = [c["text"] for kind, c in kernel.run(before) if kind == "stream"]
    (left,) = [c["text"] for kind, c in kernel.run("print(process.memory_info().rss)") if kind == "stream"]
    assert int(most) - int(left) > 100_000_000


def test_unknown_names_elsewhere_and_other_mistakes_keep_their_traceback(kernel):
    inside = (
        "import types; there = types.ModuleType('there')\nexec('def f(): return nowhere', there.__dict__)"
    )
    for source, name in (
        (f"{inside}\nthere.f()", "NameError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def f():\n    x += 1\nf()", "UnboundLocalError"),
    ):
        failed = error(kernel.run(source))
        assert failed["ename"] == name and len(failed["traceback"]) > 1
        assert "Run All Above" not in failed["evalue"]


@pytest.mark.long
def test_importing_a_panel_is_enough_where_no_environment_is_ours():
    with kernels.started() as bare:
        source = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import course_utils.panels"
        assert "error" not in dict(bare.run(source))
        assert "Run All Above Selected Cell" in error(bare.run("reverse.badges_panel()"))["evalue"]


def test_the_set_up_copies_it_to_where_kernels_look(tmp_path):
    spec = importlib.util.spec_from_file_location("setup_env", ROOT / "tools" / "setup_env.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.install_files(SimpleNamespace(folder=tmp_path))
    assert (tmp_path / "etc" / "ipython" / "startup" / STARTUP.name).read_text() == STARTUP.read_text()
