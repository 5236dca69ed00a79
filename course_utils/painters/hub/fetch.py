"""python -m course_utils fetch sd15 - download a large model ahead of a lesson, and load it."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from course_utils.painters.hub.choose import (
    GB,
    OFFLOADED,
    SPREAD,
    Plan,
    cached_repository,
    plan,
    this_machine,
)
from course_utils.painters.hub.table import CARD, MODELS, PREVIEWS, Row
from course_utils.runtime import CourseError

# Nothing that could run code when it is read: weights as safetensors, the rest as text.
ALLOWED = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
SPARE_GB = 1.0  # left free on the disk


def fetch(row: Row) -> Path:
    """Download a model into the Hugging Face cache, from the first repository that has it; resumes by itself.

    Returns its folder. Raises `CourseError` with the remedy for every way in which it can fail.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    _need_disk(row)
    gone = []
    for repository in row.repositories:
        try:
            return Path(snapshot_download(repository, revision=row.revision, allow_patterns=_patterns(row)))
        except GatedRepoError:
            raise CourseError(
                f"{row.title} is gated: accept its licence at {CARD.format(repository)} and log in with "
                "`hf auth login`."
            ) from None
        except (RepositoryNotFoundError, RevisionNotFoundError):
            gone.append(repository)
        except LocalEntryNotFoundError:
            raise CourseError(_broken(row, "the hub does not answer")) from None
        except HfHubHTTPError as error:
            status = getattr(error.response, "status_code", "an error")
            raise CourseError(_broken(row, f"the hub answers {status}")) from None
        except OSError as error:
            reason = (error.strerror or str(error)).splitlines()[0].rstrip(".")
            raise CourseError(f"{row.title} cannot be downloaded: {reason}. Try again.") from None
        except Exception as error:  # of the transport, whose library differs between versions of the hub's
            kind = type(error).__name__
            silent = kind.startswith("Connect")
            raise CourseError(
                _broken(row, "the hub does not answer" if silent else f"the connection broke ({kind})")
            ) from None
    raise CourseError(f"{row.title} is gone from the hub; tried {', '.join(gone)}. Choose another model.")


def _broken(row: Row, why: str) -> str:
    return f"{row.title} cannot be downloaded, {why}: check the network, try again; what has arrived is kept."


def fetch_preview(repository: str) -> None:
    """Download a tiny decoder that shows a painting on its way; without it the model's own VAE does."""
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(repository, revision=PREVIEWS[repository], allow_patterns=ALLOWED)
    except Exception as error:
        print(f"The preview decoder {repository} is not there ({type(error).__name__}); it paints without.")


def load(name: str) -> Any:
    """A large model ready to paint on this machine, downloaded first where need be."""
    row = MODELS[name]
    cached = cached_repository(row) is not None
    chosen = plan(row, this_machine(), cached)
    if row.preview and not cached:
        fetch_preview(row.preview)
    return assemble(fetch(row), chosen)


def assemble(folder: Path, chosen: Plan) -> Any:
    """The pipeline in a folder, placed as planned, behind the painter's interface."""
    import diffusers
    import torch

    from course_utils.painters.hub import preview
    from course_utils.painters.hub.pipeline_painter import PipelinePainter

    row = chosen.row
    further: dict[str, str] = {}
    if row.variant and _has_variant(folder, row.variant):
        further["variant"] = row.variant
    if chosen.placement == SPREAD:
        further["device_map"] = "balanced"
    try:
        pipeline = getattr(diffusers, row.pipeline).from_pretrained(
            folder,
            torch_dtype=getattr(torch, chosen.precision),
            use_safetensors=True,
            local_files_only=True,
            **further,
        )
    except (OSError, ValueError) as error:
        raise CourseError(f"{row.title} cannot be loaded: {str(error).splitlines()[0]}") from None
    pipeline.set_progress_bar_config(desc=row.title)
    if chosen.placement == OFFLOADED:
        pipeline.enable_model_cpu_offload(device=chosen.device)
    elif chosen.placement != SPREAD:
        pipeline.to(chosen.device)
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


def _patterns(row: Row) -> list[str]:
    if row.variant is None:
        return ALLOWED
    return [f"*.{row.variant}.safetensors", *ALLOWED[1:]]


def _has_variant(folder: Path, variant: str) -> bool:
    return any(folder.rglob(f"*.{variant}.safetensors"))


def _need_disk(row: Row) -> None:
    from huggingface_hub.constants import HF_HUB_CACHE

    existing = Path(HF_HUB_CACHE)
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free / GB
    if cached_repository(row) is None and free < row.download_gb + SPARE_GB:
        raise CourseError(
            f"{row.title} needs {row.download_gb:g} GB of disk space and {free:.1f} GB are free: make room "
            "or set HF_HOME to a larger disk."
        )
