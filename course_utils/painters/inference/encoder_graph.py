"""The graph of the way into the small room, for engines that have no torch: the pages' own.

The notebooks leave that way to torch, which needs no graph for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import torch

from course_utils.painters import networks
from course_utils.painters.inference import builder, graphs
from course_utils.painters.networks import DECODER, ENCODER
from course_utils.painters.parts import Parts


def ready(parts: Parts) -> Path:
    """The encoder's graph, pixels (batch, 3, side, side) to latents; built first where it is missing.

    Raises `CourseError` with the reason where it cannot be built.
    """
    path = home(parts)
    if not path.exists():
        builder.built_apart(__name__, path.exists, parts.folders)
    return path


def home(parts: Parts) -> Path:
    """Where it is kept: beside the decoder's, whose weights lie in one file with its own."""
    decoder = graphs.paths(parts)[DECODER]
    return decoder.with_stem(f"{decoder.stem}-{ENCODER}")


def build(folders: Iterable[Path]) -> None:
    """Build it beside its place and move it there."""
    parts = Parts(*folders)
    side = parts.config("vae")["sample_size"]
    with builder.scratch() as folder:
        fresh = folder / "graph.onnx"
        pixels = {"pixels": torch.randn(2, 3, side, side)}
        graphs.export(networks.module(parts, ENCODER), pixels, "latents", fresh)
        fresh.replace(home(parts))
