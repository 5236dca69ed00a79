"""What a container was granted of its machine: control groups of Linux, version 1 and 2.

A container sees every core and all the memory of its host, whatever its share of them. Threads beyond that
share are stopped and started again all the time, and work by turns is slower than by fewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

SYSTEM = Path("/")

QUOTA = "cpu.cfs_quota_us", "cpu.cfs_period_us"  # version 1; version 2 has both numbers in cpu.max
MOST_MEMORY = "memory.max", "memory.limit_in_bytes"
USED_MEMORY = "memory.current", "memory.usage_in_bytes"
LEFT_TO_FILES = "inactive_file ", "total_inactive_file "  # lines of memory.stat


def processors() -> float | None:
    """How many processors' worth of time this process may use; None where no group sets a limit."""
    shares = []
    for folder in _folders("cpu"):
        both = _text(folder / "cpu.max").split() or [_text(folder / name).strip() for name in QUOTA]
        if len(both) == 2 and all(number.isdecimal() for number in both):  # not max, and not -1
            shares.append(int(both[0]) / int(both[1]))
    return min(shares, default=None)


def memory_left() -> int | None:
    """How many bytes this process may still take, caches of files counted as free; None without a limit."""
    left = []
    for folder in _folders("memory"):
        most, used = (_number(folder, names) for names in (MOST_MEMORY, USED_MEMORY))
        if most is not None and used is not None:
            left.append(max(0, most - used + _left_to_files(folder)))
    return min(left, default=None)


def _folders(controller: str) -> Iterator[Path]:
    """The groups that this process is in, innermost first: any of them may set a limit."""
    mounts = SYSTEM / "sys/fs/cgroup"
    for line in _text(SYSTEM / "proc/self/cgroup").splitlines():
        number, controllers, place = line.split(":", 2)
        if number != "0" and controller not in controllers.split(","):
            continue
        mount = mounts if number == "0" else mounts / controller
        folder = mount / place.lstrip("/")  # seen from inside a container it may not be there; the mount is
        while folder != mount:
            yield folder
            folder = folder.parent
        yield mount


def _number(folder: Path, names: tuple[str, ...]) -> int | None:
    texts = [_text(folder / name).strip() for name in names]
    return next((int(text) for text in texts if text.isdecimal()), None)


def _left_to_files(folder: Path) -> int:
    lines = _text(folder / "memory.stat").splitlines()
    return max((int(line.split()[1]) for line in lines if line.startswith(LEFT_TO_FILES)), default=0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
