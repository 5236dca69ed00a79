"""The painters that ship with the course, and local folders in diffusers' layout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course_utils.painters.hub.table import MODELS as LARGE
from course_utils.runtime import CHECKSUMS, MODELS, CourseError, verify_checksums

if TYPE_CHECKING:
    from course_utils.painters.painter import Painter

# Name -> what it is, in one line.
BUILTIN = {
    "picturebook": "a small Stable Diffusion: U-Net with cross-attention, eps prediction, CLIP text encoder"
}


def load(name: str | Path = "picturebook") -> Any:
    """The painter of this name: built in, a large model of the hub, or a local folder; "auto" chooses.

    A local folder is one in diffusers' layout. Raises `CourseError` for unknown names, for weights that are
    missing or damaged, and for large models that this machine cannot run.
    """
    if str(name) in BUILTIN:
        return _load(MODELS / str(name), str(name), built_in=True)
    if name == "auto":
        from course_utils.painters.hub.choose import auto

        chosen, why = auto()
        print(why)
        return load(chosen)
    if str(name) in LARGE:
        from course_utils.painters.hub.fetch import load as load_large

        return load_large(str(name))
    folder = Path(name)
    if (folder / "model_index.json").is_file():
        return _load(folder.resolve(), folder.name, built_in=False)
    raise CourseError(
        f"There is no painter {str(name)!r}; choose {', '.join((*BUILTIN, 'auto', *LARGE))}, or a folder "
        "with a model_index.json."
    )


@cache
def _load(folder: Path, name: str, built_in: bool) -> Any:
    from transformers.utils.logging import disable_progress_bar

    from course_utils.painters.engine import Warming, fast
    from course_utils.picturebook.captions import KNOWN_WORDS

    if built_in or (folder / CHECKSUMS).is_file():
        verify_checksums(folder)
    disable_progress_bar()  # these weights load in a blink
    try:
        kind = json.loads((folder / "model_index.json").read_text())["_class_name"]
        if kind not in _READERS:
            raise CourseError(
                f"The painter {name!r} is a {kind}; folders of {' and '.join(_READERS)} can be loaded."
            )
        painter = _READERS[kind](folder, name, KNOWN_WORDS if built_in else None)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise CourseError(f"The painter {name!r} cannot be loaded from its folder: {reason}") from None
    for part in (painter.text_encoder, painter.unet, painter.vae):
        part.float().eval().requires_grad_(False)
    if built_in:
        # A local folder is painted by torch alone: the reference that the fast engine is held to.
        painter.engine = Warming(painter.engine, partial(fast, folder))
    return painter


def _then(folder: Path, name: str, words: Sequence[str] | None) -> Painter:
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

    from course_utils.painters.painter import Painter

    return Painter(
        name,
        CLIPTokenizer.from_pretrained(folder / "tokenizer"),
        CLIPTextModel.from_pretrained(folder / "text_encoder"),
        UNet2DConditionModel.from_pretrained(folder / "unet"),
        AutoencoderKL.from_pretrained(folder / "vae"),
        _schedule(folder),
        words,
    )


def _now(folder: Path, name: str, words: Sequence[str] | None) -> Painter:
    from diffusers import AutoencoderKLFlux2, Flux2Transformer2DModel
    from transformers import Qwen2Tokenizer, Qwen3ForCausalLM

    from course_utils.painters.flow_painter import FlowPainter

    return FlowPainter(
        name,
        Qwen2Tokenizer.from_pretrained(folder / "tokenizer"),
        Qwen3ForCausalLM.from_pretrained(folder / "text_encoder"),
        Flux2Transformer2DModel.from_pretrained(folder / "transformer"),
        AutoencoderKLFlux2.from_pretrained(folder / "vae"),
        _schedule(folder),
        words,
    )


_READERS = {"StableDiffusionPipeline": _then, "Flux2KleinPipeline": _now}


def _schedule(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
