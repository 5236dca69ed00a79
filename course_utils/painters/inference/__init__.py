"""The fast engine: graphs of a painter's networks, built once, run by ONNX Runtime, and in eight bits.

Of the painters `painter.py` alone knows this folder, by these names; the benchmarks use them, too.
"""

from course_utils.painters.inference import sessions
from course_utils.painters.inference.engine import Engine, TorchEngine, Warming
from course_utils.painters.inference.graphs import paths
from course_utils.painters.inference.onnx_engine import fast, quickest
from course_utils.painters.inference.quantized import fast as fast_for_sketches

__all__ = ["Engine", "TorchEngine", "Warming", "fast", "fast_for_sketches", "paths", "quickest", "sessions"]
