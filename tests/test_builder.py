"""One builder of graphs on a machine at a time; it leaves nothing behind and ends with who asked for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from course_utils import cache, paint
from course_utils.painters.inference import builder
from course_utils.runtime import ROOT, CourseError

pytestmark = pytest.mark.graphs

PATIENCE = 240  # seconds; a busy machine is slow to start a process

# Stands for a module that builds graphs: notes that it began and where, works for a while, leaves a file.
MODULE = """
import os, time
from course_utils import cache
from course_utils.painters.inference import builder

def build(material):
    with builder.scratch() as folder, open({log!r}, "a") as log:
        (folder / "graph.onnx").write_text("half a graph")
        print(os.getpid(), cache.folder(), file=log, flush=True)
        time.sleep({seconds})
        (folder / "graph.onnx").replace(cache.folder() / "graph.onnx")
"""
# What a kernel runs that asks for graphs.
ASK = """
from pathlib import Path
from course_utils import cache
from course_utils.painters.inference import builder
builder.built_apart({module!r}, lambda: (cache.folder() / "graph.onnx").exists(), [Path({folder!r})])
"""


def there() -> bool:
    return (cache.folder() / "graph.onnx").exists()


class Workshop:
    """A checkpoint without parts, modules that build for so many seconds, and their log."""

    def __init__(self, home: Path) -> None:
        self.home, self.log, self.cache = home, home / "log", home / "cache" / cache.NAME

    def module(self, seconds: float) -> str:
        name = f"building_for_{int(1000 * seconds)}"
        (self.home / f"{name}.py").write_text(MODULE.format(log=str(self.log), seconds=seconds))
        return name

    def build(self, module: str) -> None:
        builder.built_apart(module, there, [self.home / "checkpoint"])

    def kernel(self, module: str) -> subprocess.Popen:
        """A process that asks for graphs."""
        code = ASK.format(module=module, folder=str(self.home / "checkpoint"))
        return subprocess.Popen([sys.executable, "-c", code], cwd=self.home)

    def builds(self) -> list[list[str]]:
        """Process and cache folder of every build so far, in order."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line.split(maxsplit=1) for line in lines]

    def begun(self) -> psutil.Process:
        """The process of the first build, once there is one."""
        return psutil.Process(int(until(self.builds)[0][0]))

    def left(self) -> list[Path]:
        return [path for path in self.cache.iterdir() if path.is_dir()]


def until(look, seconds=PATIENCE):
    """What `look` finds, once it finds something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "in vain"
        time.sleep(0.05)
    return found


@pytest.fixture
def workshop(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (tmp_path, ROOT))))
    return Workshop(tmp_path)


def test_three_kernels_build_once(workshop):
    kernels = [workshop.kernel(workshop.module(1)) for _ in range(3)]
    assert [kernel.wait(PATIENCE) for kernel in kernels] == [0, 0, 0]
    assert there() and len(workshop.builds()) == 1


def test_threads_of_one_kernel_build_once_too(workshop):
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(workshop.build, [workshop.module(0.5)] * 3))
    assert there() and len(workshop.builds()) == 1


def test_a_builder_ends_with_its_kernel_and_what_it_leaves_is_swept(workshop):
    kernel = workshop.kernel(workshop.module(600))
    working = workshop.begun()
    kernel.kill()
    kernel.wait()
    until(lambda: not working.is_running() or working.status() == psutil.STATUS_ZOMBIE)
    assert len(workshop.left()) == 1 and not there()
    workshop.build(workshop.module(0))  # the lock died with its owner
    assert there() and not workshop.left()


def test_a_builder_that_is_killed_is_told_and_swept(workshop):
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(workshop.build, workshop.module(600))
        workshop.begun().kill()
        with pytest.raises(CourseError):
            asked.result(PATIENCE)
    assert len(workshop.left()) == 1
    workshop.build(workshop.module(0))
    assert there() and not workshop.left()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal to one process.")
def test_who_interrupts_the_wait_ends_the_builder(workshop):
    kernel = workshop.kernel(workshop.module(600))
    working = workshop.begun()
    kernel.send_signal(signal.SIGINT)
    assert kernel.wait(PATIENCE) != 0
    until(lambda: not working.is_running() or working.status() == psutil.STATUS_ZOMBIE)


def test_builder_and_kernel_mean_the_same_folder(workshop, monkeypatch):
    monkeypatch.setenv("HOME", str(workshop.home))
    monkeypatch.setenv("COURSE_CACHE", "relative")
    monkeypatch.chdir(ROOT / "notebooks")
    workshop.build(workshop.module(0))
    assert workshop.builds()[0][1] == str(workshop.home / "relative" / cache.NAME) == str(cache.folder())
    assert there() and not any((below / "relative").exists() for below in (ROOT, ROOT / "notebooks"))


def test_a_command_that_paints_one_page_begins_no_build(workshop, monkeypatch):
    begun = []
    monkeypatch.setattr(builder, "_run", lambda *_: begun.append("a build"))
    out = workshop.home / "page.png"
    assert paint.main(["a cat", "--steps", "1", "-o", str(out)]) == 0
    assert out.exists() and not begun
