"""python -m course_utils fetch sd15 - download a large model ahead of a lesson, and load it."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from course_utils.painters.hub import network
from course_utils.painters.hub.choose import (
    GB,
    OFFLOADED,
    SPREAD,
    Plan,
    cached_folder,
    components,
    plan,
    this_machine,
)
from course_utils.painters.hub.table import CARD, MODELS, PREVIEWS, Row
from course_utils.runtime import CourseError, offline_switch

# Nothing that could run code when it is read: weights as safetensors, the rest as text.
TEXTS = ("*.json", "*.txt", "*.model", "*.jinja")
SPARE_GB = 1.0  # left free on the disk
INDEX = "model_index.json"


def fetch(row: Row) -> Path:
    """Download a model into the Hugging Face cache, from the first repository that has it; resumes by itself.

    What is in the cache already, from whichever repository, is not asked for again. Returns its folder.
    Raises `CourseError` with the remedy for every way in which it can fail.
    """
    from huggingface_hub.errors import (
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    here = cached_folder(row)
    if here is not None:
        return here
    if switch := offline_switch():
        raise CourseError(
            f"{row.title} is not downloaded and {switch} switches the network off: unset it, then "
            "fetch again."
        )
    mistaken = network.mistaken_address()
    if mistaken:
        raise CourseError(_broken(row, *mistaken))
    gone = []
    for repository in row.repositories:
        try:
            return _download(row, repository)
        except CourseError:
            raise
        except GatedRepoError:
            raise CourseError(
                f"{row.title} is gated: accept its licence at {CARD.format(repository)} and log in with "
                "`hf auth login`."
            ) from None
        except (RepositoryNotFoundError, RevisionNotFoundError):
            gone.append(repository)
        except Exception as error:  # of the hub, the transport (whose library differs) or the disk
            raise CourseError(_broken(row, *_reason(error))) from None
    raise CourseError(f"{row.title} is gone from the hub; tried {', '.join(gone)}. Choose another model.")


def _download(row: Row, repository: str) -> Path:
    """Download the parts that the repository's own index names, once the disk is known to have room."""
    from huggingface_hub import snapshot_download

    parts = _parts(row, repository)
    wanted: dict[str, Any] = {
        "revision": row.revision,
        "allow_patterns": [INDEX, *_patterns(parts, row.variant)],
    }
    if row.variant is None:
        wanted["ignore_patterns"] = ["*.fp16*", "*.bf16*", "*non_ema*"]  # the same weights once more
    missing = snapshot_download(repository, dry_run=True, **wanted)
    _need_disk(row, sum(file.file_size or 0 for file in missing if file.will_download))
    return Path(snapshot_download(repository, **wanted))


def _parts(row: Row, repository: str) -> list[str]:
    """The parts that the repository's index names."""
    from huggingface_hub import hf_hub_download

    for again in (False, True):
        index = Path(hf_hub_download(repository, INDEX, revision=row.revision, force_download=again))
        try:
            return components(index)
        except ValueError:
            index.unlink()  # a damaged one in the cache would be read again at every try
    raise CourseError(f"{row.title} cannot be downloaded: its {INDEX} is damaged. Try again.")


def _patterns(parts: list[str], variant: str | None) -> list[str]:
    """What is fetched: of each part its weights and its texts; single-file copies at the top are left out."""
    kinds = (f"*.{variant}*.safetensors" if variant else "*.safetensors", *TEXTS)
    return [f"{part}/{kind}" for part in parts for kind in kinds]


def _reason(error: Exception) -> tuple[str, str]:
    """Why a download failed and what to do: what the hub answered, what is in its way, or else the error."""
    status = _status(error)
    if status not in (None, network.LOG_IN_FIRST):
        what = "the hub asks you to wait (429)" if status == 429 else f"the hub answers {status}"
        return what, "check the network, try again"
    found = network.trouble()
    if found is not None:
        return found
    if isinstance(error, OSError):
        return (error.strerror or str(error)).splitlines()[0].rstrip("."), "try again"
    return f"the connection broke ({type(error).__name__})", "check the network, try again"


