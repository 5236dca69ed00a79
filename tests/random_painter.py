"""A painter with the real structure and random weights: what is tested on it needs no training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from transformers import CLIPTextModel

from course_utils import clip
from course_utils.training import text, unet, vae

CAT = "a small orange cat in space"


def write(target: Path) -> None:
    """Write the checkpoint as stock diffusers would."""
    torch.manual_seed(0)
    words = text.tokenizer()
    pair = clip.build(len(words), words.eos_token_id)
    pair.text.save_pretrained(target / "with_projection")
    StableDiffusionPipeline(
        vae=vae.build(),
        text_encoder=CLIPTextModel.from_pretrained(target / "with_projection"),
        tokenizer=words,
        unet=unet.build(),
        scheduler=unet.noise_schedule(),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    ).save_pretrained(target)


def apart(one, other) -> int:
    """The largest difference of two pictures, in gray levels."""
    return int(np.abs(np.asarray(one, int) - np.asarray(other, int)).max())
