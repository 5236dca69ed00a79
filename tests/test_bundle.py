"""The bundle for a memory stick: what lies on it, for whom, and that it installs with the network off."""

from __future__ import annotations

import faulthandler
import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
OFFLINE = [sys.executable, str(ROOT / "tools" / "offline.py")]


@pytest.fixture
def tool(monkeypatch):
    """The names of tools/bundle.py, and the options that pip was given in place of fetching."""
    names = runpy.run_path(str(ROOT / "tools" / "bundle.py"), run_name="loaded")
    whole = names["bundle"].__globals__
    fetched: list[list[str]] = []

    def pip_download(folder, *what, quietly=False):
        folder.mkdir(parents=True, exist_ok=True)
        fetched.append(list(what))

    monkeypatch.setitem(whole, "pip_download", pip_download)
    monkeypatch.setitem(whole, "resolved", lambda system, python: [f"numpy=={system}.{python}"])
    return SimpleNamespace(**names, chosen=names["resolved"], whole=whole, fetched=fetched)


def test_the_course_lies_on_the_stick_as_it_is_committed_with_its_galleries(tool, monkeypatch, tmp_path):
    galleries = tmp_path / "here" / "data" / "galleries"
    galleries.mkdir(parents=True)
    (galleries / "sd15.gallery").write_bytes(b"recorded")
    shutil.copytree(ROOT / "tools", tmp_path / "here" / "tools")
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path / "here")
    for command in (["init", "-q"], ["add", "tools", "*.toml", "*.txt"], ["commit", "-q", "-m", "one"]):
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *command]
        subprocess.run(git, cwd=tmp_path / "here", check=True)
    (tmp_path / "here" / "not committed").write_text("draft")
    monkeypatch.setitem(tool.whole, "ROOT", tmp_path / "here")
    target = tmp_path / "stick"
    for _ in range(2):  # the second time in place of the first
        tool.bundle(target, tool.OWN, tool.own_python())
    assert (target / "course/data/galleries/sd15.gallery").read_bytes() == b"recorded"
    assert (target / "course/tools/setup_env.py").is_file() and (target / "course/constraints.txt").is_file()
    assert not (target / "course/not committed").exists()
    assert {"course", "wheels", "install.py", "install.sh", "install.bat", "README.txt", "bundle.json"} == {
        path.name for path in target.iterdir()
    }
    tool.bundle(target, "windows", "3.12")
    served = json.loads((target / "bundle.json").read_text())["serves"]
    assert served == [
        {"system": tool.OWN, "python": tool.own_python()},
        {"system": "windows", "python": "3.12"},
    ]


def test_packages_for_another_machine_are_chosen_for_it(tool, tmp_path):
    tool.fetch_wheels(tmp_path, "windows", "3.12")
    (asked,) = tool.fetched
    assert asked[asked.index("--platform") + 1] == "win_amd64" and "numpy==windows.3.12" in asked
    assert asked[asked.index("--python-version") + 1] == "3.12" and "--no-deps" in asked
    tool.fetched.clear()
    tool.fetch_wheels(tmp_path, tool.OWN, tool.own_python())
    own = tool.fetched[-1]
    assert "--platform" not in own and own[-2:] == ["--constraint", str(ROOT / "constraints.txt")]
    assert not any(one.startswith(("pytest", "mypy", "playwright")) for one in own)
    assert any(one.startswith("onnxruntime") for one in own) and any(
        one.startswith("setuptools") for one in own
    )


@pytest.mark.parametrize(("system", "release"), [("macos", "14.0"), ("windows", None)])
def test_packages_are_chosen_for_the_release_that_their_wheels_are_fetched_for(
    tool, system, release, monkeypatch
):
    asked = {}

    def run(command, **settings):
        asked.update(command=command, **settings)
        return SimpleNamespace(returncode=0, stdout="numpy==2.0\n")

    monkeypatch.delenv("MACOSX_DEPLOYMENT_TARGET", raising=False)
    monkeypatch.setattr(subprocess, "run", run)
    assert tool.chosen(system, "3.12") == ["numpy==2.0"]
    assert asked["env"].get("MACOSX_DEPLOYMENT_TARGET") == release
    if release:
        (tag,) = tool.SYSTEMS[system].pip
        assert f"_{release.replace('.', '_')}_" in tag
    assert "--no-python-downloads" in asked["command"]  # nothing is installed to choose for another Python


def test_outside_a_clone_a_bundle_is_refused_with_a_sentence(tool, monkeypatch, tmp_path):
    monkeypatch.setitem(tool.whole, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(tool.BundleError, match="made from a git clone"):
        tool.course(tmp_path / "course")


def stick(tmp_path: Path, *serves: dict[str, str]) -> Path:
    """A stick without packages."""
    folder = tmp_path / "stick"
    shutil.copytree(ROOT / "tools" / "stick", folder)
    (folder / "bundle.json").write_text(json.dumps({"serves": serves}))
    return folder


def install(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "install.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_stick_for_other_machines_says_for_which(tmp_path):
    folder = stick(tmp_path, {"system": "windows", "python": "3.9"})
    result = install(folder, str(tmp_path / "there"))
    assert result.returncode == 1 and not (tmp_path / "there").exists()
    assert result.stderr.startswith(
        "This stick has packages for Python 3.9 on windows, and this is Python 3."
    )
    assert len(result.stderr.splitlines()) == 1


def test_a_folder_with_something_else_in_it_stays_as_it_is(tool, tmp_path):
    folder = stick(tmp_path, {"system": tool.OWN, "python": tool.own_python()})
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    result = install(folder, str(tmp_path / "there"))
    assert result.returncode == 1 and "holds something else: name another folder" in result.stderr
    assert [path.name for path in (tmp_path / "there").iterdir()] == ["mine.txt"]


@pytest.mark.slow
def test_from_the_stick_to_a_painting_with_the_network_off_and_an_empty_home(tmp_path):
    """Some minutes and 3 GB of disk; the packages are fetched while the network is on."""
    faulthandler.cancel_dump_traceback_later()  # each step has a limit of its own
    made, there, home = tmp_path / "stick", tmp_path / "there", tmp_path / "home"
    subprocess.run([sys.executable, str(ROOT / "tools" / "bundle.py"), str(made)], check=True, timeout=1800)
    home.mkdir()
    bare = {"HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}

    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        whole = [*OFFLINE, *map(str, command)]
        return subprocess.run(whole, env=bare, cwd=home, capture_output=True, text=True, timeout=1800)

    installed = run(Path(sys.executable).resolve(), made / "install.py", there)
    assert installed.returncode == 0, installed.stderr
    assert "The course is ready" in installed.stdout
    python = there / ".venv" / "bin" / "python"
    page = tmp_path / "page.png"
    painted = run(python, "-m", "course_utils", "paint", "an orange cat in space", "-o", page)
    assert painted.returncode == 0, painted.stderr
    assert Image.open(page).size == (128, 128)
    again = run(Path(sys.executable).resolve(), made / "install.py", there)
    assert again.returncode == 0 and "Installing" not in again.stdout
    for folder in (made, there):  # pytest keeps what lies here for three runs
        shutil.rmtree(folder)
