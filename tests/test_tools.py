"""The tools beside the package: setting up, running offline, executing notebooks."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from course_utils import logbook

TOOLS = Path(__file__).resolve().parent.parent / "tools"


def load(name: str) -> SimpleNamespace:
    """Return the names that a script defines, without running its command."""
    return SimpleNamespace(**runpy.run_path(str(TOOLS / f"{name}.py"), run_name="loaded"))


@pytest.fixture(scope="module")
def setup_env():
    return load("setup_env")


@pytest.fixture
def environment(setup_env, tmp_path):
    """An environment on disk as setting up leaves it, but without packages."""
    constraints = tmp_path / "constraints.txt"
    constraints.write_text("torch==2.13.0\n")
    made = setup_env.Environment(tmp_path / "env", constraints)
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    (made.folder / "pyvenv.cfg").write_text(f"version = {'.'.join(map(str, sys.version_info[:3]))}\n")
    made.record(made.inputs)
    return made


def test_a_finished_environment_is_left_alone(environment):
    assert environment.is_ready()


def test_new_versions_are_installed_into_the_same_environment(setup_env, environment):
    environment.constraints.write_text("torch==2.14.0\n")
    changed = setup_env.Environment(environment.folder, environment.constraints)
    assert not changed.is_ready()
    assert changed.is_usable()


def test_other_extras_are_installed_into_the_same_environment(setup_env, environment):
    assert "present" in setup_env.EXTRAS.split(",")
    without = setup_env.Environment(environment.folder, environment.constraints, "test,fast")
    assert not without.is_ready() and without.is_usable()


def test_a_front_end_is_installed_without_the_course(setup_env, environment, monkeypatch):
    asked = []
    names = setup_env.install_front.__globals__
    monkeypatch.setitem(names, "pip_install", lambda _environment, *what: asked.append(what))
    setup_env.install_front(environment)
    assert asked == [("--no-deps", "--requirement", str(environment.constraints))]


def test_the_settings_of_exports_are_part_of_an_environment(setup_env, environment):
    setup_env.install_files(environment)
    installed = environment.folder / "etc" / "jupyter" / "jupyter_config.json"
    assert "course_utils.exports.Stills" in installed.read_text()


def test_a_killed_install_is_made_again_and_a_failed_one_goes_on(setup_env, environment):
    environment.record(setup_env.UNFINISHED)
    assert not environment.is_usable()
    environment.record(setup_env.FAILED)
    assert environment.is_usable()
    assert not environment.is_ready()


def test_an_environment_made_by_hand_is_used_if_its_python_is_this_one(environment):
    environment.stamp.unlink()
    assert environment.is_usable()
    (environment.folder / "pyvenv.cfg").write_text("version = 3.8.1\n")
    assert not environment.is_usable()


def test_a_moved_or_foreign_environment_is_made_again(environment):
    for key, other in {"root": "/elsewhere", "python": "3.8"}.items():
        before = environment.identity[key]
        environment.identity[key] = other
        assert not environment.is_usable()
        environment.identity[key] = before


def run_setup(preamble: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = TOOLS / "setup_env.py"
    code = f"import runpy, sys; {preamble}; runpy.run_path({str(script)!r}, run_name='__main__')"
    command = [sys.executable, "-c", code, "--venv", str(folder)]
    return subprocess.run(command, capture_output=True, text=True)


def test_an_old_python_gets_one_sentence(tmp_path):
    result = run_setup("sys.version_info = (3, 9, 2); sys.version = '3.9.2 (main)'", tmp_path / "env")
    assert result.returncode == 1
    assert result.stderr.startswith("This course needs Python 3.11 or newer and found 3.9.2: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_python_without_ensurepip_gets_one_sentence(tmp_path):
    result = run_setup("sys.modules['ensurepip'] = None", tmp_path / "env")
    assert result.returncode == 1
    assert "sudo apt install python3-venv" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "env").exists()


def run_offline(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOLS / "offline.py"), *command], capture_output=True, text=True, timeout=120
    )


def test_offline_refuses_the_network_and_keeps_the_loopback():
    code = """
