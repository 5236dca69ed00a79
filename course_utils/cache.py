"""Where the course keeps files of its own on this machine, outside the repository.

In the cache lies what can be made again: graphs of the painters, scripts of the static pages. Among the data
lies what cannot: the learner's logbook.
"""

from __future__ import annotations

import functools
import os
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

NAME = "course_utils"  # among the folders of other programs


def folder() -> Path:
    """The folder `course_utils` in COURSE_CACHE, or in the system's place for caches; it need not exist.

    The path is absolute: a relative COURSE_CACHE lies in the home folder, not where a program starts.
    Where there is no home folder, it lies among the temporary folders, and only this user may enter it.
    """
    return _place("COURSE_CACHE", _of_the_system)


def data_folder() -> Path:
    """The same for what cannot be made again: in COURSE_DATA, or in the system's place for users' data."""
    return _place("COURSE_DATA", _data_of_the_system)


def _place(variable: str, of_the_system: Callable[[], Path]) -> Path:
    chosen = Path(os.environ.get(variable, ""))
    if chosen.is_absolute():
        return chosen / NAME
    try:
        if chosen.parts:
            return _home() / chosen.expanduser() / NAME
        return of_the_system()
    except RuntimeError:  # a nameless user without HOME
        return _private() / NAME


def _home() -> Path:
    home = Path.home()
    if not home.is_absolute():
        raise RuntimeError("HOME is no absolute folder.")
    return home


def _of_the_system() -> Path:
    from platformdirs import user_cache_path

    place = user_cache_path(NAME, appauthor=False)
    if not place.is_absolute():  # an early platformdirs
        raise RuntimeError("The home folder is unknown.")
    if os.environ.get("XDG_CACHE_HOME"):
        return place
    earlier = _home() / ".cache" / NAME  # where macOS and Windows had it at first
    return earlier if earlier.is_dir() and not place.exists() else place


def _data_of_the_system() -> Path:
    from platformdirs import user_data_path

    place = user_data_path(NAME, appauthor=False)
    if not place.is_absolute():
        raise RuntimeError("The home folder is unknown.")
    return place


@functools.cache
def _private() -> Path:
    """The same folder for all programs of this user, or another one if somebody else has taken its name."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    usual = Path(tempfile.gettempdir()) / f"{NAME}-{user}"
    with suppress(FileExistsError):
        usual.mkdir(mode=stat.S_IRWXU)
    found = usual.lstat()
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == user and not found.st_mode & 0o077
    return usual if mine else Path(tempfile.mkdtemp(prefix=f"{usual.name}-"))
