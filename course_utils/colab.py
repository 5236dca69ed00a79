"""What Google Colab lacks for the course: looked for, installed, told in plain words.

The first cell of every notebook (`tools/first_cell.py`) fetches the course and calls `prepare`. What Colab
has stays as it is, torch, numpy, diffusers and ipywidgets above all: Colab's front end speaks the language of
its own ipywidgets, and a notebook that had imported another numpy would have to start again. The course is
put on the path and not installed, which would take a build of it, and a network.
"""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

from course_utils.runtime import ROOT, CourseError

KEPT = ("torch", "numpy", "diffusers", "ipywidgets")  # named to the learner; all others are kept, too
OF_THE_FRONT_END = {"jupyterlab"}  # Colab is one of its own
PATIENCE = ("--timeout", "15", "--retries", "1")


def prepare() -> None:
    """Make this Colab ready for the course, in seconds, and say what was done.

    Raises `CourseError` where something is missing that the notebooks cannot do without.
    """
    began = time.perf_counter()
    _join_the_path()
    kept = [f"{name} {_version(name)}" for name in KEPT if _version(name)]
    print(f"Colab's own {', '.join(kept)} stay as they are.")
    needed, quicker = lacking("dependencies"), lacking("fast")
    if needed or quicker:
        print(f"Colab lacks {', '.join([*needed, *quicker])}: installing that ...", flush=True)
    if needed and not _installed(needed):
        raise CourseError(
            f"Without {', '.join(needed)} the notebooks cannot run, and pip could not install it beside what "
            "Colab has, for the reason above: check the network, then run this cell again."
        )
    if quicker and not _installed(quicker):
        print("That did not succeed, for the reason above: all works without it, the painters less quickly.")
    print(f"The course is ready, after {time.perf_counter() - began:.0f} s.")


def lacking(what: str) -> list[str]:
    """What pyproject.toml requires and is not installed here: its "dependencies", or those of an extra.

    A package that is installed in another version than the course asks for counts as there.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    from packaging.requirements import Requirement  # in Colab as in every Jupyter

    wanted = project["dependencies"] if what == "dependencies" else project["optional-dependencies"][what]
    names = {line: Requirement(line).name for line in wanted}
    return [line for line, name in names.items() if name not in OF_THE_FRONT_END and not _version(name)]


def _version(name: str) -> str:
    """The version of a package that is installed; empty for one that is not."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _installed(wanted: Sequence[str]) -> bool:
    """Install requirements beside what there is, which pip may neither raise nor lower; whether it could."""
    with tempfile.TemporaryDirectory() as scratch:
        kept = Path(scratch) / "kept.txt"
        found = {one.name: one.version for one in importlib.metadata.distributions() if one.name}
        kept.write_text("".join(f"{name}=={version}\n" for name, version in found.items()), encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PATIENCE]
        done = subprocess.run([*pip, "--constraint", str(kept), *wanted], capture_output=True, text=True)
    if done.returncode:
        print(*done.stderr.strip().splitlines()[-3:], sep="\n")
    importlib.invalidate_caches()
    return done.returncode == 0


def _join_the_path() -> None:
    """Let programs that a cell starts find the course, too; the cell itself has found it already."""
    known = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if str(ROOT) not in known:
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), *known]))
