"""Graphs of a checkpoint's networks for ONNX Runtime, built from its weights and kept in a cache.

The export traces a network with fake tensors, and all of its process with it. So it runs in a process of its
own, beside which the painter can paint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import torch

from course_utils import cache
from course_utils.painters import networks
from course_utils.painters.inference import builder
from course_utils.painters.inference.sessions import LATE
from course_utils.painters.networks import DECODER, NETWORK, TEXT_ENCODER
from course_utils.painters.parts import Parts
from course_utils.runtime import sha256

OPSET = 20  # of the standard operators, which are all that the graphs use
RECIPE = 4  # one more whenever this module, or `networks`, makes other graphs of the same weights
CONDITIONING = "conditioning"  # the part of a network that words and time alone decide, a graph of its own
OUTPUTS = {TEXT_ENCODER: "vectors", NETWORK: "prediction", DECODER: "pixels"}

Files = Mapping[str, Path]  # by the names of the networks, and CONDITIONING


def ready(parts: Parts) -> Files:
    """The graphs of the three networks, the network in two; built first where they are missing.

    Raises `CourseError` with the reason where they cannot be built.
    """
    files = paths(parts)
    if not cached(files):
        builder.built_apart(__name__, lambda: cached(files), parts.folders)
    return files


def cached(files: Files) -> bool:
    """Whether all of these have been built."""
    return all(path.exists() for path in files.values())


def forget(files: Files) -> None:
    """Remove these from the cache."""
    for path in files.values():
        path.unlink(missing_ok=True)


def paths(parts: Parts) -> dict[str, Path]:
    """Where the graphs of a checkpoint are kept, named by the checksums of its weights and their settings."""
    homes = {network: parts.home(networks.folder(parts, network)) for network in OUTPUTS}
    found = {network: cache.folder() / f"{_mark(home)}.onnx" for network, home in homes.items()}
    return {**found, CONDITIONING: found[NETWORK].with_stem(f"{found[NETWORK].stem}-{CONDITIONING}")}


def _mark(folder: Path) -> str:
    (weights,) = folder.glob("*.safetensors")
    both = sha256(weights) + sha256(folder / "config.json")
    return f"{hashlib.sha256(both.encode()).hexdigest()[:16]}-{OPSET}-{RECIPE}"


def build(folders: Iterable[Path]) -> None:
    """Build the graphs of a checkpoint, each beside its place and then moved there: never half a file."""
    parts = Parts(*folders)
    homes = paths(parts)
    for network, output in OUTPUTS.items():
        with builder.scratch() as folder:
            fresh = {network: folder / "graph.onnx"}
            export(networks.module(parts, network), _example(parts, network), output, fresh[network])
            if network == NETWORK:
                fresh = cut(fresh[network])
            for name, path in fresh.items():
                path.replace(homes[name])


def cut(whole: Path) -> dict[str, Path]:
    """The network's graph in two, beside it: what words and time alone decide, and the rest, fed with that.

    The first, a tenth of the work, need not be computed again for every picture.
    """
    import onnx

    graph, fresh = onnx.load(whole).graph, {LATE}
    for node in graph.node:  # in an order in which all inputs are known
        if fresh & set(node.input):
            fresh |= set(node.output)
    made = {name for node in graph.node for name in node.output} - fresh
    handed = sorted({name for node in graph.node if fresh & set(node.output) for name in node.input} & made)
    early, (output,) = [one.name for one in graph.input if one.name != LATE], graph.output
    pieces = {CONDITIONING: whole.with_stem(CONDITIONING), NETWORK: whole.with_stem(NETWORK)}
    onnx.utils.extract_model(whole, pieces[CONDITIONING], early, handed)
    onnx.utils.extract_model(whole, pieces[NETWORK], [LATE, *handed], [output.name])
    return pieces


def _example(parts: Parts, network: str) -> dict[str, torch.Tensor]:
    """Two rows of inputs of a network; only their shapes matter."""
    tokens = torch.randint(2, (2, parts.length))
    if network == TEXT_ENCODER:
        return {"tokens": tokens}
    latents = torch.randn(2, *networks.latent_shape(parts))
    if network == DECODER:
        return {"latents": latents}
    vectors = networks.module(parts, TEXT_ENCODER)(tokens)
    example = {"noisy": latents, "timestep": torch.ones(2), "vectors": vectors}
    if width := networks.guidance_width(parts):
        example["timestep_cond"] = torch.randn(2, width)
    return example


def export(network: torch.nn.Module, example: Mapping[str, torch.Tensor], output: str, path: Path) -> None:
    """Write a module as a graph for a batch of any size.

    `example` holds inputs (2, ...) by their names; `output` names the result.
    """
    batch = torch.export.Dim("batch", min=1, max=1024)
    torch.onnx.export(
        network.eval(),
        tuple(example.values()),
        path,
        dynamo=True,
        input_names=list(example),
        output_names=[output],
        dynamic_shapes=tuple({0: batch} for _ in example),
        external_data=False,
        opset_version=OPSET,
        verbose=False,
    )
