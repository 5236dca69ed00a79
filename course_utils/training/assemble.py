"""Put what was trained together as an ordinary checkpoint that stock diffusers loads.

python -m course_utils.training.assemble

U-Net, VAE and CLIP are stored in half precision, which loading turns back; the painter's text encoder in
single, as stock loading leaves it as it is.
"""

from __future__ import annotations

import argparse
import inspect
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    AutoencoderKLFlux2,
    FlowMatchEulerDiscreteScheduler,
    Flux2KleinPipeline,
    Flux2Transformer2DModel,
    LatentConsistencyModelPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextModel, CLIPTokenizer, Qwen2Tokenizer, Qwen3ForCausalLM

from course_utils import clip
from course_utils.judge import BACKBONES
from course_utils.picturebook.scene import WORLD
from course_utils.runtime import MODELS, write_checksums
from course_utils.training import fast as distilled
from course_utils.training import loop
from course_utils.training.flow import normalisation
from course_utils.training.kept import KeptPages
from course_utils.training.latents import FILE, pool
from course_utils.training.text import zero_shot
from course_utils.training.unet import noise_schedule

ZERO_SHOT = 1000  # fresh pages that CLIP is tried on


def painter(source: Path, out: Path) -> None:
    """Write the painter from the folders of its recipes (vae, text, unet)."""
    pipeline = StableDiffusionPipeline(
        vae=sharpened(source).half(),
        text_encoder=CLIPTextModel.from_pretrained(source / "text" / "final" / "text_encoder"),
        tokenizer=CLIPTokenizer.from_pretrained(source / "text" / "final" / "tokenizer"),
        unet=UNet2DConditionModel.from_pretrained(source / "unet" / "final").half(),
        scheduler=noise_schedule(),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(out)
    seal(out)


def fast(source: Path, out: Path) -> None:
    """Write the distilled U-Net; VAE, text encoder and tokenizer are its teacher's, and stay with it."""
    LatentConsistencyModelPipeline(
        vae=None,
        text_encoder=None,
        tokenizer=None,
        unet=UNet2DConditionModel.from_pretrained(source / "fast" / "final").half(),
        scheduler=distilled.scheduler(),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    ).save_pretrained(out)
    seal(out)


def flow(source: Path, out: Path) -> None:
    """Write the painter of now from the folders of its recipes (vae, latents, language, flow)."""
    words = Qwen2Tokenizer.from_pretrained(source / "language" / "final" / "tokenizer")
    pipeline = Flux2KleinPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=patched(sharpened(source), pool(source / FILE.name)["mean"]).half(),
        text_encoder=Qwen3ForCausalLM.from_pretrained(source / "language" / "final" / "text_encoder"),
        tokenizer=words,
        transformer=Flux2Transformer2DModel.from_pretrained(source / "flow" / "final").half(),
    )
    pipeline.save_pretrained(out)
    seal(out)


def seal(folder: Path) -> None:
    """Forget where the parts came from on this machine, and note their checksums."""
    for path in folder.rglob("config.json"):
        settings = json.loads(path.read_text())
        settings.pop("_name_or_path", None)
        path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    write_checksums(folder)


def patched(vae: AutoencoderKL, means: torch.Tensor) -> AutoencoderKLFlux2:
    """The same VAE in the newer pipeline's class, for latents with these means, (pages, 4, 16, 16).

    Its batch norm holds the mean and variance of the patched latents.
    """
    known = inspect.signature(AutoencoderKLFlux2).parameters
    kept = {name: value for name, value in vae.config.items() if name in known}
    found = AutoencoderKLFlux2(**kept)
    found.load_state_dict(vae.state_dict(), strict=False)
    found.bn.running_mean[:], found.bn.running_var[:] = normalisation(means)
    return found


def sharpened(source: Path) -> AutoencoderKL:
    """The trained VAE, with the decoder that learned last."""
    latest = source / "decoder" / "final"
    return AutoencoderKL.from_pretrained(latest if latest.exists() else source / "vae" / "final")


def pair(source: Path, out: Path) -> None:
    """Write the picture book's CLIP, with the picture encoder that learned last, and what it is worth."""
    latest = source / "pictures" / "final"
    trained, words = clip.read(latest if latest.exists() else source / "text" / "final")
    clip.save(trained.half(), words, out)
    found = zero_shot(*clip.read(out), KeptPages("fresh"), ZERO_SHOT)
    (out / "zero_shot.json").write_text(json.dumps(found, indent=1) + "\n")
    write_checksums(out)


def judges(source: Path, out: Path) -> None:
    """Put all judges into one folder, with what each is worth and the version of the world they read."""
    out.mkdir(parents=True, exist_ok=True)
    accuracy: dict[str, Any] = {"world": WORLD}
    for which in BACKBONES:
        folder = source / f"judge-{which}" / "final"
        shutil.copy(folder / f"{which}.safetensors", out)
        accuracy[which] = json.loads((folder / f"{which}.json").read_text())
    (out / "accuracy.json").write_text(json.dumps(accuracy, indent=1) + "\n")
    write_checksums(out)


# Folder in data/models -> what writes it, and the recipe without which there is nothing to write.
WRITERS: Mapping[str, tuple[Callable[[Path, Path], None], str]] = {
    "picturebook": (painter, "unet"),
    "picturebook-clip": (pair, "text"),
    "judges": (judges, "judge-features"),
    "picturebook-flow": (flow, "flow"),
    "picturebook-fast": (fast, "fast"),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Assemble in data/models whatever has been trained."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--source", type=Path, default=loop.RUNS)
    parser.add_argument("--out", type=Path, default=MODELS)
    chosen = parser.parse_args(arguments)
    for name, (write, recipe) in WRITERS.items():
        if (chosen.source / recipe / "final").exists():
            write(chosen.source, chosen.out / name)


if __name__ == "__main__":
    main()
