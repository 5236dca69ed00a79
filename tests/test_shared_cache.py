"""A class shares one cache of graphs that nobody may change."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from random_painter import CAT

from course_utils.painters import inference
from course_utils.painters.inference import onnx_engine

pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")

CHANGES = {"os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.truncate", "shutil.rmtree"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_guarded: list[Path] = []


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Stand for the system, which lets root write anywhere."""
    changes = event in CHANGES or (
        event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING
    )
    if _guarded and changes and isinstance(arguments[0], str | os.PathLike):
        path = Path(arguments[0]).absolute()
        if any(path == folder or folder in path.parents for folder in _guarded):
            raise PermissionError(13, "Permission denied", str(path))


@pytest.fixture(scope="module")
def read_only() -> Iterator[Callable[[Path], None]]:
    """Make folders, and all in them, such that they can only be read."""
    sys.addaudithook(_refuse)  # for good: from the end of this module on it guards nothing
    yield _guarded.append
    _guarded.clear()


def test_graphs_of_a_folder_that_can_only_be_read_are_used(painter, built, read_only, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(built))
    read_only(built)
    with pytest.raises(PermissionError):
        (built / "anything").write_text("")
    quick = inference.quickest(painter.parts, painter.torch_engine())
    assert isinstance(quick, onnx_engine.OnnxEngine)
    assert painter.using(quick).paint(CAT, steps=2).pixels.shape == (128, 128, 3)


def test_where_it_lacks_them_the_painter_paints_with_torch(painter, tmp_path, read_only, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    read_only(tmp_path)
    slow = inference.quickest(painter.parts, painter.torch_engine())
    slow.wait()
    assert slow.name == "torch" and "Permission denied" in slow.reason
    assert painter.using(slow).paint(CAT, steps=1).pixels.shape == (128, 128, 3)
