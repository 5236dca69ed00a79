"""What can this machine run now? One verdict a model, each with its remedy."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from course_utils.painters.hub.table import CARD, MODELS, ORDERS, Row
from course_utils.runtime import CourseError, best_device, is_offline

GB = 10**9
HEADROOM = 1.1  # a picture's own tensors need some memory beside the weights
WHOLE, SPREAD, OFFLOADED = "whole", "spread", "offloaded"
# Where the parts of a model lie, in words.
PLACEMENTS = {
    WHOLE: "all of it in one place",
    SPREAD: "spread over the GPUs",
    OFFLOADED: "with parts waiting in the host's memory",
}


@dataclass(frozen=True)
class Machine:
    """What counts when a model is chosen: the device (cuda, mps, xpu, cpu), free GB, the network.

    `others_free_gb` is what further GPUs beside the first have free.
    """

    device: str
    gpu_free_gb: float
    host_free_gb: float
    has_bfloat16: bool
    online: bool
    token: bool
    others_free_gb: tuple[float, ...] = ()

    @property
    def name(self) -> str:
        """The device in words."""
        return {"cuda": "a CUDA GPU", "mps": "an Apple GPU", "xpu": "an Intel GPU", "cpu": "no GPU"}[
            self.device
        ]


@dataclass(frozen=True)
class Plan:
    """How a model would be run: on which device, in which numbers, its parts placed how."""

    row: Row
    device: str
    precision: str
    placement: str = WHOLE
    cached: bool = True


def this_machine() -> Machine:
    """Look at the machine this runs on."""
    import torch

    device = best_device()
    free = {"cuda": _cuda_free, "xpu": _xpu_free, "mps": _host_free, "cpu": lambda: 0.0}[device]()
    return Machine(
        device,
        free,
        _host_free(),
        device in ("xpu",) or (device == "cuda" and torch.cuda.get_device_capability()[0] >= 8),
        not is_offline(),
        _has_token(),
        tuple(_cuda_free(k) for k in range(1, torch.cuda.device_count())) if device == "cuda" else (),
    )


def plan(row: Row, machine: Machine, cached: bool) -> Plan:
    """How this machine would run a model. Raises `CourseError` with the remedy where it cannot."""
    precision = _precision(row, machine)
    placement = _placement(row, machine, precision)
    if not cached:
        _need_download(row, machine)
    return Plan(row, machine.device, precision, placement, cached)


def auto(
    machine: Machine | None = None, cached: frozenset[str] | None = None, order: str = "auto"
) -> tuple[str, str]:
    """The best painter of an order that can run now without a download, and why, in one line."""
    here = machine or this_machine()
    there = cached_names() if cached is None else cached
    *large, built_in = ORDERS[order]
    for name in large:
        if name not in there:
            continue
        try:
            chosen = plan(MODELS[name], here, cached=True)
        except CourseError:
            continue
        if here.device == "cpu":
            continue  # minutes a picture: only for those who ask for it by name
        how = PLACEMENTS[chosen.placement]
        return name, f"{MODELS[name].title}: it is downloaded, and {here.name} can run it, {how}."
    reason = "there is no GPU" if here.device == "cpu" else "no large model that fits is downloaded"
    return built_in, f"The built-in painter: {reason}."


def cached_names() -> frozenset[str]:
    """The large models whose files lie in the Hugging Face cache."""
    return frozenset(name for name, row in MODELS.items() if cached_repository(row))


def cached_repository(row: Row) -> str | None:
    """The first of a row's repositories that is in the cache."""
    from huggingface_hub import try_to_load_from_cache

    for repository in row.repositories:
        found = try_to_load_from_cache(repository, "model_index.json", revision=row.revision)
        if isinstance(found, str) and Path(found).exists():
            return repository
    return None


def _precision(row: Row, machine: Machine) -> str:
    if machine.device in ("cpu", "mps"):
        # Half precision is slow or wrong there; large models would not fit in single anyway.
        return "float32" if machine.device == "cpu" or "float16" not in row.precisions else "float16"
    for precision in row.precisions:
        if precision != "bfloat16" or machine.has_bfloat16:
            return precision
    raise CourseError(
        f"{row.title} needs a GPU that computes in bfloat16 (Ampere or newer): choose sd15 on this one."
    )


def _placement(row: Row, machine: Machine, precision: str) -> str:
    if machine.device == "cpu":
        if not row.on_processor:
            raise CourseError(
                f"{row.title} needs a GPU with {row.gpu_gb:g} GB and this machine has none: "
                "choose sd15 or the built-in painter."
            )
        _need_memory(row.title, "memory", HEADROOM * 2 * row.download_gb, machine.host_free_gb)
        return WHOLE
    # The table counts numbers of two bytes.
    whole = HEADROOM * row.gpu_gb * (2 if precision == "float32" else 1)
    if machine.gpu_free_gb >= whole:
        return WHOLE
    if machine.device == "mps":  # one memory for all: nothing is won by moving parts about in it
        _need_memory(row.title, "memory", whole, machine.gpu_free_gb)
    _need_memory(row.title, "GPU memory", HEADROOM * row.offloaded_gb, machine.gpu_free_gb)
    if machine.gpu_free_gb + sum(machine.others_free_gb) >= whole:
        return SPREAD
    _need_memory(row.title, "host memory", row.host_gb, machine.host_free_gb)
    return OFFLOADED


def _need_memory(title: str, kind: str, needed: float, free: float) -> None:
    if free < needed:
        raise CourseError(
            f"{title} needs {needed:.1f} GB of {kind} and {free:.1f} GB are free: close other programs and "
            "notebooks, or choose a smaller model."
        )


def _need_download(row: Row, machine: Machine) -> None:
    if not machine.online:
        raise CourseError(
            f"{row.title} is not downloaded and the network is switched off: run "
            f"`python -m course_utils fetch {row.name}` while online ({row.download_gb:g} GB)."
        )
    if row.gated and not machine.token:
        raise CourseError(
            f"{row.title} is gated: accept its licence at {CARD.format(row.repositories[0])} and log in with "
            "`hf auth login`."
        )


def _cuda_free(index: int = 0) -> float:
    import torch

    return torch.cuda.mem_get_info(index)[0] / GB


def _xpu_free() -> float:
    import torch

    return torch.xpu.mem_get_info()[0] / GB


def _host_free() -> float:
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / GB
    except (ValueError, OSError, AttributeError):
        return 8.0  # unknown here: assume a common laptop


def _has_token() -> bool:
    from huggingface_hub import get_token

    return get_token() is not None
