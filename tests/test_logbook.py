"""Progress is kept in one readable file, whatever becomes of kernels, versions and disks; not in tests."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils import cache, logbook
from course_utils.runtime import ROOT
from course_utils.widgets import Guess


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A learner's own folder for progress."""
    monkeypatch.setenv(logbook.SWITCH, str(tmp_path))
    monkeypatch.setattr(Guess, "_asked", set())
    return tmp_path / logbook.FILE


def another_kernel(path: Path) -> logbook.Logbook:
    return logbook.Logbook(path)


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_what_is_kept_is_there_in_another_kernel_and_can_be_read(place):
    book = logbook.current()
    book.write("challenges", "add_noise", state="not yet", tries=1)
    book.write("challenges", "add_noise", state="reached")
    book.write("guesses", "Bei welchem t – größer?", guess=400)
    kept = another_kernel(place).entry("challenges", "add_noise")
    assert kept.pop("on").count("-") == 2 and kept == {"state": "reached", "tries": 1}
    text = place.read_text(encoding="utf-8")
    assert "größer" in text and text.count("\n") > 10 and read(place)["version"] == 1
    assert [path.name for path in place.parent.iterdir() if path.suffix == ".new"] == []


def test_a_test_run_keeps_nothing_and_knows_nothing(monkeypatch, tmp_path):
    monkeypatch.delenv(logbook.SWITCH, raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    logbook.current().write("guesses", "Which?", guess="one")
    assert logbook.current().entries("guesses") == {} and not any(tmp_path.iterdir())
    monkeypatch.setenv(logbook.SWITCH, "off")
    monkeypatch.delenv("PYTEST_VERSION")
    logbook.current().write("guesses", "Which?", guess="one")
    assert logbook.current().entries("guesses") == {} and not any(tmp_path.iterdir())


@pytest.mark.long
def test_a_learner_s_kernel_writes_among_the_users_data(tmp_path):
    ask = "from course_utils.widgets import Guess; q = Guess(question='Which?', choices=['a', 'b']); "
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COURSE"))}
    for code in ("q.commit('b')", "print(q.guess, q.opened)"):
        done = subprocess.run(
            [sys.executable, "-c", ask + code],
            cwd=ROOT,
            env={**bare, "COURSE_DATA": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout == "b True\n"
    assert read(tmp_path / "course_utils" / logbook.FILE)["guesses"]["Which?"]["guess"] == "b"


def test_visitors_of_voila_share_no_file(monkeypatch, tmp_path):
    monkeypatch.delenv("PYTEST_VERSION")
    monkeypatch.delenv(logbook.SWITCH, raising=False)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.8")
    logbook._at.cache_clear()
    logbook.current().write("guesses", "Which?", guess="one")
    assert logbook.current().entry("guesses", "Which?")["guess"] == "one" and not any(tmp_path.iterdir())
    logbook._at.cache_clear()


def test_a_file_of_an_earlier_version_is_brought_forward(place, monkeypatch):
    place.write_text(json.dumps({"version": 1, "guesses": {"Which?": {"guess": 1}}, "extra": [1]}))
    monkeypatch.setattr(logbook, "UPGRADES", (lambda book: {**book, "guesses": {"Who?": {"guess": 2}}},))
    assert logbook.current().entries("guesses") == {"Who?": {"guess": 2}}
    logbook.current().write("challenges", "loss", tries=1)
    assert read(place)["version"] == 2 and read(place)["extra"] == [1]  # what is not ours stays


def test_a_file_of_a_later_version_is_left_as_it_is(place):
    later = json.dumps({"version": 9, "guesses": {"Which?": {"guess": 1}}})
    place.write_text(later)
    book = another_kernel(place)
    book.write("challenges", "loss", tries=1)
    assert place.read_text() == later and "newer version" in book.trouble and book.trouble.endswith(".")
    assert book.entry("challenges", "loss")["tries"] == 1  # as long as the kernel lives


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"version": "one"}', "\x00\x01"])
def test_a_damaged_file_is_set_aside_and_work_goes_on(place, damaged):
    place.write_text(damaged)
    book = another_kernel(place)
    assert book.entries("guesses") == {}
    book.write("challenges", "loss", tries=1)
    assert another_kernel(place).entry("challenges", "loss")["tries"] == 1 and not book.trouble
    assert place.with_suffix(".damaged.json").read_text() == damaged


@pytest.mark.parametrize(
    "garbled", [{"guesses": []}, {"guesses": {"Which?": 3}}, {"guesses": {"Which?": None}}]
)
def test_garbled_entries_are_passed_over(place, garbled):
    place.write_text(json.dumps({"version": 1, **garbled}))
    assert logbook.current().entry("guesses", "Which?") == {}
    logbook.current().write("questions", "01", before="x")


def test_a_disk_that_cannot_be_written_costs_the_memory_only(tmp_path):
    (tmp_path / "file").write_text("no folder")
    book = another_kernel(tmp_path / "file" / logbook.FILE)
    book.write("challenges", "loss", tries=1)
    book.write("challenges", "loss", hints=2)
    assert book.entry("challenges", "loss")["tries"] == 1 and book.entry("challenges", "loss")["hints"] == 2
    assert "as long as this kernel only" in book.trouble and book.trouble.count("\n") == 0


def _many(path: str, name: str) -> None:
    for k in range(8):
        logbook.Logbook(Path(path)).write("challenges", f"{name}{k}", tries=k)


@pytest.mark.long
def test_two_notebooks_at_once_lose_nothing(place):
    start = multiprocessing.get_context("spawn")
    writers = [start.Process(target=_many, args=(str(place), name)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert len(another_kernel(place).entries("challenges")) == 16


def test_clearing_forgets_all_and_tells_those_who_watch(place):
    book, seen = logbook.current(), []
    book.watch(lambda: seen.append(sorted(book.entries("guesses"))))
    book.write("guesses", "Which?", guess=1)
    book.clear()
    assert seen == [["Which?"], []] and set(read(place)) == {"version"}


def of_another_kernel(**asked) -> Guess:
    Guess._asked.clear()
    return Guess(**asked)


def test_a_guess_comes_back_as_it_was_left(place):
    asked = {"question": "At which t?", "low": 0, "high": 1000}
    first = Guess(**asked)
    assert (first.guess, first.opened) == (None, False)
    first.set_state({"guess": 400, "opened": True})  # as a browser sends it
    again = of_another_kernel(**asked)
    assert (again.guess, again.opened) == (400, True)
    reveal = again.reveal(355, "They cross at 355.")
    assert (reveal.guess, reveal.opened) == (400, True)
    shown = Guess(question="Shown?", choices=["a", "b"])
    shown.opened = True
    again = of_another_kernel(question="Shown?", choices=["a", "b"])
    assert (again.guess, again.opened) == (None, True)


def test_a_question_asked_once_more_in_one_kernel_asks_anew(place):
    asked = {"question": "Which?", "choices": ["one", "two"]}
    Guess(**asked).commit("two")
    again = Guess(**asked)
    assert (again.guess, again.opened) == (None, False)
    again.commit("one")
    assert of_another_kernel(**asked).guess == "one"


def test_a_guess_that_is_no_choice_any_more_is_asked_anew(place):
    Guess(question="Which?", choices=["one", "two"]).commit("two")
    again = of_another_kernel(question="Which?", choices=["first", "second"])
    assert (again.guess, again.opened) == (None, False)


def test_the_place_of_the_data_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA", "mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.data_folder() == tmp_path / "mine" / cache.NAME
    monkeypatch.delenv("COURSE_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        assert cache.data_folder() == tmp_path / "data" / cache.NAME
