"""Weights on their way to a page: half precision or eight bits in a file, floats again where they compute.

A pack is a gzipped .safetensors file. What half precision keeps exactly, as the shipped networks' weights, is
stored so; the rest, as the text encoders', stays floats: a strong guidance shows what rounding them changes.
In eight bits every output of a layer has a scale of its own, in a tensor named like it with `SCALE` behind.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping

import numpy as np
from safetensors.numpy import save

HALF, EIGHT = "half", "eight"
SCALE = "#scale"
FEW = 4096  # numbers of a tensor that eight bits leave alone
LARGEST = float(np.finfo(np.float16).max)  # a mask's numbers lie beyond
STEPS = 127  # of eight bits on either side of 0

Tensors = Mapping[str, np.ndarray]


def pack(weights: Tensors, precision: str) -> bytes:
    """Float tensors as a pack, the same bytes every time."""
    encode = ENCODINGS[precision]
    stored = {name: part for key in sorted(weights) for name, part in encode(key, weights[key]).items()}
    return squeezed(save(stored))


def squeezed(data: bytes) -> bytes:
    """Compressed, without a trace of when."""
    return gzip.compress(data, compresslevel=9, mtime=0)


def half(name: str, tensor: np.ndarray) -> dict[str, np.ndarray]:
    """A tensor of any shape in half precision, or as it is where that would change it."""
    with np.errstate(over="ignore"):
        rounded = tensor.astype(np.float16)
    fits = np.array_equal(rounded.astype(np.float32), tensor)
    return {name: np.ascontiguousarray(rounded if fits else tensor)}


def eight(name: str, tensor: np.ndarray) -> dict[str, np.ndarray]:
    """A tensor of any shape in steps -127..127 and their scales, one an output; small ones as in `half`."""
    if tensor.ndim < 2 or tensor.size <= FEW or np.abs(tensor).max() > LARGEST:
        return half(name, tensor)
    # A convolution's outputs come first, a product's last: take what loses less.
    found = [_in_steps(tensor, axis) for axis in (0, tensor.ndim - 1)]
    steps, scale = min(found, key=lambda one: float(np.square(one[0] * one[1] - tensor).sum()))
    return {name: steps, name + SCALE: scale}


def _in_steps(tensor: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    others = tuple(other for other in range(tensor.ndim) if other != axis)
    largest = np.abs(tensor).max(axis=others, keepdims=True)
    scale = (np.where(largest > 0, largest, 1) / STEPS).astype(np.float32)
    return np.rint(tensor / scale).astype(np.int8), scale


ENCODINGS: dict[str, Callable[[str, np.ndarray], dict[str, np.ndarray]]] = {HALF: half, EIGHT: eight}
