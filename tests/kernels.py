"""A kernel of its own for a test, and every message that its cells send to a front end."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_client.manager import KernelManager

Messages = list[tuple[str, dict[str, Any]]]  # type and content

PATIENCE = 120  # seconds; a busy machine is slow to start a kernel


class Kernel:
    """A kernel, and what its cells send to a front end."""

    def __init__(self, manager: KernelManager) -> None:
        self.manager, self.client = manager, manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def run(self, source: str, interrupt_at: str = "") -> Messages:
        """Run a cell; the messages it sent. `interrupt_at` is a type of message after which it is stopped."""
        request = self.client.execute(source)
        messages: Messages = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=5)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append((message["msg_type"], message["content"]))
            if message["msg_type"] == interrupt_at:
                self.manager.interrupt_kernel()
                interrupt_at = ""
            if messages[-1] == ("status", {"execution_state": "idle"}):
                return messages
        raise AssertionError(f"The cell has not ended: {messages}")


@contextmanager
def started(*arguments: str) -> Iterator[Kernel]:
    """Start a kernel with further arguments, and end it afterwards."""
    manager = KernelManager()
    manager.start_kernel(extra_arguments=list(arguments))
    kernel = Kernel(manager)
    try:
        yield kernel
    finally:
        kernel.client.stop_channels()
        manager.shutdown_kernel(now=True)
