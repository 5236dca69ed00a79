"""A guest on Google Colab: the first cell fetches the course, keeps what Colab has, adds what it lacks."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

import packaging
import pytest
from programs import needs
from test_notebook_hygiene import NAMES, ROOT, code_cells, every_notebook, without_magics

sys.path.insert(0, str(ROOT / "tools"))
import first_cell

# A process as Colab's kernel is when a notebook is opened there: its packages, and no course among them.
# (-S leaves out what an editable install puts on the path.)
PRETEND = """
import importlib.machinery, importlib.util, json, sys
sys.path.append(sys.argv[1])
for name in ("google", "google.colab"):
    sys.modules[name] = importlib.util.module_from_spec(importlib.machinery.ModuleSpec(name, None))
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
for source in json.load(sys.stdin):
    result = shell.run_cell(source)
    if not result.success:
        sys.exit(3)
"""

# What a small course asks for.
ASKED = """
[project]
dependencies = ["numpy>=2.1", "anywidget>=0.9", "jupyterlab>=4"]
optional-dependencies.fast = ["onnxruntime>=1.20"]
"""


def as_guest(folder: Path, sources: Iterable[str], address: str) -> str:
    """Run cells in an empty folder as on Colab, offline; what they said, errors included."""
    own = ("PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, str(ROOT / "tools" / "offline.py"), sys.executable, "-S", "-c", PRETEND]
    done = subprocess.run(
        [*command, sysconfig.get_path("purelib")],
        cwd=folder,
        env={**environment, "COURSE_REPOSITORY": address, "COURSE_PROGRESS": "off", "HOME": str(folder)},
        input=json.dumps(list(sources)),
        capture_output=True,
        text=True,
        timeout=240,
    )
    return f"{done.stdout}{done.stderr}"


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> str:
    """The course as it is here, without its weights, in a repository of its own."""
    git = needs("git", "to see the course fetched")
    folder = tmp_path_factory.mktemp("origin")
    commit = ["-c", "user.name=a", "-c", "user.email=a@example.invalid", "commit", "--quiet", "-m", "course"]
    tree = ["--git-dir", str(folder / ".git"), "--work-tree", str(ROOT)]
    subprocess.run([git, "init", "--quiet", str(folder)], check=True)
    subprocess.run([git, *tree, "add", "course_utils", "notebooks", "pyproject.toml"], check=True)
    subprocess.run([git, *tree, *commit], check=True)
    return (folder / ".git").as_uri()


def imports(name: str) -> list[str]:
    """All that a notebook imports, in order."""
    trees = [ast.parse(without_magics(cell.source)) for cell in code_cells(name)[1:]]
    kinds = (ast.Import, ast.ImportFrom)
    return [ast.unparse(node) for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]


@every_notebook
def test_the_first_cell_is_one_text(name):
    assert code_cells(name)[0].source == first_cell.source(), "run tools/first_cell.py --write notebooks"


def test_it_holds_the_address_that_the_project_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert first_cell.source().count(project["urls"]["Repository"]) == 1


def test_elsewhere_it_says_nothing_and_touches_nothing(tmp_path, capfd):
    subprocess.run([sys.executable, "-c", first_cell.source()], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == [] and capfd.readouterr() == ("", "")


@pytest.mark.long
def test_a_guest_gets_the_course_and_all_that_the_notebooks_import(tmp_path, address):
    wanted = dict.fromkeys(line for name in NAMES for line in imports(name))
    said = as_guest(
        tmp_path,
        [
            first_cell.source(),
            "\n".join(wanted),
            "import course_utils; print('from', course_utils.__file__)",
            "import subprocess, sys\n"
            "subprocess.run([sys.executable, '-c', 'import course_utils; print(course_utils.__file__)'])",
            first_cell.source(),  # run once more: nothing is fetched
        ],
        address,
    )
    assert "Colab's own torch" in said and said.count("The course is ready") == 2, said
    assert said.count(f"{tmp_path / 'course' / 'course_utils' / '__init__.py'}") == 2, said
    assert "installing" not in said


def test_an_address_that_does_not_answer_is_one_sentence(tmp_path):
    said = as_guest(tmp_path, [first_cell.source()], (tmp_path / "nowhere").as_uri())
    assert "The course could not be fetched from file://" in said and "Traceback" not in said
    assert not (tmp_path / "course").exists(), "the next run tries again"


def wheel(folder: Path, name: str, version: str, *requirements: str) -> None:
    """Write a package without content."""
    about = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        file.writestr(f"{about}/METADATA", "\n".join(lines) + "\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")


@pytest.fixture
def bare(tmp_path):
    """A small Colab of its own: a course that asks for three packages, of which it has one, and an index."""
    index, course, env = tmp_path / "index", tmp_path / "course", tmp_path / "env"
    index.mkdir()
    subprocess.run([sys.executable, "-m", "venv", str(env)], check=True)
    python = env / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    (Path(site) / "packaging").symlink_to(Path(packaging.__file__).parent)
    (course / "course_utils").mkdir(parents=True)
    for name in ("__init__", "cgroups", "colab", "interrupts", "runtime"):
        shutil.copy(ROOT / "course_utils" / f"{name}.py", course / "course_utils")
    (course / "pyproject.toml").write_text(ASKED)
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index), "PIP_CONFIG_FILE": os.devnull}
    environment = {**os.environ, **pip, "PYTHONPATH": str(course)}
    wheel(index, "numpy", "2.1.3")
    subprocess.run([python, "-m", "pip", "install", "-q", "numpy"], env=environment, check=True)

    def prepare() -> str:
        code = "from course_utils import colab; colab.prepare()"
        here = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
        done = subprocess.run([python, "-c", code], **here)
        version = "import numpy; print('numpy is', numpy.VERSION)"
        after = subprocess.run([python, "-c", version], **here)
        return done.stdout + done.stderr + after.stdout

    return index, prepare


@pytest.mark.long
def test_what_is_lacking_is_installed_and_what_is_there_stays(bare):
    index, prepare = bare
    wheel(index, "numpy", "2.4.0")
    wheel(index, "anywidget", "0.9.21", "numpy")
    wheel(index, "onnxruntime", "1.31.1", "numpy>=2.4")  # would raise Colab's numpy
    said = prepare()
    assert "Colab's own numpy 2.1.3 stay as they are." in said
    assert "Colab lacks anywidget>=0.9, onnxruntime>=1.20: installing that ..." in said
    assert "all works without it, the painters less quickly" in said and "The course is ready" in said
    assert "numpy is 2.1.3" in said and "jupyterlab" not in said
    assert "lacks onnxruntime>=1.20:" in prepare(), "what succeeded is there"


@pytest.mark.long
def test_without_what_the_notebooks_need_it_is_one_sentence(bare):
    _index, prepare = bare
    assert "CourseError: Without anywidget>=0.9 the notebooks cannot run" in prepare()
