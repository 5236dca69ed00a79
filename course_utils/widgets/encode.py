"""Arrays to the bytes that travel to the browser, checked on the way.

Points travel as little-endian int16 of coordinate * 8192 (range +-4, resolution 0.00012), noise as
int16 of eps * 4096 (range +-8, resolution 0.00024), pictures as uint8, curves as float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course_utils.runtime import CourseError

POINT_SCALE = 8192
NOISE_SCALE = 4096


def float_array(values: Any, shape: tuple[int | None, ...], what: str) -> np.ndarray:
    """Return `values` as float64 of a shape such as (None, 2), None for any length, or raise `CourseError`.

    Torch tensors on the CPU are accepted, as is all that numpy can read. Numbers must be finite.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise CourseError(f"The {what} must be an array of numbers of shape {_words(shape)}.") from None
    fits = array.ndim == len(shape) and all(
        want in (None, have) for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise CourseError(f"The {what} must have the shape {_words(shape)}, not {_words(array.shape)}.")
    if not np.isfinite(array).all():
        raise CourseError(f"The {what} must hold finite numbers only; replace nan and inf before showing it.")
    return array


def int16_bytes(array: np.ndarray, scale: int) -> bytes:
    """Return an array of any shape, times scale, as little-endian int16; values out of range are clipped."""
    return np.clip(np.rint(array * scale), -32768, 32767).astype("<i2").tobytes()


def point_bytes(points: Any, what: str) -> bytes:
    """Return an (n, 2) array of coordinates, clipped to +-4, as int16 bytes."""
    return int16_bytes(float_array(points, (None, 2), what), POINT_SCALE)


def optional_point_bytes(points: Any | None, what: str) -> bytes:
    """Return `point_bytes`, or no bytes for None."""
    return b"" if points is None else point_bytes(points, what)


def float32_bytes(array: np.ndarray) -> bytes:
    """Return an array of any shape as little-endian float32 bytes."""
    return array.astype("<f4").tobytes()


def picture_bytes(pictures: Any, shape: tuple[int | None, ...], what: str) -> tuple[bytes, tuple[int, ...]]:
    """Return a uint8 RGB array (last axis 3) as bytes, and its shape."""
    array = np.asarray(pictures)
    if array.dtype != np.uint8:
        raise CourseError(f"The {what} must hold whole numbers 0..255 (uint8), not {array.dtype}.")
    float_array(array, shape, what)
    return array.tobytes(), array.shape


def _words(shape: tuple[int | None, ...]) -> str:
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"
