"""What a notebook's kernel costs: its start, its memory, how it holds out in a storm of slider events."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Most memory a process ever held. Where the system does not tell it, what it holds now.
PEAK = """
import pathlib, re
def _peak():
    status = pathlib.Path("/proc/self/status")
    if status.exists():
        return int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text()).group(1)) / 1024
    import psutil
    return psutil.Process().memory_info().rss / 2**20
_peak()
"""


@dataclass(frozen=True)
class Kernel:
    """A running kernel and its client."""

    client: Any
    started: float  # time.perf_counter() just before it was started

    def value(self, code: str) -> Any:
        """Run code and return what its last line is worth, a plain Python value; None where it shows none."""
        results: list[str] = []

        def hook(message: dict[str, Any]) -> None:
            if message["msg_type"] == "execute_result":
                results.append(message["content"]["data"]["text/plain"])

        self._run(code, hook)
        return ast.literal_eval(results[-1]) if results else None

    def show(self, code: str) -> float:
        """Run code that shows something; the seconds since the kernel was asked for."""
        self._run(code, lambda _message: None)
        return time.perf_counter() - self.started

    def _run(self, code: str, hook: Callable[[dict[str, Any]], None]) -> None:
        reply = self.client.execute_interactive(code, timeout=600, output_hook=hook)["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{reply.get('ename')}: {reply.get('evalue')}")

    def storm(self, model: str, values: list[float]) -> None:
        """Move a slider, named by its model, through values as fast as messages travel."""
        for value in values:
            content = {
                "comm_id": model,
                "data": {"method": "update", "state": {"value": value}, "buffer_paths": []},
            }
            self.client.shell_channel.send(self.client.session.msg("comm_msg", content))


@contextmanager
def kernel(folder: Path | None = None) -> Iterator[Kernel]:
    """A fresh Python kernel, ended with the block."""
    from jupyter_client.manager import start_new_kernel

    started = time.perf_counter()
    more: dict[str, Any] = {"cwd": str(folder)} if folder else {}
    manager, client = start_new_kernel(extra_arguments=["--ip=127.0.0.1"], **more)
    try:
        yield Kernel(client, started)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
