"""A storm of slider events in a real kernel: it answers other cells, ends right, and keeps its size."""

from __future__ import annotations

import ast
import time

import pytest
from jupyter_client.manager import start_new_kernel

EVENTS = 1000
START = """
import resource, psutil
from course_utils.panels import live, pages
from course_utils.painters.settings import GUIDANCE
pages.STEPS = 4
panel = live.live_panel()
painter = pages.painter()
if hasattr(painter.engine, "wait"):
    painter.engine.wait()

def find(widget, label):
    if getattr(widget, "description", "") == label:
        return widget
    return next(filter(None, (find(child, label) for child in getattr(widget, "children", ()))), None)

def film(widget):
    if hasattr(widget, "sheet"):
        return widget
    return next(filter(None, (film(child) for child in getattr(widget, "children", ()))), None)

dial, view = find(panel.root, "guidance w"), film(panel.root)
dial.model_id
"""
LAST = 2.35
END = f"""
panel.work.wait()
again = live.live_panel()
find(again.root, "guidance w").value = {LAST}
again.work.wait()
(dial.value, view.labels[0], view.sheet == film(again.root).sheet)
"""
MEMORY = "psutil.Process().memory_info().rss // 2**20"


@pytest.fixture(scope="module")
def kernel():
    """A kernel's client, its panel shown."""
    manager, client = start_new_kernel(extra_arguments=["--ip=127.0.0.1"])
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def value_of(client, code: str):
    """Run a cell and return what its last line is worth."""
    results = []

    def hook(message):
        if message["msg_type"] == "execute_result":
            results.append(message["content"]["data"]["text/plain"])

    reply = client.execute_interactive(code, timeout=120, output_hook=hook)
    assert reply["content"]["status"] == "ok", reply["content"]
    return ast.literal_eval(results[-1])


def storm(client, model: str) -> None:
    """Move the dial `EVENTS` times as fast as messages travel, to end at `LAST`."""
    for k in range(EVENTS):
        value = LAST if k == EVENTS - 1 else (k % 300) / 20
        content = {
            "comm_id": model,
            "data": {"method": "update", "state": {"value": value}, "buffer_paths": []},
        }
        client.shell_channel.send(client.session.msg("comm_msg", content))


def test_the_kernel_answers_ends_right_and_keeps_its_size(kernel):
    model = value_of(kernel, START)
    before = value_of(kernel, MEMORY)
    storm(kernel, model)
    started = time.monotonic()
    assert value_of(kernel, "1 + 1") == 2
    waited = time.monotonic() - started
    dial, label, same = value_of(kernel, END)
    assert dial == LAST and f"w = {LAST}" in label and same
    assert waited < 10  # the target is one second, on a machine with nothing else to do: make bench
    assert value_of(kernel, MEMORY) - before < 50
    print(f"answered after {waited:.2f} s")
