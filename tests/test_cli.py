"""The commands `python -m course_utils ...`: they answer on a healthy machine and on a broken one."""

from __future__ import annotations

import importlib.metadata
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from course_utils import __main__, doctor, runtime
from course_utils.doctor import LIMITED, MISSING, OK, Row


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def models(monkeypatch, tmp_path):
    """An empty data/models of the test's own."""
    monkeypatch.setattr(runtime, "MODELS", tmp_path)
    return tmp_path


def examined() -> dict[str, Row]:
    return {row.what: row for row in doctor.examine()}


@pytest.mark.long
def test_doctor_runs_as_a_command():
    run = subprocess.run(
        [sys.executable, "-m", "course_utils", "doctor"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    lacking = re.search(rf" {MISSING}\b", run.stdout) is not None
    assert run.stderr == "" and run.returncode == int(lacking), run.stdout
    for word in ("Python", "cores", "torch", "ipywidgets", "anywidget", "jupyterlab", "network", "verdict"):
        assert word in run.stdout


def test_the_table_is_aligned_and_plain_ascii():
    text = doctor.table([Row("torch", "2.13"), Row("a long name", "no", MISSING, "pip install it")])
    lines = text.splitlines()
    column = lines[0].index("verdict")
    assert [line[column:].split()[0] for line in lines[2:]] == [OK, MISSING]
    assert text.isascii() and not any(line.endswith(" ") for line in lines)


def test_installed_packages_show_their_versions():
    row = examined()["anywidget"]
    assert row.found == importlib.metadata.version("anywidget") and row.verdict == OK


def test_a_package_that_is_not_there_is_missing_with_its_remedy(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    monkeypatch.setattr(doctor, "_bounds", lambda: {"torch": ">=2.11"})
    rows = examined()
    assert rows["torch"].verdict == MISSING and rows["torch"].remedy == 'pip install "torch>=2.11"'
    assert rows["jupyterlab"].found == "not installed"


def test_a_version_outside_the_bounds_is_limited(monkeypatch):
    monkeypatch.setattr(doctor, "_bounds", lambda: {"ipywidgets": ">=7.7.1,<8"})
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "9.0.0")
    assert examined()["ipywidgets"].verdict == LIMITED


def test_a_package_that_breaks_on_import_becomes_a_row(monkeypatch):
    def broken():
        raise OSError("libsomething.so: cannot open shared object file\nand more")

    monkeypatch.setattr(runtime, "best_device", broken)
    row = examined()["torch"]
    assert row.verdict == MISSING and "libsomething.so" in row.found and "\n" not in row.found


def test_a_machine_where_nothing_can_be_examined_still_gets_its_table(monkeypatch, models, capsys):
    def refuse(*_):
        raise RuntimeError("no")

    for name in ("_cores", "_memory", "_torch", "_package", "_widgets", "_network"):
        monkeypatch.setattr(doctor, name, refuse)
    assert doctor.main() == 1
    assert capsys.readouterr().out.count("broken: no") >= 6


def test_without_the_fast_engine_the_remedy_is_named(monkeypatch):
    def version(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.importlib.metadata, "version", version)
    row = doctor._fast_engine()
    assert row.verdict == LIMITED and "torch" in row.remedy and "[fast]" in row.remedy


def test_a_cache_that_cannot_be_written_is_named(monkeypatch):
    pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")
    monkeypatch.setattr(doctor.os, "access", lambda *_: False)
    row = doctor._fast_engine()
    assert row.verdict == LIMITED and "COURSE_CACHE" in row.remedy


def test_little_memory_is_limited(monkeypatch):
    memory = SimpleNamespace(available=2**29)
    monkeypatch.setitem(sys.modules, "psutil", SimpleNamespace(virtual_memory=lambda: memory))
    row = examined()["free memory"]
    assert row.found == "0.5 GiB" and row.verdict == LIMITED


def test_missing_widget_halves_are_named(monkeypatch):
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: ["/nowhere"])
    assert examined()["widgets"].verdict == MISSING


@pytest.mark.parametrize("name", doctor.LAB_EXTENSIONS)
def test_what_is_installed_is_not_to_be_installed_again(name, monkeypatch, tmp_path):
    import jupyter_core.paths

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", lambda *_: [str(tmp_path)])
    for other in doctor.LAB_EXTENSIONS:
        if other != name:
            (tmp_path / other).mkdir(parents=True)
    row = examined()["widgets"]
    assert name in row.found and "install " not in row.remedy
    (place,) = re.findall(r"JUPYTER_PATH=(\S+)", row.remedy)
    assert (Path(place) / "labextensions" / name / "package.json").is_file()


def test_a_user_without_a_home_is_told_of_it_and_of_nothing_else(monkeypatch):
    import jupyter_core.paths

    def homeless(*_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(jupyter_core.paths, "jupyter_path", homeless)
    row = examined()["widgets"]
    assert "HOME" in row.remedy and row.verdict == LIMITED


@pytest.mark.parametrize("what", ["_memory", "_fast_engine", "_widgets", "_network"])
def test_what_cannot_be_looked_at_is_not_to_be_installed_again(what, monkeypatch):
    def refuse():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(doctor, what, refuse)
    (row,) = (row for row in doctor.examine() if "Could not" in row.found)
    assert row.verdict == LIMITED and "install" not in row.remedy


def test_a_model_is_ok_then_damaged_then_gone(models):
    assert examined()["model particles"].found == "not found"
    weights = models / "particles" / "model.safetensors"
    weights.parent.mkdir()
    weights.write_bytes(b"weights")
    runtime.write_checksums(weights.parent)
    assert examined()["model particles"].verdict == OK
    weights.write_bytes(b"weighty")
    row = examined()["model particles"]
    assert row.verdict == MISSING and row.remedy == "git checkout -- data/models/particles"


def test_every_model_in_the_folder_is_examined(models):
    (models / "another").mkdir()
    (models / "another" / "checksums.json").write_text("no json")
    assert examined()["model another"].verdict == MISSING


@pytest.mark.parametrize("switch", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_asks_nobody(switch, monkeypatch):
    monkeypatch.setattr("huggingface_hub.utils.get_session", lambda: pytest.fail("the network was used"))
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv(switch, "1")
    row = examined()["network"]
    assert switch in row.found and row.verdict == LIMITED


def test_the_newer_switch_has_the_last_word(monkeypatch):
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    assert not runtime.is_offline()


@pytest.mark.parametrize(
    ("status", "kind", "verdict"),
    [
        (200, "application/json; charset=utf-8", OK),
        (429, "text/html", OK),  # an answer all the same
        (200, "text/html", LIMITED),
        (511, "text/html", LIMITED),
        (None, "", LIMITED),
    ],
)
def test_the_hub_answers_or_not(monkeypatch, status, kind, verdict):
    def get(_address, timeout):
        if status is None:
            raise TimeoutError
        return SimpleNamespace(status_code=status, headers={"content-type": kind})

    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr("huggingface_hub.utils.get_session", lambda: SimpleNamespace(get=get))
    assert doctor._network().verdict == verdict


@pytest.mark.parametrize(("device", "found"), [("mps", "mps"), ("cuda", "Some Card, 16 GiB")])
def test_a_graphics_card_is_named(monkeypatch, device, found):
    import torch

    card = SimpleNamespace(name="Some Card", total_memory=16 * 2**30)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: card)
    monkeypatch.setattr(runtime, "best_device", lambda: device)
    assert examined()["graphics card"] == Row("graphics card", found)


def test_a_mistake_of_the_learner_is_one_sentence_without_a_stack_trace(monkeypatch, capsys):
    def mistaken(_):
        raise runtime.CourseError("Steps begin at 1; ask for one more.")

    monkeypatch.setattr(doctor, "main", mistaken)
    assert __main__.main(["doctor"]) == 2
    assert capsys.readouterr().err == "Steps begin at 1; ask for one more.\n"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_what_a_terminal_cannot_print_is_escaped(monkeypatch, encoding):
    def speak(_):
        print("'\u732b' was never learned, nor '\ud800'.")
        return 0

    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(doctor, "main", speak)
    monkeypatch.setattr(sys, "stdout", out)
    assert __main__.main(["doctor"]) == 0
    said = out.buffer.getvalue().decode(encoding)
    assert "never learned" in said and "\\ud800" in said and ("\\u732b" in said or encoding == "utf-8")


@pytest.mark.parametrize(("letters", "code"), [(10, 1), (1_000_000, 141)])
def test_a_reader_that_has_had_enough_is_no_error(monkeypatch, capsys, letters, code):
    """As in `doctor | head -1`: what was found still counts, unless nobody could be told."""

    def speak(_):
        print("x" * letters)
        return 1

    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        monkeypatch.setattr(doctor, "main", speak)
        monkeypatch.setattr(sys, "stdout", out)
        assert __main__.main(["doctor"]) == code
    assert capsys.readouterr().err == ""


def test_a_closed_stdout_is_no_error(monkeypatch):
    monkeypatch.setattr(doctor, "main", lambda _: print("x") or 0)
    monkeypatch.setattr(sys, "stdout", None)
    assert __main__.main(["doctor"]) == 0


def test_options_reach_the_command(capsys):
    with pytest.raises(SystemExit) as stopped:
        __main__.main(["doctor", "--help"])
    assert stopped.value.code == 0 and "course_utils doctor" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["operate"]])
def test_an_unknown_command_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        __main__.main(arguments)
    assert stopped.value.code == 2 and "usage" in capsys.readouterr().err


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        __main__.main(["--help"])
    listed = capsys.readouterr().out
    assert all(name in listed for name in __main__.COMMANDS)
