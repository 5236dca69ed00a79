"""The painters that ship: each is what its card says, and none stumbles over another's broken weights."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from random_painter import apart

from course_utils import painters
from course_utils.painters import builtin, engine
from course_utils.painters.builtin import BORROWS
from course_utils.runtime import MODELS, ROOT, CourseError

NAMES = list(painters.BUILTIN)
# What a card's code paints, as the painter is asked for it.
ON_THE_CARD = {
    "picturebook": {"steps": 20},
    "picturebook-flow": {"steps": 20},
    "picturebook-fast": {"steps": 4},
}


def code_of(name):
    (code,) = re.findall(r"```python\n(.*?)```", (MODELS / name / "MODEL_CARD.md").read_text(), re.S)
    return code


@pytest.mark.parametrize("name", NAMES)
def test_stock_diffusers_paints_the_same_by_the_code_on_the_card(name, tmp_path):
    """Run with nothing of the course at hand; the same picture within two grey levels."""
    *lines, last = code_of(name).strip().splitlines()
    saved = tmp_path / "stock.png"
    program = "\n".join(
        ["import sys", "sys.modules['course_utils'] = None", *lines, f"({last}).save({str(saved)!r})"]
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-2000:]
    ours = painters.load(name).paint("an orange cat in space", guidance=4.0, **ON_THE_CARD[name])
    assert apart(ours.pixels, np.asarray(Image.open(saved))) <= 2


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
    monkeypatch.setattr(engine, "quickest", lambda parts, slow: slow)  # no graphs are built for it
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
