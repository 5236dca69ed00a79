"""The distilled painter with random weights: stock diffusers' pictures, one pass a step, parts borrowed."""

from __future__ import annotations

import shutil

import pytest
import torch
from diffusers import LatentConsistencyModelPipeline, StableDiffusionPipeline
from random_painter import CAT, apart

from course_utils.painters import builtin, inference
from course_utils.painters.parts import Parts
from course_utils.runtime import CourseError, generator
from course_utils.training import assemble
from course_utils.training import fast as recipe
from course_utils.training import unet as teaching


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """A folder with a distilled U-Net and nothing it could borrow."""
    torch.manual_seed(1)
    source = tmp_path_factory.mktemp("runs")
    unet = recipe.student_of(teaching.build())
    torch.nn.init.normal_(unet.time_embedding.cond_proj.weight)
    unet.save_pretrained(source / "fast" / "final")
    assemble.fast(source, source / "student")
    return source / "student"


@pytest.fixture(scope="module")
def painter(student, folder):
    return builtin.assembled(student, folder)


@pytest.fixture(scope="module")
def stock(student, folder):
    lender = StableDiffusionPipeline.from_pretrained(folder)
    pipeline = LatentConsistencyModelPipeline.from_pretrained(
        student, vae=lender.vae, text_encoder=lender.text_encoder, tokenizer=lender.tokenizer
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.mark.parametrize(("steps", "w", "seed"), [(1, 3.0, 7), (4, 1.0, 8), (4, 6.0, 9)])
def test_it_paints_what_stock_diffusers_paints(painter, stock, steps, w, seed):
    ours = painter.paint(CAT, seed=seed, steps=steps, guidance=w)
    theirs = stock(CAT, num_inference_steps=steps, guidance_scale=w, generator=generator(seed)).images[0]
    assert apart(ours.pixels, theirs) <= 2 and ours.evaluations == steps


def test_guidance_is_told_and_every_picture_has_its_own(painter):
    weak, strong = painter.paint([painter.defaults(CAT, guidance=w) for w in (1.0, 6.0)])
    assert apart(weak.pixels, strong.pixels) > 0
    assert apart(strong.pixels, painter.paint(painter.defaults(CAT, guidance=6.0)).pixels) <= 1


def test_one_leap_written_out_is_one_step(painter):
    """What a notebook writes out: predict, told w, and the same line for x0 as anywhere."""
    x, (signal, level) = painter.initial_noise(7)[None], painter.path.levels(1000)
    words = painter.encode_text(CAT)[None]
    with torch.inference_mode():
        weak, strong = ((x - level * painter.predict(x, 1000, words, w)) / signal for w in (1, 5.0))
    assert torch.allclose(strong[0], painter.paint(CAT, steps=1, guidance=5.0).latent, atol=1e-4)
    assert not torch.allclose(weak, strong, atol=1e-3)


@pytest.mark.slow  # it builds graphs of its own; the painters that ship are held against torch, too
def test_both_engines_paint_the_same(painter, tmp_path, monkeypatch):
    pytest.importorskip("onnxruntime", reason="the fast engine wants onnxruntime: pip install '.[fast]'")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    slow, before = painter.paint(CAT, steps=4), painter.engine
    painter.engine = inference.fast(painter.parts)
    quick = painter.paint(CAT, steps=4)
    painter.engine = before
    assert apart(slow.pixels, quick.pixels) <= 1


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"guidance": 0.0}, "learned guidance from 1 to 6"),
        ({"negative": "a hat"}, "one prediction a step"),
        ({"rescale": 0.5}, "one prediction a step"),
        ({"sampler": "heun"}, "distilled for"),
        ({"steps": 60}, "1 to 10 steps"),
    ],
)
def test_what_it_has_no_part_for_is_said(painter, settings, sentence):
    with pytest.raises(CourseError, match=sentence):
        painter.paint(CAT, **{"steps": 2, **settings})


def test_parts_are_borrowed_only_where_they_are_missing(student, folder):
    parts = Parts(student, folder)
    assert parts.home("vae").parent == folder and parts.home("unet").parent == student
    assert parts.kind == "LatentConsistencyModelPipeline"


def test_a_checkpoint_that_names_other_libraries_is_refused(folder, tmp_path):
    bad = tmp_path / "bad"
    shutil.copytree(folder, bad)
    index = bad / "model_index.json"
    index.write_text(index.read_text().replace('"transformers"', '"os"'))
    with pytest.raises(CourseError, match="only parts of"):
        builtin.load(bad)
