"""Sketches in eight bits: like the page they promise, never in its place, and never in the way."""

from __future__ import annotations

import builtins
import importlib
import shutil
import threading

import numpy as np
import pytest
import torch
from random_painter import CAT

from course_utils import painters
from course_utils.painters import Canvas, Settings
from course_utils.painters.inference import builder, graphs, quantized
from course_utils.painters.inference.engine import Warming
from course_utils.painters.inference.onnx_engine import OnnxEngine
from course_utils.panels import page_painting
from course_utils.runtime import CourseError

pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")

pytestmark = pytest.mark.graphs

QUESTIONS = ["a red boat at sea", "a blue owl in the snow", "an orange cat in space"]


@pytest.fixture(scope="module")
def cache(built, tmp_path_factory):
    return shutil.copytree(built, tmp_path_factory.mktemp("cache"), dirs_exist_ok=True)


@pytest.fixture
def cached(cache, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(cache))
    return cache / "course_utils"


@pytest.fixture
def few(monkeypatch):
    """Graphs are built in this process, which has imported all it takes, and with ranges of few inputs."""
    for name, value in {"PAGES": 2, "STEPS": (1, 2), "MOST_INPUTS": 4}.items():
        monkeypatch.setattr(quantized, name, value)
    monkeypatch.setattr(
        builder, "_run", lambda module, material: importlib.import_module(module).build(material)
    )


@pytest.fixture
def unrounded(monkeypatch):
    """Graphs are marked instead of rounded: another file that says the same."""

    def mark(source, _inputs, target):
        graph = onnx.load(source)
        graph.producer_name = "rounded"
        onnx.save(graph, target)

    onnx = pytest.importorskip("onnx")
    monkeypatch.setattr(quantized, "_quantize", mark)


def decibels(one, other) -> float:
    """How near two pictures are; 20 is a tenth of the range apart."""
    gap = (np.asarray(one, float) - np.asarray(other, float)) / 255
    return float(-10 * np.log10(np.square(gap).mean() + 1e-9))


@pytest.mark.parametrize("name", ["picturebook", "picturebook-flow"])
def test_a_sketch_shows_the_page_that_as_many_steps_would_paint(name):
    painter = painters.load(name)
    sketcher = painter.sketcher
    sketcher.engine.wait()
    assert sketcher.engine.reason == "" and sketcher.engine.name == OnnxEngine.name
    asked = [
        Settings(prompt, seed=seed, steps=page_painting.FEW) for seed in range(3) for prompt in QUESTIONS
    ]
    near = [decibels(sketcher.paint(one).pixels, painter.paint(one).pixels) for one in asked]
    others = asked[1:] + asked[:1]
    strangers = [
        decibels(sketcher.paint(one).pixels, painter.paint(other).pixels)
        for one, other in zip(asked, others, strict=True)
    ]
    # Now and then a small slip sends a page elsewhere, and which page that is depends on the machine.
    assert np.median(near) > 18 and np.mean(near) > np.mean(strangers) + 6


def test_a_sketch_counts_and_keeps_what_a_painting_does():
    painter = painters.load("picturebook")
    painter.sketcher.engine.wait()
    sketch, page = (one.paint(CAT, steps=3, seed=5) for one in (painter.sketcher, painter))
    assert sketch.evaluations == page.evaluations == 6 and sketch.settings == page.settings
    assert sketch.trajectory[0].noisy.equal(page.trajectory[0].noisy)
    assert painter.engine is not painter.sketcher.engine and painter.lock is painter.sketcher.lock


@pytest.mark.parametrize(
    ("name", "end"), [("picturebook", 0.6), ("picturebook-flow", 1.0), ("picturebook-fast", 1.0)]
)
def test_a_sketch_is_guided_early_where_that_helps(name, end):
    painter = painters.load(name)
    strong, weak = Settings(CAT, steps=10, guidance=5), Settings(CAT, steps=10, guidance=1)
    assert painter.sketched(strong, 4) == strong.but(steps=4, interval=(0.0, end))
    assert painter.sketched(weak, 4) == weak.but(steps=4)
    chosen = strong.but(interval=(0.2, 0.9))
    assert painter.sketched(chosen, 4) == chosen.but(steps=4)