def _status(error: BaseException) -> int | None:
    """The status that the hub answered, from the error or whichever error lies behind it."""
    seen: BaseException | None = error
    while seen is not None:
        status = getattr(getattr(seen, "response", None), "status_code", None)
        if status is not None:
            return status
        seen = seen.__cause__ or seen.__context__
    return None


def _broken(row: Row, what: str, remedy: str) -> str:
    return f"{row.title} cannot be downloaded, {what}: {remedy}; what has arrived is kept."


def fetch_preview(repository: str) -> None:
    """Download a tiny decoder for previews of a painting; without it the model's own VAE makes them."""
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(repository, revision=PREVIEWS[repository], allow_patterns=["*.safetensors", *TEXTS])
    except Exception as error:
        print(
            f"The preview decoder {repository} is missing ({type(error).__name__}): the model paints without."
        )


_LOADED: dict[str, Any] = {}  # one at a time: two large models rarely fit


def load(name: str) -> Any:
    """A large model ready to paint on this machine, downloaded first if necessary.

    A second call returns the same painter; loading another model frees the first.
    """
    from course_utils.painters.hub.memory import free

    if name not in MODELS:
        raise CourseError(f"There is no large model {name!r}; choose one of {', '.join(MODELS)}.")
    row = MODELS[name]
    if name not in _LOADED:
        _LOADED.clear()
        free()
        cached = cached_folder(row) is not None
        chosen = plan(row, this_machine(), cached)
        if row.preview and not cached:
            fetch_preview(row.preview)
        _LOADED[name] = assemble(fetch(row), chosen)
    return _LOADED[name]


def assemble(folder: Path, chosen: Plan) -> Any:
    """The pipeline in a folder, placed as planned, behind the painter's interface."""
    import diffusers
    import torch

    from course_utils.painters.hub import preview
    from course_utils.painters.hub.memory import given_back
    from course_utils.painters.hub.pipeline_painter import PipelinePainter

    row = chosen.row
    further: dict[str, str] = {}
    if row.variant and any(folder.rglob(f"*.{row.variant}*.safetensors")):
        further["variant"] = row.variant
    if chosen.placement == SPREAD:
        further["device_map"] = "balanced"
    try:
        with given_back(row.title):
            pipeline = getattr(diffusers, row.pipeline).from_pretrained(
                folder,
                torch_dtype=getattr(torch, chosen.precision),
                use_safetensors=True,
                local_files_only=True,
                **further,
            )
            if chosen.placement == OFFLOADED:
                pipeline.enable_model_cpu_offload(device=chosen.device)
            elif chosen.placement != SPREAD:
                pipeline.to(chosen.device)
    except CourseError:
        raise
    except Exception as error:  # of diffusers, transformers, safetensors: each damage has its own
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise CourseError(
            f"{row.title} cannot be loaded: {reason}. If its files are damaged, run `hf cache rm "
            f"model/{row.repositories[0]}` and `python -m course_utils fetch {row.name}`."
        ) from None
    pipeline.set_progress_bar_config(desc=row.title)
    return PipelinePainter(row, pipeline, preview.for_pipeline(row, pipeline))


def main(arguments: list[str]) -> int:
    """Download large models ahead of a lesson."""
    parser = argparse.ArgumentParser(prog="python -m course_utils fetch", description=main.__doc__)
    parser.add_argument("models", nargs="+", choices=list(MODELS), metavar="model", help=", ".join(MODELS))
    for name in parser.parse_args(arguments).models:
        row = MODELS[name]
        print(f"{row.title}: {fetch(row)}")
        if row.preview:
            fetch_preview(row.preview)
    return 0


def _need_disk(row: Row, size: int) -> None:
    from huggingface_hub.constants import HF_HUB_CACHE

    existing = Path(HF_HUB_CACHE)
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free / GB
    if free < size / GB + SPARE_GB:
        raise CourseError(
            f"{row.title} needs {size / GB:.1f} GB of disk space and {SPARE_GB:g} GB to spare, but only "
            f"{free:.1f} GB are free: make room or set HF_HOME to a larger disk."
        )
