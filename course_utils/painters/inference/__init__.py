"""The fast engine: graphs of a painter's networks, built once, run by ONNX Runtime, and in eight bits.

Of the painters `painter.py` alone knows this folder, by these names; benchmarks and site use them, too.
"""

from course_utils.painters.inference import sessions
from course_utils.painters.inference.encoder_graph import ready as graph_of_encoder
from course_utils.painters.inference.engine import Engine, TorchEngine, Warming
from course_utils.painters.inference.graphs import CONDITIONING, paths, ready
from course_utils.painters.inference.onnx_engine import fast, quickest
from course_utils.painters.inference.quantized import fast as fast_for_sketches

__all__ = [
    "CONDITIONING",
    "Engine",
    "TorchEngine",
    "Warming",
    "fast",
    "fast_for_sketches",
    "graph_of_encoder",
    "paths",
    "quickest",
    "ready",
    "sessions",
]
