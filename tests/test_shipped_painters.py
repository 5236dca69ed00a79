"""The painters that ship: each is what its card says, and none stumbles over another's broken weights."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image
from random_painter import apart

from course_utils import painters
from course_utils.painters import Canvas, attention, builtin, inference
from course_utils.painters.builtin import BORROWS
from course_utils.runtime import MODELS, ROOT, CourseError

pytestmark = pytest.mark.graphs

NAMES = list(painters.BUILTIN)
# What a card's code paints, as the painter is asked for it.
ON_THE_CARD = {
    "picturebook": {"steps": 20},
    "picturebook-flow": {"steps": 20},
    "picturebook-fast": {"steps": 4},
}


# One process for all cards, for importing diffusers takes longer than painting; no card sees another's names.
EACH = """
import json, sys
sys.modules["course_utils"] = None
for program in json.load(sys.stdin):
    exec(program, {"__name__": "__main__"})
"""


def code_of(name):
    (code,) = re.findall(r"```python\n(.*?)```", (MODELS / name / "MODEL_CARD.md").read_text(), re.S)
    return code


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """What the code on each card paints, painter -> file, with nothing of the course at hand."""
    files, programs = {}, []
    for name in NAMES:
        *lines, last = code_of(name).strip().splitlines()
        files[name] = tmp_path_factory.mktemp("stock") / f"{name}.png"
        programs.append("\n".join([*lines, f"({last}).save({str(files[name])!r})"]))
    done = subprocess.run(
        [sys.executable, "-c", EACH], input=json.dumps(programs), cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return files


@pytest.mark.parametrize("name", NAMES)
def test_stock_diffusers_paints_the_same_by_the_code_on_the_card(name, stock):
    """The same picture within two grey levels."""
    ours = painters.load(name).paint("an orange cat in space", guidance=4.0, **ON_THE_CARD[name])
    assert apart(ours.pixels, np.asarray(Image.open(stock[name]))) <= 2


@pytest.mark.parametrize("name", NAMES)
def test_each_paints_at_once_what_it_is_asked(name):
    painter = painters.load(name)
    painting = painter.paint(painter.defaults("a red boat at sea"))
    assert painting.pixels.shape == (128, 128, 3) and painting.painter == name
    assert painting.pixels.std() > 10 and len(painters.BUILTIN[name].splitlines()) == 1


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A copy of the shipped models that may be broken; what was loaded before is forgotten meanwhile."""
    copy = tmp_path / "models"
    shutil.copytree(MODELS, copy, copy_function=os.link)
    monkeypatch.setattr(builtin, "MODELS", copy)
    monkeypatch.setattr(inference, "quickest", lambda parts, slow, build: slow)  # no graphs are built for it
    builtin._built_in.cache_clear()
    yield copy
    builtin._built_in.cache_clear()


def weights_of(folder):
    (network,) = (folder / part for part in ("unet", "transformer") if (folder / part).is_dir())
    return network / "diffusion_pytorch_model.safetensors"


def paints(name):
    return painters.load(name).paint("a red boat at sea", steps=1, guidance=2.0).pixels.any()


@pytest.mark.parametrize("broken", NAMES)
@pytest.mark.parametrize("how", ["damaged", "missing", "gone", "swapped"])
def test_one_painter_s_broken_weights_leave_the_others_working(models, broken, how):
    weights = weights_of(models / broken)
    if how == "damaged":
        data = weights.read_bytes()
        weights.unlink()
        weights.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif how == "missing":
        weights.unlink()
    elif how == "swapped":
        weights.unlink()
        shutil.copy(weights_of(models / NAMES[NAMES.index(broken) - 1]), weights)
    else:
        shutil.rmtree(models / broken)
    with pytest.raises(CourseError, match=f"{broken}.*git checkout") as caught:
        painters.load(broken)
    assert "\n" not in str(caught.value)
    for other in set(NAMES) - {broken}:
        if how == "gone" and broken in BORROWS.get(other, ()):  # with the folder the borrowed parts went, too
            with pytest.raises(CourseError, match=f"{broken}.*git checkout"):
                painters.load(other)
        else:
            assert paints(other)


@pytest.mark.parametrize("name", NAMES)
def test_the_dials_reach_as_far_as_the_painter_goes(name):
    painter = painters.load(name)
    asked = [painter.defaults("a red boat at sea", steps=1, guidance=w) for w in painter.dial]
    asked.append(painter.defaults("a red boat at sea", steps=painter.most_steps))
    weak, strong, patient = (painter.paint(one).pixels for one in asked)
    assert apart(weak, strong) > 20 and min(page.std() for page in (weak, strong, patient)) > 10
    if "original_inference_steps" in painter.parts.schedule:
        assert painter.most_steps == painter.parts.schedule["original_inference_steps"]


# Settings -> what the two engines must agree on, of every painter that ships, within one grey level.
WAYS = {
    "few steps": {"steps": 2},
    "many steps": {"steps": 10},
    "guidance 1": {"guidance": 1.0},
    "strong guidance": {"guidance": 6.0},
    "a blend": {"other": "a blue owl in the snow", "blend": 0.4},
    "a negative prompt": {"negative": "a hat"},
    "rescaled": {"rescale": 0.7},
    "an interval": {"interval": (0.2, 0.8)},
    "no prompt heard": {"guidance": 0.0},
}
# What a painter has no dial for.
WITHOUT = {"picturebook-fast": {"a negative prompt", "rescaled", "an interval", "no prompt heard"}}


@pytest.fixture(scope="module", params=NAMES)
def engines(request):
    """A shipped painter with its fast engine, and the same by torch."""
    pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")
    quick = painters.load(request.param)
    quick.engine.wait()
    assert quick.engine.name == "ONNX Runtime"
    return quick, dataclasses.replace(quick)


@pytest.mark.parametrize("way", WAYS)
def test_both_engines_agree_for_every_painter(engines, way):
    settings = engines[0].defaults("an orange cat in space", **{"steps": 4, **WAYS[way]})
    if way in WITHOUT.get(engines[0].name, ()):
        with pytest.raises(CourseError, match="fast painter"):
            engines[0].paint(settings)
        return
    quick, slow = (one.paint(settings) for one in engines)
    assert apart(quick.pixels, slow.pixels) <= 1 and quick.evaluations == slow.evaluations


def test_both_engines_agree_on_batches_and_edits(engines):
    quick, slow = engines
    texts = ["a cat", "a red boat at sea", "an owl in the snow", "a fish", "a house"]
    for one, other in zip(*(p.paint(texts, seed=list(range(5)), steps=3) for p in engines), strict=True):
        assert apart(one.pixels, other.pixels) <= 1
    page = quick.paint("a house", steps=4).pixels
    side = quick.initial_noise(0).shape[-1]
    hole = torch.zeros(side, side, dtype=torch.bool)
    hole[: side // 2] = True
    for canvas in (Canvas(quick.encode_image(page), 0.5), Canvas(quick.encode_image(page), 1.0, hole)):
        one, other = (p.paint("a blue owl", steps=4, canvas=canvas) for p in (quick, slow))
        assert apart(one.pixels, other.pixels) <= 1


def test_a_watched_painting_is_the_one_that_is_not_watched(engines):
    quick, _ = engines
    plain = quick.paint("a cat with a hat", steps=3)
    with attention.watching(quick):
        watched = quick.paint("a cat with a hat", steps=3)
    assert apart(plain.pixels, watched.pixels) <= 1