import os, socket
for contact in (
    lambda: socket.create_connection(("192.0.2.1", 80)),
    lambda: socket.getaddrinfo("example.invalid", 80),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9)),
):
    try:
        contact()
    except OSError as error:
        print(error.strerror)
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print("loopback", os.environ["HF_HUB_OFFLINE"])
"""
    result = run_offline(sys.executable, "-c", code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "The network is off in this run, so 192.0.2.1 was not contacted.",
        "The network is off in this run, so example.invalid was not contacted.",
        "The network is off in this run, so 192.0.2.1 was not contacted.",
        "loopback 1",
    ]


def test_offline_passes_the_exit_code_on_and_names_a_missing_command():
    assert run_offline(sys.executable, "-c", "raise SystemExit(7)").returncode == 7
    missing = run_offline("no-such-command")
    assert missing.returncode == 1
    assert missing.stderr == "no-such-command could not be started: No such file or directory.\n"


@pytest.mark.long
def test_executing_a_notebook_twice_writes_the_same_bytes(tmp_path):
    path = tmp_path / "linked.ipynb"
    source = (
        "import ipywidgets as w\n"
        "play, slider = w.Play(), w.IntSlider()\n"
        "link = w.jslink((play, 'value'), (slider, 'value'))\n"
        "w.HBox([play, slider])"
    )
    slow = "from course_utils.panels import progress; progress.DELAY = 0\nlist(progress.watched('', 'ab', 2))"
    cells = [
        nbformat.v4.new_code_cell(source, id="one"),
        nbformat.v4.new_code_cell("pass", id="two", metadata={"tags": ["bootstrap"]}),
        nbformat.v4.new_code_cell(slow, id="three"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    execute, results = load("run_notebooks").execute, []
    for _ in range(2):
        execute(path)
        results.append(path.read_bytes())
    notebook = nbformat.read(path, as_version=4)
    assert results[0] == results[1]
    assert notebook.metadata.widgets and notebook.cells[0].execution_count == 1
    shown, how_to_run, bar = (
        [output.data["text/plain"] for output in cell.outputs] for cell in notebook.cells
    )
    assert shown[0].startswith("HBox") and "Run All Cells" in how_to_run[0] and bar == ["['a', 'b']"]
    assert os.fspath(tmp_path).encode() not in results[0]


@pytest.mark.long
def test_executed_notebooks_show_nobodys_progress(tmp_path, monkeypatch):
    """Whoever runs `make notebooks` may have made every guess."""
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path))
    logbook.current().write("guesses", "Which?", guess="one")
    asked = "from course_utils.widgets import Guess\nprint(Guess(question='Which?', choices=['one']).opened)"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(asked)]), tmp_path / "a.ipynb")
    load("run_notebooks").execute(tmp_path / "a.ipynb")
    (said,) = nbformat.read(tmp_path / "a.ipynb", as_version=4).cells[0].outputs
    assert said.text == "False\n"


@pytest.mark.long
def test_challenges_are_saved_as_text_and_leave_other_views_alone(tmp_path):
    """A card whose buttons have no kernel helps nobody; a slider that scrubs does."""
    path = tmp_path / "a.ipynb"
    challenge = "from course_utils.challenges import challenge_panel\nchallenge_panel('loss', lambda: 1)"
    cells = [
        nbformat.v4.new_code_cell("import ipywidgets as w\nw.HBox([w.IntSlider()])"),
        nbformat.v4.new_code_cell(challenge, metadata={"tags": ["challenge"]}),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    load("run_notebooks").execute(path)
    saved = nbformat.read(path, as_version=4)
    (slider,), (text,) = (cell.outputs for cell in saved.cells)
    assert any("widget-view" in kind for kind in slider.data) and set(text.data) == {
        "text/html",
        "text/plain",
    }
    assert "<summary>Hints</summary>" in text.data["text/html"]
    (state,) = (kept["state"] for kept in saved.metadata.widgets.values())
    names = {model["model_name"] for model in state.values()}
    assert {"HBoxModel", "IntSliderModel"} <= names and not names & {"AnyModel", "VBoxModel"}


def test_a_layout_is_saved_without_what_it_leaves_unset():
    layout = {
        "model_name": "LayoutModel",
        "state": {"_view_module": "base", "flex": "1 1 170px", "width": None},
    }
    control = {"model_name": "HTMLModel", "state": {"value": "", "description_tooltip": None}}
    state = {"a": layout, "b": control}
    load("run_notebooks").drop_unset_layout(state)
    assert state["a"]["state"] == {"_view_module": "base", "flex": "1 1 170px"}
    assert state["b"]["state"] == {"value": "", "description_tooltip": None}


def test_code_that_nothing_uses_is_named(tmp_path, monkeypatch, capsys):
    """A notebook's cell, a magic beside it, and a view's script count as uses; a test does not."""
    for folder in ("course_utils/widgets", "tools", "notebooks", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text((TOOLS.parent / "pyproject.toml").read_text())
    names = ("by_cell", "by_script", "by_test", "by_tool")
    (tmp_path / "course_utils/some.py").write_text("".join(f"def {name}():\n    pass\n" for name in names))
    (tmp_path / "course_utils/widgets/view.js").write_text('model.get("by_script")')
    (tmp_path / "tools/some.py").write_text("by_tool()")
    (tmp_path / "tests/test_some.py").write_text("by_test()")
    cell = nbformat.v4.new_code_cell("if True:\n    %time\nby_cell()")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "notebooks/some.ipynb")
    unused = runpy.run_path(str(TOOLS / "unused.py"), run_name="loaded")
    monkeypatch.setitem(unused["main"].__globals__, "ROOT", tmp_path)
    assert unused["main"]() == 1
    assert [line.split("'")[1] for line in capsys.readouterr().out.splitlines()] == ["by_test"]
