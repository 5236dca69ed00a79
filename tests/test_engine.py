"""The fast engine: the same pictures as torch, built once, and never in the way when it cannot be had."""

from __future__ import annotations

import builtins
import shutil

import numpy as np
import pytest
import torch
from random_painter import CAT, apart

from course_utils.painters import SAMPLERS, Canvas, attention, engine, graphs
from course_utils.painters.engine import Warming

onnxruntime = pytest.importorskip(
    "onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'"
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def cached(cache, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(cache))
    return cache / "course_utils"


@pytest.fixture
def both(painter, cached):
    """The painter, and a way to paint with either engine."""
    quick = engine.fast(painter.parts)
    slow = painter.torch_engine()

    def pair(*args, **settings):
        found = []
        for one in (slow, quick):
            painter.engine = one
            found.append(painter.paint(*args, **settings))
        painter.engine = slow
        return found

    return pair


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize(("steps", "w"), [(1, 4.0), (8, 0.0), (8, 7.5)])
def test_both_engines_paint_the_same(both, sampler, steps, w):
    slow, quick = both(CAT, sampler=sampler, steps=steps, guidance=w)
    assert apart(slow.pixels, quick.pixels) <= 1 and slow.evaluations == quick.evaluations


def test_batches_and_holes_agree_too(both, painter):
    for slow, quick in zip(*both([CAT] * 7, seed=list(range(7)), steps=3), strict=True):
        assert apart(slow.pixels, quick.pixels) <= 1
    hole = torch.zeros(16, 16, dtype=torch.bool)
    hole[3:9, 3:9] = True
    canvas = Canvas(painter.look(np.full((128, 128, 3), 90, np.uint8)), hole=hole)
    slow, quick = both(CAT, steps=5, canvas=canvas)
    assert apart(slow.pixels, quick.pixels) <= 1


def test_watching_attention_falls_back_to_torch(both, painter):
    painter.engine = quick = engine.fast(painter.parts)
    with attention.watching(painter) as watch:
        painter.paint(CAT, steps=2)
    assert watch.maps.shape[0] == 2 and painter.engine is quick
    painter.engine = painter.torch_engine()


def test_graphs_are_built_once_for_a_checksum(both, painter, cached, monkeypatch):
    assert len(list(cached.glob("*.onnx"))) == 3 and not [path for path in cached.iterdir() if path.is_dir()]

    def never(*_, **__):
        raise AssertionError("built again")

    monkeypatch.setattr(graphs.subprocess, "run", never)
    engine.fast(painter.parts)


def warmed(build, painter):
    warming = Warming(painter.torch_engine(), build)
    warming.wait()
    return warming


def test_it_paints_with_torch_until_the_fast_one_is_there(painter):
    warming = warmed(lambda: engine.fast(painter.parts), painter)
    assert warming.name == "ONNX Runtime" and warming.reason == ""


def test_a_cache_that_cannot_be_written_leaves_torch(painter, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    warming = warmed(lambda: engine.fast(painter.parts), painter)
    assert warming.name == "torch" and "NotADirectory" in warming.reason


def test_a_torn_graph_leaves_torch(painter, cached, tmp_path, monkeypatch):
    shutil.copytree(cached, tmp_path / "course_utils")
    for graph in (tmp_path / "course_utils").glob("*.onnx"):
        graph.write_bytes(graph.read_bytes()[:1000])
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    warming = warmed(lambda: engine.fast(painter.parts), painter)
    assert warming.name == "torch" and warming.reason


def test_a_torn_graph_is_built_anew_the_next_time(painter, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    for path in graphs.paths(painter.parts):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"torn")
    built = []
    monkeypatch.setattr(
        graphs, "ready", lambda parts: built.append(graphs.cached(parts)) or graphs.paths(parts)
    )
    found = engine.quickest(painter.parts, painter.torch_engine())
    assert built[0] is True and isinstance(found, engine.Warming)
    found.wait()
    assert built[-1] is False


@pytest.mark.parametrize("trouble", [PermissionError, RuntimeError])
def test_a_cache_that_nobody_may_look_into_leaves_torch(painter, monkeypatch, trouble):
    def refuse(_parts):
        raise trouble("no")

    monkeypatch.setattr(graphs, "paths", refuse)
    found = engine.quickest(painter.parts, painter.torch_engine())
    found.wait()
    assert "no" in found.reason


def test_without_the_runtime_torch_stays(painter, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **more):
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'")
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    warming = warmed(lambda: engine.fast(painter.parts), painter)
    assert warming.name == "torch" and "onnxruntime" in warming.reason
