"""Stock diffusers in an interpreter of its own, as somebody without this course would run it.

There torch keeps its own number of threads and way of waiting, which `course_utils` changes at import.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import TracebackType
from typing import Any

from course_utils.runtime import MODELS

# Reads a request a line, answers with the milliseconds it took. Used as its manual says: inference mode, no
# progress bar; whoever asks warms it up.
_PROGRAM = """
import json, sys, time
import torch
import diffusers

made = json.loads(sys.stdin.readline())
parts = {}
if made["lender"]:
    lender = diffusers.DiffusionPipeline.from_pretrained(made["lender"])
    parts = {name: getattr(lender, name) for name in ("vae", "text_encoder", "tokenizer")}
pipeline = diffusers.DiffusionPipeline.from_pretrained(made["folder"], **parts)
if made["scheduler"]:
    kind = getattr(diffusers, made["scheduler"])
    pipeline.scheduler = kind.from_config(pipeline.scheduler.config)
pipeline.set_progress_bar_config(disable=True)
for line in sys.stdin:
    call, start = json.loads(line), time.perf_counter()
    with torch.inference_mode():
        pipeline(**call, generator=torch.Generator().manual_seed(7))
    print(1000 * (time.perf_counter() - start), flush=True)
"""
# What would make this interpreter differ from a newcomer's.
_OURS = ("OMP_WAIT_POLICY", "KMP_BLOCKTIME", "OMP_NUM_THREADS")

# Painter -> folders and scheduler of its stock pipeline, and what its call takes besides the settings.
PIPELINES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "picturebook": ({"scheduler": "DDIMScheduler"}, {}),
    "picturebook-flow": (
        {},
        {"height": 128, "width": 128, "max_sequence_length": 32, "text_encoder_out_layers": [1, 2, 3]},
    ),
    "picturebook-fast": ({"lender": str(MODELS / "picturebook")}, {}),
}


class Stock:
    """The stock pipeline of a painter's checkpoint; a context that ends its process."""

    def __init__(self, painter: str) -> None:
        made, self._more = PIPELINES[painter]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={name: value for name, value in os.environ.items() if name not in _OURS},
        )
        self._tell({"folder": str(MODELS / painter), "lender": "", "scheduler": ""} | made)

    def __enter__(self) -> Stock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def paint(self, prompt: str, steps: int, guidance: float) -> float:
        """Paint a page; the milliseconds it took there."""
        call = {"prompt": prompt, "num_inference_steps": steps, "guidance_scale": guidance}
        self._tell(call | self._more)
        assert self._process.stdout is not None
        return float(self._process.stdout.readline())

    def _tell(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
