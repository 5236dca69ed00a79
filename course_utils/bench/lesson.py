"""A lesson as a whole: the five notebooks, and a panel whose sliders are shaken."""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from course_utils.bench.figures import Figure, figure_of
from course_utils.bench.kernels import PEAK, Kernel, kernel
from course_utils.runtime import ROOT

NOTEBOOKS = ROOT / "notebooks"
EVENTS, LAST = 1000, 2.35
SHEET = 64
# A live page; its dial and its film are found among its widgets.
PANEL = """
import psutil
from course_utils.panels import page_painting
from course_utils.panels.guidance import all_dials

def find(widget, label):
    if getattr(widget, "description", "") == label:
        return widget
    return next(filter(None, (find(child, label) for child in getattr(widget, "children", ()))), None)

def film(widget):
    if hasattr(widget, "sheet"):
        return widget
    return next(filter(None, (film(child) for child in getattr(widget, "children", ()))), None)

page_painting.painter().sketcher.engine.wait()
panel = all_dials.live_panel()
dial, view = find(panel.root, "guidance w"), film(panel.root)
dial.model_id
"""
MEMORY = "psutil.Process().memory_info().rss / 2**20"
_SHEET = f"""
import time
from course_utils.panels import page_painting
from course_utils.panels.steering import wall
page_painting.painter().engine.wait()
asked = page_painting.settings("an orange cat in space", steps=8)
def _filled():
    start, first = time.perf_counter(), None
    for part in wall.painted(asked, {SHEET}):
        first = first or time.perf_counter() - start
    return first, time.perf_counter() - start
_filled()
[_filled() for _ in range(3)]
"""


def notebooks(_repeats: int) -> list[Figure]:
    """Seconds and peak memory of every notebook, run offline from its first cell to its last."""
    import nbformat

    figures, total = [], 0.0
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        for path in paths:
            with TemporaryDirectory() as scratch, kernel(Path(scratch)) as running:
                for cell in nbformat.read(path, as_version=4).cells:
                    if cell.cell_type == "code":
                        running.show(cell.source)
                spent, peak = time.perf_counter() - running.started, float(running.value(PEAK))
            total += spent
            figures += [
                figure_of(f"{path.stem}, all cells", "s", [spent]),
                figure_of(f"{path.stem}, peak memory", "MiB", [peak]),
            ]
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before
    return [*figures, figure_of(f"{len(paths)} notebooks together", "s", [total])]


def storm(repeats: int) -> list[Figure]:
    """A thousand slider events: how long another cell waits, and what they leave behind in memory."""
    runs = []
    for _ in range(max(1, repeats // 2)):
        with kernel() as running:
            runs.append(shaken(running))
    return [
        figure_of(f"another cell's wait in a storm of {EVENTS} events", "s", [waited for waited, _ in runs]),
        figure_of("memory left behind by the storm", "MiB", [max(0.0, grown) for _, grown in runs]),
    ]


def shaken(running: Kernel) -> tuple[float, float]:
    """Shake the live page's dial; seconds that another cell waits, and MiB that the kernel has grown by."""
    model = str(running.value(PANEL))
    # The memory that painting itself needs is there before it is measured.
    running.storm(model, [k / 20 for k in range(100)])
    running.value("panel.work.wait()")
    before = running.value(MEMORY)
    running.storm(model, [LAST if k == EVENTS - 1 else (k % 300) / 20 for k in range(EVENTS)])
    start = time.perf_counter()
    running.value("1 + 1")
    waited = time.perf_counter() - start
    running.value("panel.work.wait()")
    return waited, running.value(MEMORY) - before


def sheet(_repeats: int) -> list[Figure]:
    """A wall of 64 pages of 8 steps: seconds to its first pages, and to all of them."""
    with kernel() as running:
        runs = running.value(_SHEET)
    return [
        figure_of(f"a wall of {SHEET}, its first pages", "s", [first for first, _ in runs]),
        figure_of(f"a wall of {SHEET}, all of it", "s", [whole for _, whole in runs]),
    ]
