"""Which runtime paints fastest here: the same guided pass by each that is installed.

python -m course_utils bench --runtimes

OpenVINO is no part of the course; where it is installed (`pip install openvino`) it is measured, too.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course_utils.bench.figures import Figure, figure_of, milliseconds

PICTURES = (1, 12)
Pass = Callable[[], np.ndarray]


def compared(repeats: int) -> list[Figure]:
    """Milliseconds of a guided pass of 1 and of 12 pictures, how far its answer is off, time to get ready."""
    import torch

    from course_utils import painters, runtime

    painter: Any = painters.load("picturebook")
    painter.engine.wait()
    noisy = torch.stack([painter.initial_noise(seed) for seed in range(2 * max(PICTURES))])
    vectors = painter.encode_text("an orange cat in space").expand(len(noisy), -1, -1).contiguous()
    figures = []
    for count in PICTURES:
        inputs = noisy[: 2 * count], vectors[: 2 * count]
        with torch.inference_mode(), runtime.threads(1):
            expected = painter.network(inputs[0], torch.tensor(500), inputs[1]).sample.numpy()
        for name, make in _ways(painter, *inputs):
            start = time.perf_counter()
            run, threads = make()
            with torch.inference_mode(), runtime.threads(threads):
                off = float(np.abs(run() - expected).max())
                ready = time.perf_counter() - start
                spent = milliseconds(run, repeats)
            figures.append(figure_of(f"{name}, a guided pass of {count}", "ms", spent))
            if count == PICTURES[0]:
                figures.append(Figure(f"{name}, ready after", ready, ready, ready, "s"))
                figures.append(Figure(f"{name}, largest difference", off, off, off, ""))
    return figures


def _ways(painter: Any, noisy: Any, vectors: Any) -> Iterator[tuple[str, Callable[[], tuple[Pass, int]]]]:
    """Names of runtimes, and what makes each ready: the pass, and the torch threads it runs with."""
    import torch

    from course_utils import runtime
    from course_utils.painters import inference

    unet, t = painter.network, torch.tensor(500)
    files = inference.paths(painter.parts)
    graph, conditioning = files["network"], inference.sessions.session(files["conditioning"], 1)
    when = torch.full((len(noisy),), float(t))
    network = inference.sessions.Conditioned(conditioning, inference.sessions.session(graph, 1))
    feed = network.inputs(inference.sessions.as_feed({"noisy": noisy, "timestep": when, "vectors": vectors}))

    def eager(threads: int) -> Callable[[], tuple[Pass, int]]:
        return lambda: (lambda: unet(noisy, t, vectors, return_dict=False)[0].numpy(), threads)

    def compiled() -> tuple[Pass, int]:
        fused = torch.compile(unet)
        return lambda: fused(noisy, t, vectors, return_dict=False)[0].numpy(), 1

    def onnx(threads: int) -> Callable[[], tuple[Pass, int]]:
        def make() -> tuple[Pass, int]:
            ready = inference.sessions.session(graph, threads)
            return lambda: ready.run(None, feed)[0], threads

        return make

    def dealt() -> tuple[Pass, int]:
        quick = inference.fast(painter.parts)
        return lambda: quick.predict(noisy, t, vectors).numpy(), 1

    def openvino(precision: str) -> Callable[[], tuple[Pass, int]]:
        def make() -> tuple[Pass, int]:
            import openvino  # type: ignore[import-not-found]

            hints = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
            model = openvino.compile_model(openvino.Core().read_model(graph), "CPU", hints)
            return lambda: next(iter(model(feed).values())), 1

        return make

    for threads in sorted({1, runtime.cores()}):
        yield f"torch, {threads} thread{'s' * (threads > 1)}", eager(threads)
    yield "torch.compile, 1 thread", compiled
    for threads in sorted({1, runtime.cores()}):
        yield f"ONNX Runtime, {threads} thread{'s' * (threads > 1)}", onnx(threads)
    yield "ONNX Runtime, dealt to all cores", dealt
    if importlib.util.find_spec("openvino") is None:
        return
    for precision in ("f32", "bf16"):
        yield f"OpenVINO {precision}, 1 thread", openvino(precision)
