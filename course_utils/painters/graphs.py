"""Graphs of a painter's networks for ONNX Runtime, built from its weights and kept in a cache.

python -m course_utils.painters.graphs data/models/picturebook

The export traces a network with stand-ins for tensors, for the whole process at once. So it runs in a process
of its own, beside which the painter can paint.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from course_utils import cache
from course_utils.painters import builder
from course_utils.painters.parts import Parts
from course_utils.runtime import sha256

if TYPE_CHECKING:
    from diffusers import AutoencoderKL, AutoencoderKLFlux2, UNet2DConditionModel
    from onnx import ModelProto, NodeProto, ValueInfoProto
    from transformers import CLIPTextModel, Qwen3ForCausalLM

MODULE = "course_utils.painters.graphs"
OPSET = 20  # of the standard operators, which are all that the graphs use
RECIPE = 3  # one more whenever this module makes other graphs of the same weights
LENGTH = 32  # tokens of a prompt
CONDITIONING = "conditioning"  # marks the part of a network that words and time alone decide
FLOAT = 1  # how ONNX counts the types of numbers


def ready(parts: Parts) -> list[Path]:
    """The graphs of text encoder, network (in two) and VAE decoder; built first where they are missing.

    Raises `CourseError` with the reason where they cannot be built.
    """
    if not cached(parts):
        builder.built_apart(MODULE, parts, lambda: cached(parts))
    return paths(parts)


def cached(parts: Parts) -> bool:
    """Whether all graphs of a checkpoint have been built."""
    return all(path.exists() for path in paths(parts))


def forget(parts: Parts) -> None:
    """Remove the graphs of a checkpoint from the cache."""
    for path in paths(parts):
        path.unlink(missing_ok=True)


def paths(parts: Parts) -> list[Path]:
    """Where the graphs of a checkpoint are kept, named by the checksums of its weights and their settings."""
    weights = "diffusion_pytorch_model.safetensors"
    text_encoder, network, decoder = (
        cache.folder() / f"{_mark(parts.home(part), file)}.onnx"
        for part, file in (
            ("text_encoder", "model.safetensors"),
            (parts.network_name, weights),
            ("vae", weights),
        )
    )
    return [text_encoder, network.with_stem(f"{network.stem}-{CONDITIONING}"), network, decoder]


def _mark(folder: Path, weights: str) -> str:
    both = sha256(folder / weights) + sha256(folder / "config.json")
    return f"{hashlib.sha256(both.encode()).hexdigest()[:16]}-{OPSET}-{RECIPE}"


def build(parts: Parts) -> None:
    """Build the graphs of a checkpoint, each beside its place and then moved there: never half a file."""
    import onnx

    text_encoder, conditioning, network, decoder = paths(parts)
    homes = ([text_encoder], [conditioning, network], [decoder])
    for job, home in zip(_KINDS[parts.network_name](parts), homes, strict=True):
        with builder.scratch() as folder:
            fresh = folder / "graph.onnx"
            _export(job, fresh)
            pieces = [fresh]
            if len(home) > 1:
                pieces = [fresh.with_stem(path.stem) for path in home]
                for piece, model in zip(pieces, split(onnx.load(fresh), job.names[0]), strict=True):
                    onnx.save(model, piece)
            for piece, path in zip(pieces, home, strict=True):
                piece.replace(path)


def split(model: ModelProto, late: str) -> tuple[ModelProto, ModelProto]:
    """A graph in two: all that the input `late` has no part in, and the rest, which takes what that hands on.

    What follows from words and time alone, a tenth of the work, need not be computed again for every picture.
    """
    from onnx import helper

    graph = model.graph
    touched = {late}
    for node in graph.node:  # in an order in which all inputs are known
        if touched & set(node.input):
            touched |= set(node.output)
    rest = [node for node in graph.node if touched & set(node.output)]
    before = [node for node in graph.node if not touched & set(node.output)]
    made = {name for node in before for name in node.output}
    handed = sorted({name for node in rest for name in node.input} & made)
    between = [helper.make_tensor_value_info(name, FLOAT, None) for name in handed]

    def part(
        nodes: list[NodeProto], inputs: list[ValueInfoProto], outputs: list[ValueInfoProto]
    ) -> ModelProto:
        used = {name for node in nodes for name in node.input}
        weights = [weight for weight in graph.initializer if weight.name in used]
        piece = helper.make_graph(nodes, graph.name, inputs, outputs, weights)
        return helper.make_model(piece, opset_imports=model.opset_import, ir_version=model.ir_version)

    late_input = [one for one in graph.input if one.name == late]
    early_inputs = [one for one in graph.input if one.name != late]
    return part(before, early_inputs, between), part(rest, [*late_input, *between], list(graph.output))


@dataclass(frozen=True)
class _Job:
    """One graph: a module, an example of its input, names for in and out."""

    module: torch.nn.Module
    example: tuple[torch.Tensor, ...]
    names: tuple[str, ...]
    out: str


def _with_unet(parts: Parts) -> Iterator[_Job]:
    unet = parts.network
    side, width = unet.config.sample_size, unet.config.cross_attention_dim
    yield _text_encoder(parts, _States(parts.text_encoder))
    guidance_width = unet.config.time_cond_proj_dim  # numbers that tell a distilled network the guidance
    more = {"timestep_cond": torch.randn(2, guidance_width)} if guidance_width else {}
    yield _prediction(_Noise(unet), torch.randn(2, unet.config.in_channels, side, side), width, **more)
    yield _decoder(parts.vae, side)


def _with_transformer(parts: Parts) -> Iterator[_Job]:
    from course_utils.painters.flow_painter import Velocity

    transformer, side = parts.network, parts.vae.config.sample_size // 8
    noisy = torch.randn(2, transformer.config.in_channels, side // 2, side // 2)
    yield _text_encoder(parts, _LanguageStates(parts.text_encoder))
    yield _prediction(Velocity(transformer), noisy, transformer.config.joint_attention_dim)
    yield _decoder(parts.vae, side)


_KINDS = {"unet": _with_unet, "transformer": _with_transformer}


def _text_encoder(parts: Parts, module: torch.nn.Module) -> _Job:
    last = parts.text_encoder.config.vocab_size - 1
    return _Job(module, (torch.randint(last, (2, LENGTH)),), ("tokens",), "vectors")


def _prediction(module: torch.nn.Module, noisy: torch.Tensor, width: int, **more: torch.Tensor) -> _Job:
    example = {
        "noisy": noisy,
        "timestep": torch.tensor([1.0, 1.0]),
        "vectors": torch.randn(2, LENGTH, width),
        **more,
    }
    return _Job(module, tuple(example.values()), tuple(example), "prediction")


def _decoder(vae: AutoencoderKL | AutoencoderKLFlux2, side: int) -> _Job:
    return _Job(
        _Decode(vae), (torch.randn(2, vae.config.latent_channels, side, side),), ("latents",), "pixels"
    )


class _States(torch.nn.Module):
    def __init__(self, text: CLIPTextModel) -> None:
        super().__init__()
        self.text = text

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.text(input_ids=tokens).last_hidden_state


class _LanguageStates(torch.nn.Module):
    def __init__(self, text: Qwen3ForCausalLM) -> None:
        super().__init__()
        self.text = text

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        from course_utils.painters.flow_painter import encode_text

        return encode_text(self.text, tokens)


class _Noise(torch.nn.Module):
    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet = unet

    def forward(
        self,
        noisy: torch.Tensor,
        timestep: torch.Tensor,
        vectors: torch.Tensor,
        timestep_cond: torch.Tensor | None = None,
    ) -> torch.Tensor:
        return self.unet(noisy, timestep, vectors, timestep_cond=timestep_cond, return_dict=False)[0]


class _Decode(torch.nn.Module):
    def __init__(self, vae: AutoencoderKL | AutoencoderKLFlux2) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.vae.decode(latents, return_dict=False)[0]


def _export(job: _Job, path: Path) -> None:
    batch = torch.export.Dim("batch", min=1, max=1024)
    torch.onnx.export(
        job.module.eval(),
        job.example,
        path,
        dynamo=True,
        input_names=list(job.names),
        output_names=[job.out],
        dynamic_shapes=tuple({0: batch} for _ in job.example),
        external_data=False,
        opset_version=OPSET,
        verbose=False,
    )


if __name__ == "__main__":
    ready(Parts(*map(Path, sys.argv[1:])))
