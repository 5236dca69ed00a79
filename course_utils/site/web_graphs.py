"""A painter's networks as graphs without weights, and the weights apart: the graphs are tiny, and share.

The graphs are those of the fast engine, optimised here once, so that no visitor's machine has to.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.painters.cross_attention import CROSS
from course_utils.painters.inference import CONDITIONING, graph_of_encoder, ready
from course_utils.painters.networks import DECODER, ENCODER, NETWORK, TEXT_ENCODER
from course_utils.painters.parts import Parts

WATCHED = "watched"  # the network once more, with its attention among the outputs
MOST_INSIDE = 256  # bytes of a tensor that stays in the graph
SCOPE = "pkg.torch.onnx.name_scopes"  # where the exporter notes which module a node was

Weights = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class WebGraph:
    """A graph as bytes, and the `weights` that it names and does not hold."""

    graph: bytes
    weights: Weights


def of_painter(parts: Parts) -> dict[str, WebGraph]:
    """The five graphs of a painter, and its network watched, whose weights are the network's.

    Raises `CourseError` with the reason where they cannot be built.
    """
    files = {**ready(parts), ENCODER: graph_of_encoder(parts)}
    names = (TEXT_ENCODER, CONDITIONING, NETWORK, DECODER, ENCODER)
    models = {name: optimised(files[name]) for name in names}
    found = {name: lean(model) for name, model in models.items()}
    watched = lean(with_outputs(models[NETWORK], attention(files[NETWORK])))
    return {**found, WATCHED: WebGraph(watched.graph, found[NETWORK].weights)}


def optimised(path: Path) -> Any:
    """A graph as ONNX Runtime rewrites it for any processor, loaded."""
    import onnx
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 3
    with tempfile.TemporaryDirectory() as folder:
        options.optimized_model_filepath = str(Path(folder) / "graph.onnx")
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return onnx.load(options.optimized_model_filepath)


def attention(path: Path) -> list[str]:
    """The names of the shares of attention among a network's tensors, layer by layer.

    In a U-Net those of its cross-attention, (batch, heads, places, tokens); in a transformer all of them,
    (batch, heads, words and places, words and places).
    """
    import onnx

    graph = onnx.load(path).graph
    softmaxes = [node for node in graph.node if node.op_type == "Softmax"]
    layer = CROSS.split(".")[1]
    across = [node for node in softmaxes if f".{layer}'" in _scope(node)]
    return [node.output[0] for node in across or softmaxes]


def _scope(node: Any) -> str:
    return next((note.value for note in node.metadata_props if note.key == SCOPE), "")


def with_outputs(model: Any, names: list[str]) -> Any:
    """A copy of a graph with more of its tensors (all of four dimensions) among the outputs."""
    import onnx

    more = onnx.ModelProto()
    more.CopyFrom(model)
    for name in names:
        shape = [f"{name}_{axis}" for axis in range(4)]
        more.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
    return more


def lean(model: Any) -> WebGraph:
    """A graph without its weights, each of which it expects in a file of its own that bears its name."""
    import onnx

    thin = onnx.ModelProto()
    thin.CopyFrom(model)
    weights = {}
    for tensor in thin.graph.initializer:
        array = onnx.numpy_helper.to_array(tensor)
        if array.dtype == np.float32 and array.nbytes > MOST_INSIDE:
            weights[tensor.name] = array.copy()
            tensor.raw_data = b""  # what it is replaced by is asked for
            onnx.external_data_helper.set_external_data(tensor, tensor.name, 0, array.nbytes)
            for field in ("raw_data", "float_data"):
                tensor.ClearField(field)
        tensor.ClearField("doc_string")
    for item in (*thin.graph.node, *thin.graph.initializer):
        item.ClearField("metadata_props")
    for field in ("value_info", "metadata_props", "doc_string"):
        thin.graph.ClearField(field)
    thin.ClearField("metadata_props")
    return WebGraph(thin.SerializeToString(deterministic=True), weights)
