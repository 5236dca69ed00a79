"""One guided step of a model as large as Stable Diffusion 1.5, its weights random, on this processor.

python tools/full_size_step.py

It shows that the painter's code carries a full-size structure, and what that costs in memory and seconds. It
needs about 8 GB of memory and no network: only the configuration is that of the real model.
"""

import resource
import time

import diffusers
import torch
from transformers import CLIPTextConfig, CLIPTextModel

from course_utils.painters.hub import preview
from course_utils.painters.hub.pipeline_painter import PipelinePainter
from course_utils.painters.hub.table import MODELS
from course_utils.training.text import tokenizer

GIB = 2**20  # ru_maxrss counts in KiB


def pipeline() -> diffusers.StableDiffusionPipeline:
    """The parts of Stable Diffusion 1.5 in their sizes (Rombach 2022), with random weights."""
    torch.manual_seed(0)
    words = tokenizer()
    words.model_max_length = 77
    text = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=768,
        intermediate_size=3072,
        num_hidden_layers=12,
        num_attention_heads=12,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.eos_token_id,
        pad_token_id=words.pad_token_id,
    )
    return diffusers.StableDiffusionPipeline(
        vae=diffusers.AutoencoderKL(
            block_out_channels=(128, 256, 512, 512),
            layers_per_block=2,
            latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            sample_size=512,
        ).eval(),
        text_encoder=CLIPTextModel(text).eval(),
        tokenizer=words,
        unet=diffusers.UNet2DConditionModel(cross_attention_dim=768, sample_size=64).eval(),
        scheduler=diffusers.DDIMScheduler(
            beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )


def main() -> None:
    """Paint one guided step at 512x512 and print what it took."""
    made = pipeline()
    weights = sum(
        part.numel() for name in ("unet", "vae", "text_encoder") for part in getattr(made, name).parameters()
    )
    loaded = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    painter = PipelinePainter(MODELS["sd15"], made, preview.for_pipeline(MODELS["sd15"], made))
    started = time.perf_counter()
    painting = painter.paint("a cat", steps=1, guidance=7.5)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    print(f"{weights / 1e6:.0f} million weights, a picture of {painting.pixels.shape}")
    print(f"{painting.evaluations} evaluations and the decoding: {seconds:.1f} s")
    print(f"memory: {loaded:.1f} GiB with the weights, {peak:.1f} GiB at the peak")


if __name__ == "__main__":
    main()
