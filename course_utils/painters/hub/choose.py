"""What can this machine run now? A verdict on each model, with its remedy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from course_utils.languages import N_, tr
from course_utils.painters.hub.table import CARD, MODELS, ORDERS, Row
from course_utils.runtime import CourseError, best_device, free_memory, is_offline

GB = 10**9
HEADROOM = 1.1  # a picture's own tensors need some memory beside the weights
WHOLE, SPREAD, OFFLOADED = "whole", "spread", "offloaded"
# Where the parts of a model lie, in words.
PLACEMENTS = {
    WHOLE: N_("all of it in one place"),
    SPREAD: N_("spread over the GPUs"),
    OFFLOADED: N_("with parts waiting in the host's memory"),
}


@dataclass(frozen=True)
class Machine:
    """What matters when a model is chosen: the device (cuda, mps, xpu, cpu), free GB, the network.

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
        return {
            "cuda": tr("a CUDA GPU"),
            "mps": tr("an Apple GPU"),
            "xpu": tr("an Intel GPU"),
            "cpu": tr("no GPU"),
        }[self.device]


@dataclass(frozen=True)
class Plan:
    """How a model would be run: on which device, in which precision, with its parts placed where."""

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
) -> Iterator[tuple[str, str]]:
    """The painters of an order that can run now without a download, best first, each with a line on why.

    The built-in painter comes last, and is always there.
    """
    if order not in ORDERS:
        raise CourseError(f"There is no order {order!r} of models; choose one of {', '.join(ORDERS)}.")
    here = machine or this_machine()
    there = cached_names() if cached is None else cached
    *large, built_in = ORDERS[order]
    # On a processor a large model takes minutes a picture: only for those who ask for it by name.
    fitting = [name for name in large if here.device != "cpu" and _fits(MODELS[name], here)]
    for name in fitting:
        if name in there:
            yield (
                name,
                tr(
                    "{model}: it is downloaded, and {machine} can run it, {how}.",
                    model=MODELS[name].title,
                    machine=here.name,
                    how=tr(PLACEMENTS[plan(MODELS[name], here, cached=True).placement]),
                ),
            )
    if here.device == "cpu":
        reason = tr("there is no GPU")
    elif fitting:
        best = MODELS[fitting[0]]
        reason = tr(
            "no large model is downloaded; {title} would fit, `python -m course_utils fetch {name}` gets it "
            "({size:g} GB)",
            title=best.title,
            name=best.name,
            size=best.download_gb,
        )
    else:
        reason = tr(
            "no large model fits into the {size:.1f} GB that {machine} has free",
            size=here.gpu_free_gb,
            machine=here.name,
        )
    yield built_in, tr("The built-in painter: {reason}.", reason=reason)


def cached_names() -> frozenset[str]:
    """The large models whose files lie in the Hugging Face cache."""
    return frozenset(name for name, row in MODELS.items() if cached_folder(row))


def cached_folder(row: Row) -> Path | None:
    """The folder of the first of a row's repositories that is in the cache, complete."""
    from huggingface_hub import try_to_load_from_cache

    for repository in row.repositories:
        found = try_to_load_from_cache(repository, "model_index.json", revision=row.revision)
        if isinstance(found, str) and _whole(Path(found).parent):
            return Path(found).parent
    return None


def components(index: Path) -> list[str]:
    """The folders that a model_index.json names as parts of its pipeline. Raises ValueError for others."""
    found = json.loads(index.read_text())
    if not isinstance(found, dict):
        raise ValueError("no index of a pipeline")
    return [
        name
        for name, kind in found.items()
        if isinstance(kind, list) and len(kind) == 2 and kind[0] is not None
    ]


def _whole(folder: Path) -> bool:
    """Whether every part of a pipeline has arrived, the shards of its weights included."""
    try:
        parts = [folder / name for name in components(folder / "model_index.json")]
        if not all(any(part.glob("*")) for part in parts):
            return False
        return all(_weights_arrived(part) for part in parts if (part / "config.json").exists())
    except (OSError, ValueError, KeyError):
        return False


def _weights_arrived(part: Path) -> bool:
    """Whether a network's folder holds its weights: in one file, or all the shards of one index."""
    indices = [json.loads(path.read_text()) for path in part.glob("*.safetensors.index*.json")]
    if not indices:
        return any(part.glob("*.safetensors"))
    return any(all((part / shard).exists() for shard in index["weight_map"].values()) for index in indices)


def _fits(row: Row, machine: Machine) -> bool:
    try:
        plan(row, machine, cached=True)
    except CourseError:
        return False
    return True


def _precision(row: Row, machine: Machine) -> str:
    if machine.device == "cpu":
        return "float32"
    if machine.device == "mps":
        # Half precision paints black squares there now and then, bfloat16 is not known everywhere: single
        # where it fits, half only where single does not and the model bears it.
        roomy = machine.gpu_free_gb >= 2 * HEADROOM * row.gpu_gb
        return "float32" if roomy or "float16" not in row.precisions else "float16"
    for precision in row.precisions:
        if precision != "bfloat16" or machine.has_bfloat16:
            return precision
    raise CourseError(
        f"{row.title} needs a GPU that computes in bfloat16 (Ampere or newer): choose sd15 instead."
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
            f"{title} needs {needed:.1f} GB of {kind}, but only {free:.1f} GB are free: close other programs "
            "and notebooks, or choose a smaller model."
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
    return free_memory() / GB  # what the cache of the disk holds counts as free


def _has_token() -> bool:
    from huggingface_hub import get_token

    return get_token() is not None
