"""The memory that a run on a GPU holds, and how all of it is freed, however the run ends."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from course_utils.runtime import CourseError


@contextmanager
def given_back(title: str) -> Iterator[None]:
    """Free the memory of a run, however it ends. Raises `CourseError` where the memory ran out."""
    exhausted = False
    try:
        yield
    except BaseException as error:
        # A notebook keeps its last error, that keeps its frames, and those keep their tensors.
        traceback.clear_frames(error.__traceback__)
        exhausted = _out_of_memory(error)
        if not exhausted:
            raise
    finally:
        free()
    if exhausted:  # raised here, where it does not carry the first error along
        raise CourseError(
            f"{title} ran out of memory: close other notebooks, or choose a smaller model or picture."
        )


def free() -> None:
    """Free what a run on a GPU held; on a processor memory is freed by itself."""
    if torch.accelerator.is_available():
        gc.collect()
        torch.get_device_module().empty_cache()


def _out_of_memory(error: BaseException) -> bool:
    """Apple's GPU and the processor report it as a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and "memory" in str(error).lower()
    )
