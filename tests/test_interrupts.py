"""An interrupt in the middle of an import waits for its end; afterwards the same cell works."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from course_utils.bench import kernels
from course_utils.runtime import ROOT

# A library that takes a second to import, and is of no use unless all of it is.
SLOW = {
    "__init__.py": "import time; time.sleep(0.4); from slow import core; READY = True",
    "core.py": "import time; time.sleep(0.4); DEEP = 7",
}
SCRIPT = """
import course_utils, os, signal, sys, threading, time

def interrupt_after(*moments):
    for moment in moments:
        threading.Timer(moment, os.kill, (os.getpid(), signal.SIGINT)).start()

try:
    {work}
except KeyboardInterrupt:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    here = sorted(name for name in sys.modules if "slow" in name)
    print("interrupted", time.perf_counter() - start < 15, here)
import slow
print(slow.READY, slow.core.DEEP)
"""
WHOLE, LATE = "['slow', 'slow.core']", "import slow; time.sleep(20)"


@pytest.fixture
def library(tmp_path, monkeypatch):
    for name, text in SLOW.items():
        path = tmp_path / "slow" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(ROOT))))


def said(work: str) -> list[str]:
    script = SCRIPT.format(work=f"start = time.perf_counter(); {work}")
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    return (run.stdout + run.stderr).splitlines()


@pytest.mark.long
@pytest.mark.parametrize("moment", [0.2, 0.6])
def test_one_interrupt_waits_for_the_end_of_an_import(moment, library):
    assert said(f"interrupt_after({moment}); {LATE}") == [f"interrupted True {WHOLE}", "True 7"]


@pytest.mark.long
def test_outside_of_an_import_it_comes_at_once(library):
    assert said("import slow; interrupt_after(0.1); time.sleep(20)") == [
        f"interrupted True {WHOLE}",
        "True 7",
    ]


@pytest.mark.long
def test_who_insists_breaks_an_import_off(library):
    assert said(f"interrupt_after(0.1, 0.18, 0.26, 0.34); {LATE}")[0] == "interrupted True []"


def interrupted(kernel: kernels.Kernel, code: str, moment: float) -> str:
    """Run a cell that is interrupted so many seconds after its start; how it ended."""
    clock = f"threading.Timer({moment}, os.kill, (os.getpid(), signal.SIGINT)).start()"
    try:
        kernel.show(f"import os, signal, threading\n{clock}\n{code}")
    except RuntimeError as error:
        return str(error)
    return "done"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process.")
@pytest.mark.long
def test_in_a_kernel_every_cell_is_guarded(library):
    with kernels.kernel() as kernel:
        kernel.value("import course_utils")
        assert "KeyboardInterrupt" in interrupted(kernel, "import time, slow; time.sleep(20)", 0.3)
        assert kernel.value("import slow; slow.core.DEEP") == 7
        start = time.monotonic()
        assert "KeyboardInterrupt" in interrupted(kernel, "import time; time.sleep(20)", 0.3)
        assert time.monotonic() - start < 15


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process.")
@pytest.mark.parametrize("moment", [0.2, 0.6])
@pytest.mark.long
def test_a_cell_that_ends_with_its_import_is_interrupted_too(moment, library):
    """Later it would be the kernel that is interrupted, while it sends its answer."""
    with kernels.kernel() as kernel:
        kernel.value("import course_utils")
        assert "KeyboardInterrupt" in interrupted(kernel, "import slow", moment)
        assert kernel.value("import slow; slow.core.DEEP") == 7


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process.")
@pytest.mark.parametrize("moment", [0.1, 0.4, 0.8, 1.5])
@pytest.mark.parametrize(
    ("before", "cell"),
    [
        ("import course_utils", "from course_utils.panels.reverse import denoising"),
        (
            "from course_utils.panels.reverse import denoising",
            "mine = denoising.train_here(steps=40)",
        ),
        (
            "from course_utils import painters; painter = painters.load(build=False)",
            "with painter.by_torch():\n    _ = painter.paint('a cat', steps=2).pixels",
        ),
    ],
    ids=["the first import", "the first training", "the first painting"],
)
def test_interrupted_early_the_same_cell_works_afterwards(moment, before, cell):
    with kernels.kernel() as kernel:
        kernel.value(before)
        interrupted(kernel, cell, moment)
        assert kernel.show(cell) > 0
