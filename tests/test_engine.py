"""The fast engine: the same pictures as torch, built once, and never in the way when it cannot be had."""

from __future__ import annotations

import builtins
import errno
import shutil

import numpy as np
import pytest
import torch
from random_painter import CAT, apart

from course_utils.painters import SAMPLERS, Canvas, attention, inference
from course_utils.painters.inference import builder, graphs, onnx_engine, sessions
from course_utils.painters.inference.engine import Warming
from course_utils.painters.parts import Parts

onnxruntime = pytest.importorskip(
    "onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'"
)


@pytest.fixture(autouse=True)
def cached(built, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(built))
    return built / "course_utils"


@pytest.fixture
def both(painter, cached):
    """The painter, and a way to paint with either engine."""
    quick = inference.fast(painter.parts)
    slow = painter.torch_engine()

    def pair(*args, **settings):
        found = []
        for one in (slow, quick):
            painter.engine = one
            found.append(painter.paint(*args, **settings))
        painter.engine = slow
        return found

    return pair


@pytest.mark.parametrize(
    ("sampler", "steps", "w"),
    [("ddim", 8, 0.0), *((sampler, *way) for sampler in SAMPLERS for way in ((1, 4.0), (8, 7.5)))],
)
def test_both_engines_paint_the_same(both, sampler, steps, w):
    slow, quick = both(CAT, sampler=sampler, steps=steps, guidance=w)
    assert apart(slow.pixels, quick.pixels) <= 1 and slow.evaluations == quick.evaluations


class Halving:
    """Stands for a graph; remembers how many rows it was given at once."""

    def __init__(self):
        self.parts = []

    def run(self, _names, feed):
        self.parts.append(len(feed["latents"]))
        return [feed["latents"] / 2]


@pytest.mark.parametrize("rows", [1, 2, 5, 12, 13, 40])
def test_a_batch_is_dealt_out_evenly_and_comes_back_in_order(painter, rows):
    quick, batch = inference.fast(painter.parts, most=3), torch.arange(float(rows))[:, None]
    quick._graphs["decoder"] = quick._one_page = graph = Halving()
    assert quick.decode(batch).equal(batch / 2)
    assert max(graph.parts) <= onnx_engine.MOST_ROWS["decoder"]
    assert max(graph.parts) - min(graph.parts) <= 1
    assert len(graph.parts) == rows or len(graph.parts) % 3 == 0


def test_batches_and_holes_agree_too(both, painter):
    for slow, quick in zip(*both([CAT] * 7, seed=list(range(7)), steps=3), strict=True):
        assert apart(slow.pixels, quick.pixels) <= 1
    hole = torch.zeros(16, 16, dtype=torch.bool)
    hole[3:9, 3:9] = True
    canvas = Canvas(painter.encode_image(np.full((128, 128, 3), 90, np.uint8)), hole=hole)
    slow, quick = both(CAT, steps=5, canvas=canvas)
    assert apart(slow.pixels, quick.pixels) <= 1


def test_watching_attention_falls_back_to_torch(both, painter):
    painter.engine = quick = inference.fast(painter.parts)
    with attention.watching(painter) as watch:
        painter.paint(CAT, steps=2)
    assert watch.maps.shape[0] == 2 and painter.engine is quick
    painter.engine = painter.torch_engine()


def test_graphs_are_built_once_for_a_checksum(both, painter, cached, monkeypatch):
    assert set(cached.glob("*.onnx")) == set(graphs.paths(painter.parts).values())
    assert not [path for path in cached.iterdir() if path.is_dir()]

    def never(*_, **__):
        raise AssertionError("built again")

    monkeypatch.setattr(builder, "_run", never)
    inference.fast(painter.parts)


def test_sessions_of_one_graph_are_one_and_all_share_their_memory(both, painter):
    files = graphs.paths(painter.parts)
    one = sessions.session(files["decoder"], 1)
    assert sessions.session(files["decoder"], 1) is one and sessions.session(files["network"], 1) is not one
    assert one.get_session_options().get_session_config_entry("session.use_env_allocators") == "1"
    files["decoder"].touch()  # built anew
    assert sessions.session(files["decoder"], 1) is not one


def test_graphs_need_nothing_but_standard_operators(both, cached):
    """What any runtime of the format knows, a browser's too: no functions, one opset, one domain."""
    onnx = pytest.importorskip("onnx")
    for path in cached.glob("*.onnx"):
        model = onnx.load(path)
        assert [(one.domain, one.version) for one in model.opset_import] == [("", graphs.OPSET)]
        assert {node.domain for node in model.graph.node} == {""} and not model.functions


def test_what_follows_from_words_and_time_is_kept_and_nothing_else(painter):
    files = graphs.ready(painter.parts)
    asked = []

    class Counting:
        def __init__(self, graph):
            self.graph = graph

        def run(self, names, feed):
            asked.append(sorted(feed))
            return self.graph.run(names, feed)

        def get_outputs(self):
            return self.graph.get_outputs()

    halves = sessions.session(files["conditioning"], 1), sessions.session(files["network"], 1)
    whole = sessions.Conditioned(Counting(halves[0]), halves[1])

