"""Two ways to run a painter's networks: torch, which is readable, and ONNX Runtime, which is fast.

The torch engine is the reference; the fast one agrees with it within one gray level, tested.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from course_utils.runtime import sha256, threads

SMALL_BATCH = 4  # pictures up to which one thread is as fast as many, and steadier beside other programs
OPSET = 20


class Engine(Protocol):
    """What runs the U-Net and the VAE's decoder."""

    @property
    def name(self) -> str:
        """What computes, in words."""

    def noise(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """The network's guess for (batch, 4, h, w) with (batch, 32, width) prompt vectors."""

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """Latents (batch, 4, h, w), scaling undone, as pixels (batch, 3, 8 h, 8 w) in about -1..1."""


class TorchEngine:
    """The networks as they were loaded."""

    name = "torch"

    def __init__(self, unet: Any, vae: Any) -> None:
        self._unet, self._vae = unet, vae

    def noise(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        with torch.inference_mode(), threads(_threads_for(len(noisy) // 2)):
            return self._unet(noisy, timestep, vectors, return_dict=False)[0]

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        with torch.inference_mode(), threads(_threads_for(len(latents))):
            return self._vae.decode(latents, return_dict=False)[0]


class OnnxEngine:
    """The same networks as graphs of ONNX Runtime, in one session for single pictures and one for batches."""

    name = "ONNX Runtime"

    def __init__(self, unet: Path, decoder: Path) -> None:
        self._unet = {count: _session(unet, count) for count in _thread_counts()}
        self._decoder = {count: _session(decoder, count) for count in _thread_counts()}

    def noise(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        feed = {
            "noisy": _array(noisy),
            "timestep": np.full(len(noisy), float(timestep), np.float32),
            "vectors": _array(vectors),
        }
        return torch.from_numpy(self._unet[_threads_for(len(noisy) // 2)].run(None, feed)[0])

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        session = self._decoder[_threads_for(len(latents))]
        return torch.from_numpy(session.run(None, {"latents": _array(latents)})[0])


class Warming:
    """Paints with torch until the fast engine is built, in the background, and with that from then on.

    Where the fast runtime is missing, or its cache can be neither written nor read, torch stays.
    """

    def __init__(self, slow: Engine, build: Callable[[], Engine]) -> None:
        self._engine = slow
        self.reason = ""
        self._thread = threading.Thread(target=self._warm, args=(build,), daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Which engine runs now."""
        return self._engine.name

    def noise(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        return self._engine.noise(noisy, timestep, vectors)

    def decode(self, latents: torch.Tensor) -> torch.Tensor:
        """See `Engine`."""
        return self._engine.decode(latents)

    def wait(self, seconds: float = 120) -> None:
        """Return when the fast engine is there, or will not come."""
        self._thread.join(seconds)

    def _warm(self, build: Callable[[], Engine]) -> None:
        try:
            self._engine = build()
        except Exception as error:  # whatever is broken there, the painter goes on with torch
            self.reason = f"{type(error).__name__}: {error}".splitlines()[0]


def fast(folder: Path, unet: Any, vae: Any) -> OnnxEngine:
    """The fast engine for the checkpoint in `folder`; its graphs are built once and kept in a cache."""
    weights = [folder / part / "diffusion_pytorch_model.safetensors" for part in ("unet", "vae")]
    graphs = [cache() / f"{sha256(path)[:16]}-{OPSET}.onnx" for path in weights]
    for graph, export in zip(graphs, (_export_unet, _export_decoder), strict=True):
        if not graph.exists():
            _write(graph, export, unet, vae)
    return OnnxEngine(*graphs)


def cache() -> Path:
    """Where graphs are kept: COURSE_CACHE, or the user's cache folder."""
    home = os.environ.get("COURSE_CACHE") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "course_utils"


def _write(graph: Path, export: Callable[[Path, Any, Any], None], unet: Any, vae: Any) -> None:
    """Build a graph beside its place, then move it there: never half a file under its name."""
    graph.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=graph.parent) as scratch:
        fresh = Path(scratch) / "graph.onnx"
        export(fresh, unet, vae)
        fresh.replace(graph)


class _Guess(torch.nn.Module):
    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, noisy: torch.Tensor, timestep: torch.Tensor, vectors: torch.Tensor) -> torch.Tensor:
        return self.unet(noisy, timestep, vectors, return_dict=False)[0]


class _Decode(torch.nn.Module):
    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, latents: torch.Tensor) -> torch.Tensor:
        return self.vae.decode(latents, return_dict=False)[0]


def _export_unet(path: Path, unet: Any, vae: Any) -> None:
    side, width = unet.config.sample_size, unet.config.cross_attention_dim
    example = (
        torch.randn(2, unet.config.in_channels, side, side),
        torch.tensor([1.0, 1.0]),
        torch.randn(2, 32, width),
    )
    _export(_Guess(unet), example, path, ["noisy", "timestep", "vectors"], "noise")


def _export_decoder(path: Path, unet: Any, vae: Any) -> None:
    side = unet.config.sample_size
    _export(_Decode(vae), (torch.randn(2, 4, side, side),), path, ["latents"], "pixels")


def _export(
    module: torch.nn.Module, example: tuple[torch.Tensor, ...], path: Path, names: list[str], out: str
) -> None:
    batch = torch.export.Dim("batch", min=1, max=1024)
    torch.onnx.export(
        module.eval(),
        example,
        path,
        dynamo=True,
        input_names=names,
        output_names=[out],
        dynamic_shapes=tuple({0: batch} for _ in example),
        external_data=False,
        opset_version=OPSET,
        verbose=False,
    )


def _session(graph: Path, count: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = count, 1
    # Waiting threads sleep: spinning ones would fight a video call for the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _array(tensor: torch.Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.numpy(), np.float32)


def _thread_counts() -> set[int]:
    return {1, os.cpu_count() or 1}


def _threads_for(pictures: int) -> int:
    return 1 if pictures <= SMALL_BATCH else os.cpu_count() or 1
