"""Where the cache lies: one absolute folder for all who ask, whatever the person has set."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from course_utils import cache

posix = pytest.mark.skipif(sys.platform == "win32", reason="Users have names and homes on Windows.")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("COURSE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    cache._private.cache_clear()
    yield tmp_path / "home"
    cache._private.cache_clear()


@pytest.fixture
def nameless(monkeypatch, tmp_path):
    """A user without HOME whom the system does not know; and a place for temporary files."""

    def unknown(_):
        raise KeyError("uid not found")

    monkeypatch.setattr(__import__("pwd"), "getpwuid", unknown)
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / f"{cache.NAME}-{os.getuid()}"


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems keep caches elsewhere.")
def test_the_folder_of_before_is_still_the_folder(home, monkeypatch):
    assert cache.folder() == home / ".cache" / "course_utils"
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")
    assert cache.folder() == Path("/elsewhere/course_utils")


def test_graphs_where_another_system_had_them_first_stay_valid(home, monkeypatch):
    monkeypatch.setattr(
        "platformdirs.user_cache_path", lambda *_, **__: home / "Library" / "Caches" / cache.NAME
    )
    assert cache.folder() == home / "Library" / "Caches" / cache.NAME
    (home / ".cache" / cache.NAME).mkdir(parents=True)
    assert cache.folder() == home / ".cache" / cache.NAME
    (home / "Library" / "Caches" / cache.NAME).mkdir(parents=True)
    assert cache.folder() == home / "Library" / "Caches" / cache.NAME


@posix
@pytest.mark.parametrize(
    ("chosen", "means"),
    [
        ("/absolute", "/absolute/course_utils"),
        ("relative", "{home}/relative/course_utils"),
        ("./here", "{home}/here/course_utils"),
        ("~/mine", "{home}/mine/course_utils"),
        ("~", "{home}/course_utils"),
        ("", "{home}/.cache/course_utils"),
    ],
)
def test_what_a_person_sets_is_one_folder_from_everywhere(chosen, means, home, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", chosen)
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        monkeypatch.chdir(tmp_path / place)
        assert str(cache.folder()) == means.format(home=home)


@posix
def test_a_nameless_user_without_home_has_a_private_folder(nameless, monkeypatch):
    assert cache.folder() == nameless / cache.NAME
    assert stat.S_IMODE(nameless.stat().st_mode) == 0o700
    monkeypatch.setenv("COURSE_CACHE", "~/mine")
    assert cache.folder() == nameless / cache.NAME
    monkeypatch.setenv("COURSE_CACHE", "/absolute")
    assert cache.folder() == Path("/absolute/course_utils")


@posix
@pytest.mark.parametrize("taken", ["by a link", "by a file", "open to all"])
def test_a_folder_that_is_not_private_is_left_to_whoever_made_it(taken, nameless, tmp_path):
    if taken == "by a link":
        nameless.symlink_to(tmp_path / "theirs", target_is_directory=True)
    elif taken == "by a file":
        nameless.write_text("")
    else:
        nameless.mkdir()
        nameless.chmod(0o777)
    found = cache.folder()
    assert found.parent != nameless and stat.S_IMODE(found.parent.stat().st_mode) == 0o700
    assert cache.folder() == found


@posix
@pytest.mark.parametrize("home", ["", "relative"])
def test_a_home_that_is_no_folder_never_means_the_working_directory(home, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", home)
    for chosen in ("", "relative", "~/mine"):
        monkeypatch.setenv("COURSE_CACHE", chosen)
        found = cache.folder()
        assert found.is_absolute() and not found.is_relative_to(tmp_path / "home")
        assert not found.is_relative_to(Path.cwd())