<<<<<<< HEAD
    def predicted(noise=0, time=500, words=0, rows=1):
        generator = torch.Generator().manual_seed(noise)
        vectors = torch.full((rows, 32, painter.encode_text("").shape[-1]), float(words))
        noisy = torch.randn((rows, *painter.shape), generator=generator)
        inputs = {"noisy": noisy, "timestep": torch.full((rows,), float(time)), "vectors": vectors}
        return whole.run(None, sessions.as_feed(inputs))[0]
=======
    def guess(noise=0, time=500, words=0, rows=1):
        dice = torch.Generator().manual_seed(noise)
        vectors = torch.full((rows, *painter.encode("").shape), float(words))
        noisy = torch.randn((rows, *painter.static(0).shape), generator=dice)
        return whole.run(None, engine.guess_feed(noisy, torch.tensor(time), vectors, None))[0]
>>>>>>> 912a9f96429ac4078db4d87014dcfc30646a6816

    first = predicted()
    assert len(asked) == 1 and "noisy" not in asked[0]
    assert np.array_equal(predicted(), first) and not np.array_equal(predicted(noise=1), first)
    assert len(asked) == 1
    for other in ({"time": 400}, {"words": 1}):
        assert not np.array_equal(predicted(**other), first)
    assert len(asked) == 3
    for _ in range(2):
        predicted(rows=sessions.KEPT_ROWS + 1)
    assert len(asked) == 5  # a large batch would fill the memory
    for time in range(2 * sessions.KEPT):
        predicted(time=time)
    assert whole._known.cache_info().currsize == sessions.KEPT


def test_other_settings_of_the_same_weights_are_another_graph(painter, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(painter.parts.folder, folder)
    parts = Parts(folder)
    before = graphs.paths(parts)
    settings = folder / "unet" / "config.json"
    settings.write_text(settings.read_text().replace('"act_fn": "silu"', '"act_fn": "gelu"'))
    after = graphs.paths(parts)
    assert [name for name in before if before[name] != after[name]] == ["network", "conditioning"]


def test_a_disk_that_is_full_leaves_torch_and_no_scraps(painter, tmp_path, monkeypatch):
    def full(_module, _example, _output, path):
        path.write_bytes(b"half a graph")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setattr(graphs, "export", full)
    # In this process, where it can be made to fail.
    monkeypatch.setattr(graphs, "ready", lambda parts: graphs.build(parts.folders) or graphs.paths(parts))
    warming = warmed(lambda: inference.fast(painter.parts), painter)
    assert warming.name == "torch" and "No space left" in warming.reason
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def warmed(build, painter):
    warming = Warming(painter.torch_engine(), build)
    warming.wait()
    return warming


def test_it_paints_with_torch_until_the_fast_one_is_there(painter):
    warming = warmed(lambda: inference.fast(painter.parts), painter)
    assert warming.name == "ONNX Runtime" and warming.reason == ""


def test_a_cache_that_cannot_be_written_leaves_torch(painter, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "file"))
    warming = warmed(lambda: inference.fast(painter.parts), painter)
    assert warming.name == "torch" and "NotADirectory" in warming.reason


def test_a_torn_graph_leaves_torch(painter, cached, tmp_path, monkeypatch):
    shutil.copytree(cached, tmp_path / "course_utils")
    for graph in (tmp_path / "course_utils").glob("*.onnx"):
        graph.write_bytes(graph.read_bytes()[:1000])
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    warming = warmed(lambda: inference.fast(painter.parts), painter)
    torn = graphs.paths(painter.parts)["text_encoder"].name  # the first that is read
    assert warming.name == "torch" and torn in warming.reason and "INVALID_PROTOBUF" in warming.reason


def test_a_torn_graph_is_built_anew_the_next_time(painter, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    for path in graphs.paths(painter.parts).values():
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"torn")
    built = []
    monkeypatch.setattr(
        graphs, "ready", lambda parts: built.append(graphs.cached(graphs.paths(parts))) or graphs.paths(parts)
    )
    found = inference.quickest(painter.parts, painter.torch_engine())
    assert built[0] is True and isinstance(found, Warming)
    found.wait()
    assert built[-1] is False


@pytest.mark.parametrize("trouble", [PermissionError, RuntimeError])
def test_a_cache_that_nobody_may_look_into_leaves_torch(painter, monkeypatch, trouble):
    def refuse(_parts):
        raise trouble("no")

    monkeypatch.setattr(graphs, "paths", refuse)
    found = inference.quickest(painter.parts, painter.torch_engine())
    found.wait()
    assert found.name == "torch" and found.reason == f"{trouble.__name__}: no"


def test_without_the_runtime_torch_stays(painter, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **more):
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'")
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    warming = warmed(lambda: inference.fast(painter.parts), painter)
    assert warming.name == "torch"
    assert warming.reason == "ModuleNotFoundError: No module named 'onnxruntime'"
