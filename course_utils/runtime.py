"""What must be settled before torch is imported: threads, paths, seeds, offline state, errors.

Importing the module takes the standard library only, so that `import course_utils` costs milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from course_utils import cgroups

if TYPE_CHECKING:
    import torch

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
MODELS = DATA / "models"

Item = TypeVar("Item")
Result = TypeVar("Result")

CHECKSUMS = "checksums.json"
MISTAKEN_ENDPOINT = "COURSE_MISTAKEN_ENDPOINT"  # where an HF_ENDPOINT that was set aside is remembered
LONGEST = 60  # letters of what a sentence repeats
# What the libraries read to stay quiet: ONNX Runtime sends telemetry from 1.29 on, the hub's client counts.
QUIET = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
SMALL_BATCH = 4  # pictures that one thread paints


class CourseError(ValueError):
    """A mistake a learner can put right: one sentence that says what is wrong and what to do."""

    def _render_traceback_(self) -> list[str]:
        """IPython shows this instead of a stack trace, so that the sentence is all a learner sees."""
        return [f"{type(self).__name__}: {self}"]


def set_thread_policy() -> None:
    """Make torch's waiting threads sleep, not spin; call before torch is imported.

    Spinning threads fight a video call for the cores and lose: training with two of them fell from
    30 to 2 pictures a second beside one busy process, and kept its 30 with the passive policy.
    A policy the person has already set in the environment is left alone.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    if cores() < _visible_cores():  # torch and numpy count what they see, not what they were granted
        os.environ.setdefault("OMP_NUM_THREADS", str(cores()))


def set_privacy_policy() -> None:
    """Keep the libraries from sending anything anywhere; call before onnxruntime is imported.

    A setting that the person has already made in the environment is left alone.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)


def set_hub_address() -> None:
    """Set aside an HF_ENDPOINT that is not a web address; call before huggingface_hub is imported.

    With some of them (a space after the port) that package, and with it diffusers, cannot be imported, and
    the course, which needs no network, would not run. `painters.hub` and `doctor` report what was set aside.
    """
    if "HF_ENDPOINT" not in os.environ:
        return
    address = os.environ.pop("HF_ENDPOINT").strip()
    if _is_address(address):
        os.environ["HF_ENDPOINT"] = address
        os.environ.pop(MISTAKEN_ENDPOINT, None)  # of a process that started this one
    elif address:
        os.environ[MISTAKEN_ENDPOINT] = address


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number
        return False
    return bool(whole) and text.isprintable() and " " not in text


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Run a block with `count` torch threads (>= 1) and restore the previous number afterwards.

    One thread is as fast as many for a small network and far steadier beside other programs; many
    pay for large batches only.
    """
    import torch

    if count < 1:
        raise CourseError(f"A computation needs at least one thread, not {count}.")
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def side_by_side(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    watch: Callable[[Iterator[Result]], Iterable[Result]] = iter,
) -> list[Result]:
    """Do independent pieces of torch work, each on a core of its own; results come in the order of the items.

    Cores that share every small operation spend their time waiting for each other; here they meet at the end.
    The results pass through `watch` as they come.
    """
    here = copy_context()  # what is checked between steps is checked there, too
    with threads(1), ThreadPoolExecutor(cores()) as pool:
        return list(watch(pool.map(lambda item: here.copy().run(work, item), items)))


def cores() -> int:
    """How many processor cores this process may use, at least 1: what it sees, or a container's quota."""
    granted = cgroups.processors()
    seen = _visible_cores()
    return seen if granted is None else max(1, min(seen, math.ceil(granted)))


def _visible_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory() -> int:
    """How many bytes of memory are free for this process: on the machine, or in a container's share of it."""
    import psutil

    left, free = cgroups.memory_left(), psutil.virtual_memory().available
    return free if left is None else min(free, left)


def release_memory() -> None:
    """Give the system back what this process has freed; where the C library cannot, nothing happens.

    glibc keeps what was freed below something that is still in use: a tenth of a kernel that has painted.
    """
    import ctypes
    import sys

    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def threads_for(pictures: int) -> int:
    """How many torch threads paint so many pictures at once: one for a few, all there are for more.

    Up to `SMALL_BATCH` pictures one thread is nearly as fast as two that share every layer, and far steadier
    beside a video call; `make bench` measures both, idle and beside busy processes. The fast engine deals
    whole parts of a batch to the cores instead.
    """
    return 1 if pictures <= SMALL_BATCH else cores()


def best_device() -> str:
    """Return "cuda", "mps", "xpu" or "cpu": the fastest device torch can use on this machine."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        return "xpu"
    return "cpu"


def generator(seed: int) -> torch.Generator:
    """Return a CPU `torch.Generator` seeded with `seed` (an integer, 0 <= seed < 2**63).

    Random numbers are always drawn on the CPU: the same seed then gives the same static on every device.
    """
    import torch

    seed = plain(seed)
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise CourseError(f"A seed is a whole number, for example 7, not {shown(seed)}.")
    if not 0 <= seed < 2**63:
        raise CourseError(f"A seed lies between 0 and 2**63 - 1; {shown(seed)} does not.")
    return torch.Generator("cpu").manual_seed(seed)


def plain(value: Any) -> Any:
    """A NumPy or torch number as Python's own; anything else unchanged."""
    item = getattr(value, "item", None)
    try:
        return item() if callable(item) else value
    except (TypeError, ValueError, RuntimeError):  # several numbers
        return value


def short(text: str) -> str:
    """A text to quote in a sentence, shortened where it is long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def counted(count: int, noun: str) -> str:
    """A number of things as it is said: "1 step", "20 steps"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def shown(value: object) -> str:
    """A value to quote in a sentence: its `repr`, shortened."""
    try:
        return short(repr(value))
    except (
        Exception
    ):  # Python writes no number of more than 4300 digits; other people's classes may do anything
        return f"a {type(value).__name__} that cannot be shown"


def offline_switch() -> str:
    """The variable by which the person asks the Hugging Face libraries to stay off the network, or ""."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):  # as the libraries do: the first that is set
        if value := os.environ.get(name):
            return name if value.upper() in {"1", "TRUE", "YES", "ON"} else ""
    return ""


def is_offline() -> bool:
    """True where the person has asked the Hugging Face libraries to stay off the network."""
    return bool(offline_switch())


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path) -> None:
    """Record the SHA-256 of every weight file below `folder` in its checksums.json."""
    sums = {str(path.relative_to(folder)): sha256(path) for path in sorted(folder.rglob("*.safetensors"))}
    (folder / CHECKSUMS).write_text(json.dumps(sums, indent=2) + "\n")


def verify_checksums(folder: Path, besides: Path | None = None) -> None:
    """Raise `CourseError` unless every weight file that `folder`/checksums.json lists is there, unchanged.

    Parts that the folder `besides` has itself are left out: nobody borrows them.
    """
    remedy = f"restore the model with `git checkout -- data/models/{folder.name}`."
    try:
        sums = json.loads((folder / CHECKSUMS).read_text())
    except (OSError, ValueError):
        sums = None
    if not isinstance(sums, dict) or not sums:  # an empty list would let any weights pass
        raise CourseError(
            f"The list of checksums of the model {folder.name!r} is missing or damaged; {remedy}"
        )
    for name, expected in sums.items():
        if besides is not None and (besides / Path(name).parts[0]).is_dir():
            continue
        path = folder / name
        if not path.is_file():
            raise CourseError(f"The weights {name!r} of the model {folder.name!r} are missing; {remedy}")
        if sha256(path) != expected:
            raise CourseError(f"The weights {name!r} of the model {folder.name!r} are damaged; {remedy}")