def test_guided_early_a_sketch_is_nearer_to_its_page_for_fewer_evaluations():
    painter = painters.load("picturebook")
    gained = []
    for seed, prompt in enumerate(QUESTIONS):
        page = Settings(prompt, seed=seed, steps=10, guidance=8)
        early, throughout = painter.sketched(page, page_painting.FEW), page.but(steps=page_painting.FEW)
        proper, one, other = (painter.paint(asked) for asked in (page, early, throughout))
        gained.append(decibels(one.pixels, proper.pixels) - decibels(other.pixels, proper.pixels))
        assert (one.evaluations, other.evaluations) == (8, 10)
    assert np.mean(gained) > 0.5


def test_a_hole_is_sketched_too():
    painter = painters.load("picturebook")
    painter.sketcher.engine.wait()
    hole = np.zeros((16, 16), bool)
    hole[4:9, 4:9] = True
    latent = painter.initial_noise(3)
    canvas = Canvas(latent, 1.0, torch.tensor(hole))
    sketch = painter.sketcher.paint(CAT, canvas=canvas, steps=4)
    kept = ~torch.tensor(hole)
    assert torch.allclose(sketch.latent[:, kept], latent[:, kept], atol=1e-4)  # but for rounding


def test_a_painter_without_an_engine_for_sketches_is_its_own_sketcher(painter):
    assert painter.sketcher is painter


def test_without_graphs_for_pages_there_are_none_for_sketches(painter, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    with pytest.raises(CourseError, match="graphs for pages"):
        quantized.fast(painter.parts, painter.torch_engine(), painter.using)


def test_graphs_are_built_once_and_a_torn_one_again(painter, cached, few, request):
    slow = painter.torch_engine()
    quantized.fast(painter.parts, slow, painter.using)
    network, decoder = quantized.paths(painter.parts).values()
    before = network.stat().st_mtime_ns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantized, "built", lambda *_: pytest.fail("It was built already."))
        quantized.fast(painter.parts, slow, painter.using)
    assert network.stat().st_mtime_ns == before
    assert sorted(cached.glob("*.onnx")) == sorted({*graphs.paths(painter.parts).values(), network, decoder})
    decoder.write_bytes(b"torn")
    request.getfixturevalue("unrounded")
    quantized.fast(painter.parts, slow, painter.using)
    assert decoder.stat().st_size > 1000


def test_where_eight_bits_gain_nothing_the_float_graph_takes_their_place(
    painter, cached, few, unrounded, monkeypatch
):
    monkeypatch.setattr(quantized, "WORTH", 1e9)
    sources = graphs.ready(painter.parts)
    graphs.forget(quantized.paths(painter.parts))
    quantized.built(painter.parts, painter.torch_engine(), painter.using)
    for network, path in quantized.paths(painter.parts).items():
        assert path.read_bytes() == sources[network].read_bytes()
        path.unlink()


def test_without_the_runtime_sketches_are_painted_as_pages_are(painter, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **more):
        if name == "onnxruntime":
            raise ModuleNotFoundError("No module named 'onnxruntime'")
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    slow = painter.torch_engine()
    found = Warming(slow, lambda: quantized.fast(painter.parts, slow, painter.using))
    found.wait()
    assert found.name == "torch" and "onnxruntime" in found.reason


def test_it_waits_for_the_graphs_for_pages(painter, cached, monkeypatch):
    order, asked = [], threading.Event()

    def pages():
        if not asked.wait(1):  # whoever does not wait asks meanwhile
            order.append("pages")

    rounded = {"network": cached / "network", "decoder": cached / "decoder"}
    monkeypatch.setattr(
        graphs, "cached", lambda files: asked.set() or order.append("asked") or files != rounded
    )
    monkeypatch.setattr(quantized, "built", lambda *_: order.append("built"))
    monkeypatch.setattr(quantized, "paths", lambda _: rounded)
    monkeypatch.setattr(quantized, "OnnxEngine", lambda *_: order.append("loaded"))
    quantized.fast(painter.parts, Warming(painter.torch_engine(), pages), painter.using)
    assert order == ["pages", "asked", "asked", "built", "loaded"]
