"""The fast engine: graphs of a painter's networks, built once, run by ONNX Runtime, and in eight bits.

Of the painters `painter.py` alone knows this folder, by these names; benchmarks and site use them, too.
"""

from course_utils.painters.inference.encoder_graph import ready as graph_of_encoder
from course_utils.painters.inference.engine import Engine, TorchEngine
from course_utils.painters.inference.graphs import CONDITIONING, paths, ready
from course_utils.painters.inference.onnx_engine import fast, quickest
from course_utils.painters.inference.quantized import quickest as quickest_for_sketches
from course_utils.painters.inference.sessions import Conditioned, as_feed, session

__all__ = [
    "CONDITIONING",
    "Conditioned",
    "Engine",
    "TorchEngine",
    "as_feed",
    "fast",
    "graph_of_encoder",
    "paths",
    "quickest",
    "quickest_for_sketches",
    "ready",
    "session",
]
