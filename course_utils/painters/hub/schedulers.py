"""diffusers' schedulers for large models, by the names that people use."""

from __future__ import annotations

from typing import Any

from course_utils.sampling import SAMPLERS


def kind(sampler: str) -> Any:
    """The scheduler of a name in `SAMPLERS`: diffusers' own, except DDIM, whose steps diffusers rounds."""
    import diffusers  # takes seconds: not before something is painted

    from course_utils.painters.hub.ddim import ListedDDIMScheduler

    return ListedDDIMScheduler if sampler == "ddim" else getattr(diffusers, SAMPLERS[sampler].diffusers)
