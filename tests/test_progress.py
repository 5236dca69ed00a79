"""The bar of a cell that takes long, in a real kernel: there while it works, gone without a trace after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kernels
import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[1]
VIEW = "application/vnd.jupyter.widget-view+json"
# Long enough to be noticed, whatever the machine.
SETUP = f"""
import sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from course_utils.panels import progress
progress.DELAY = 0.0

def work(item):
    time.sleep(0.15)
    return item
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[kernels.Kernel]:
    """A kernel that knows the bar."""
    with kernels.started() as kernel:
        assert "error" not in dict(kernel.run(SETUP))
        yield kernel


def outputs(messages: kernels.Messages) -> list[dict[str, Any]]:
    """What a front end would have put below the cell, by type of content."""
    return [content["data"] for kind, content in messages if kind in ("display_data", "execute_result")]


def says(messages: kernels.Messages) -> str:
    """All that was told to the widgets."""
    return str([content for kind, content in messages if kind.startswith("comm")])


def taken_away(messages: kernels.Messages) -> bool:
    """Whether the bar's output was emptied, and every widget that was made is closed again."""
    updates = [content["data"] for kind, content in messages if kind == "update_display_data"]
    opened = {content["comm_id"] for kind, content in messages if kind == "comm_open"}
    closed = {content["comm_id"] for kind, content in messages if kind == "comm_close"}
    return updates == [{}] and len(opened) > 0 and opened == closed


def test_a_cell_says_what_it_does_and_leaves_nothing_behind(kernel):
    messages = kernel.run("list(progress.watched('painting 9 pages', map(work, range(9)), 9))")
    bar, result = outputs(messages)
    assert set(bar) == {VIEW}, "nbval and saved pages would read the bar's words"
    assert result == {"text/plain": "[0, 1, 2, 3, 4, 5, 6, 7, 8]"}
    assert "painting" in says(messages).replace("\u2007", " ") and taken_away(messages)


def test_pieces_side_by_side_move_a_bar(kernel):
    messages = kernel.run("progress.side_by_side_watched('walking', work, range(9))")
    bar, result = outputs(messages)
    assert set(bar) == {VIEW} and result == {"text/plain": "[0, 1, 2, 3, 4, 5, 6, 7, 8]"}
    assert taken_away(messages)


@pytest.mark.parametrize(
    "source",
    [
        "list(progress.watched('painting', map(work, range(1000)), 1000))",
        "progress.side_by_side_watched('walking', work, range(1000))",
    ],
)
def test_an_interrupted_cell_stops_at_once_and_takes_its_bar_away(kernel, source):
    messages = kernel.run(source, interrupt_at="display_data")
    assert [content["ename"] for kind, content in messages if kind == "error"] == ["KeyboardInterrupt"]
    assert taken_away(messages)
    assert outputs(kernel.run("list(progress.watched('again', map(work, range(2)), 2))"))[-1] == {
        "text/plain": "[0, 1]"
    }


def test_what_is_done_soon_and_what_a_panel_paints_in_its_own_thread_has_no_bar(kernel):
    quick = kernel.run("progress.DELAY = 60.0\nlist(progress.watched('quick', range(3), 3))")
    panel = """
progress.DELAY = 0.0
thread = threading.Thread(target=lambda: list(progress.watched('panel', map(work, range(9)), 9)))
thread.start(); thread.join()
"""
    silenced = """
import os
os.environ["TQDM_DISABLE"] = "1"
done = list(progress.watched('silenced', map(work, range(9)), 9))
del os.environ["TQDM_DISABLE"]
"""
    assert outputs(quick) == [{"text/plain": "[0, 1, 2]"}] and says(quick) == "[]"
    assert outputs(kernel.run(panel)) == outputs(kernel.run(silenced)) == []


def test_a_bar_is_there_before_the_first_piece_is_done(kernel):
    slow = "with progress.progress('loading', 1): time.sleep(2)"
    messages = kernel.run(slow)
    assert [set(data) for data in outputs(messages)] == [{VIEW}] and taken_away(messages)
