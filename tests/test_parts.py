"""Parts of a checkpoint read late serve as if they had been read at once."""

from __future__ import annotations

import shutil

import pytest
import torch
from transformers import CLIPTokenizerFast

from course_utils.painters.parts import Parts
from course_utils.runtime import CourseError


def test_weights_read_while_painting_serve_a_gradient_later(folder):
    parts = Parts(folder)
    with torch.inference_mode():
        parts.read()
    noisy = torch.zeros(1, 4, 16, 16, requires_grad=True)
    parts.vae.decode(noisy).sample.sum().backward()
    assert noisy.grad.abs().max() > 0


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("tokenizer/tokenizer.json", b"{"),
        ("text_encoder/model.safetensors", b"x"),
        ("unet/config.json", b"["),
    ],
)
def test_a_damaged_part_is_one_sentence(folder, tmp_path, file, damage):
    shutil.copytree(folder, tmp_path / "copy")
    (tmp_path / "copy" / file).write_bytes(damage)
    parts = Parts(tmp_path / "copy")
    with pytest.raises(CourseError, match=r"'copy' cannot be loaded") as caught:
        parts.read()
        parts.splitter.encode("a cat")
    assert "\n" not in str(caught.value)


def test_the_splitter_forgets_padding_and_truncation_of_a_saved_tokenizer(folder, tmp_path):
    words = CLIPTokenizerFast.from_pretrained(folder / "tokenizer")
    words("a cat", padding="max_length", max_length=32, truncation=True)
    words.save_pretrained(tmp_path / "tokenizer")
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    cutter = Parts(tmp_path).splitter
    assert len(cutter.encode("a cat").ids) < 32 < len(cutter.encode("cat " * 40).ids)


def test_a_part_that_a_checkpoint_does_not_have_is_named(tmp_path):
    (tmp_path / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    with pytest.raises(CourseError, match=r"cannot be loaded from its folder: it has no vae\."):
        _ = Parts(tmp_path).vae
