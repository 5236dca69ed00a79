"""How well a painted page follows the hand: pictures a second while a slider moves, and how late they are.

`python tests/browser/live_rate.py` drags the guidance of notebook 5's live page with a mouse, at the steps a
painter is meant for and some at more, with sketches and without, idle and beside one busy process, and prints
it; `--painter` chooses whom. The browser is the `chromium` on the PATH.

The page measures itself. Every value the slider takes is noted with the time at which the browser received
the move; the view names the value below each picture. A picture counts once, as late as its own value is old.
Every case has a seed of its own, so that nothing in it was painted before.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
from lab import serve
from notebook_page import NotebookPage
from playwright.sync_api import sync_playwright

from course_utils import painters
from course_utils.bench.figures import busy
from course_utils.painters.fast_painter import STEPS as FAST_STEPS
from course_utils.runcards.settings import STEPS

FILM, DIAL = "canvas.cu-film-canvas[data-painted]", "guidance w"
SECONDS = 6.0
TRACK = (0.05, 0.95)  # the part of the dial that is dragged along
# Painter -> its cases: steps, those it is meant for first, and whether it may sketch while the dial moves.
CASES: dict[str, tuple[tuple[int, bool], ...]] = {
    "picturebook": ((STEPS, True), (STEPS, False), (20, True), (20, False)),
    "picturebook-flow": ((STEPS, True), (STEPS, False)),
    "picturebook-fast": ((FAST_STEPS, True),),
}
# The cell lasts long enough to be noticed.
NO_SKETCHES = "import time; page_painting.preview_wanted = lambda: False; time.sleep(1)"
SKETCHES = "import time; page_painting.preview_wanted = latest_only.preview_wanted; time.sleep(1)"

_WATCH = """([canvas, handle]) => {
  const label = canvas.closest(".cu-film").querySelector(".cu-label");
  const asked = new Map();
  const frames = [];
  const channel = new MessageChannel();
  const moved = (event) => {
    const value = parseFloat(handle.getAttribute("aria-valuetext"));
    if (!asked.has(value)) asked.set(value, event.timeStamp);
  };
  channel.port1.onmessage = ({ data }) => frames.push([...data, performance.now()]);
  const pictures = new Set();
  const decode = window.createImageBitmap;
  window.createImageBitmap = (source, ...more) => {
    source.arrayBuffer?.().then((bytes) => pictures.add(new Uint8Array(bytes).join()));
    return decode.call(window, source, ...more);
  };
  const observer = new MutationObserver(() => {
    const [, value, steps] = /w = ([0-9.]+), ([0-9]+) steps/.exec(label.textContent);
    channel.port2.postMessage([parseFloat(value), parseInt(steps)]);
  });
  observer.observe(canvas, { attributes: true, attributeFilter: ["data-painted"] });
  window.addEventListener("mousemove", moved);
  window.stopWatching = () => {
    observer.disconnect();
    window.removeEventListener("mousemove", moved);
    window.createImageBitmap = decode;
    return { asked: [...asked], frames, pictures: pictures.size };
  };
}"""


@dataclass(frozen=True)
class Rate:
    """Pictures a second of values never shown before, and milliseconds from a value to its picture.

    `previews` is the share of those painted in fewer steps; `settled` the milliseconds from the last value to
    its picture in all its steps, infinite if that never came; `distinct` how many pictures differed in their
    bytes, of `shown`.
    """

    pictures: float
    median: float
    p95: float
    previews: float
    settled: float
    distinct: int
    shown: int

    def __str__(self) -> str:
        return (
            f"{self.pictures:.1f} pictures a second ({self.previews:.0%} previews), median {self.median:.0f} "
            f"ms, p95 {self.p95:.0f} ms; settled after {self.settled:.0f} ms; "
            f"{self.distinct} of {self.shown} pictures differ"
        )


def measure(notebook: NotebookPage, steps: int, low: float, high: float) -> Rate:
    """Drag the dial from one place on its track (0..1) to another in `SECONDS`."""
    canvas, slider = notebook.find(FILM), notebook.slider(DIAL)
    notebook.drag(slider, low)
    notebook.page.wait_for_timeout(2000)
    handle = slider.locator(".noUi-handle")
    with notebook.holding(slider) as (left, right, y):
        notebook.page.evaluate(_WATCH, [canvas.element_handle(), handle.element_handle()])
        began = time.monotonic()
        while (gone := time.monotonic() - began) < SECONDS:
            share = low + (high - low) * gone / SECONDS
            notebook.page.mouse.move(left + (right - left) * share, y)
            time.sleep(0.016)
        during = notebook.page.evaluate("() => performance.now()")
        notebook.page.wait_for_timeout(3000)
        last = float(handle.get_attribute("aria-valuetext") or "nan")
        seen = notebook.page.evaluate("() => window.stopWatching()")
    asked = dict(map(tuple, seen["asked"]))
    first: dict[float, tuple[int, float]] = {}
    for value, count, at in seen["frames"]:
        first.setdefault(value, (count, at))
    delays = np.array([at - asked[value] for value, (_, at) in first.items() if value in asked] or [np.inf])
    moving = [count for count, at in first.values() if at <= during]
    previews = sum(count < steps for count in moving) / max(1, len(moving))
    done = [at for value, count, at in seen["frames"] if (value, count) == (last, steps)]
    settled = min(done, default=np.inf) - asked[last]
    late = np.percentile(delays, [50, 95])
    return Rate(len(moving) / SECONDS, *late, previews, settled, seen["pictures"], len(first))


def main() -> int:
    """Open a notebook with the live page alone, and print a line for every case."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--painter", choices=list(CASES), help="all of them, if left out")
    chosen = parser.parse_args().painter
    chromium = shutil.which("chromium")
    if chromium is None:
        print("No rate: chromium was not found on the PATH; install it first.", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(_notebooks(Path(scratch)), Path(scratch) / "lab") as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in [chosen] if chosen else CASES:
            notebook = NotebookPage(browser.new_page(viewport={"width": 1024, "height": 768}), lab)
            notebook.open(f"{name}.ipynb")
            notebook.run_all()
            # As on a projector, without the list of files: the dial is twice as long.
            notebook.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
            most, seed = painters.load(name).most_steps, 0
            for steps, sketches in CASES[name]:
                notebook.start(SKETCHES if sketches else NO_SKETCHES)
                notebook.wait_idle()
                notebook.drag(notebook.slider("steps"), (steps - 1) / (most - 1))
                for neighbours in (0, 1):
                    seed += 1
                    notebook.drag(notebook.slider("seed"), seed / 20)
                    with busy(neighbours) if neighbours else nullcontext():
                        rate = measure(notebook, steps, *TRACK)
                    how = "" if sketches else ", no sketches"
                    print(f"{name}, {steps} steps{how}, {neighbours} busy neighbours: {rate}", flush=True)
            notebook.close()
            notebook.page.close()
        browser.close()
    return 0


def _notebooks(scratch: Path) -> Path:
    folder = scratch / "source"
    folder.mkdir()
    (scratch / "lab").mkdir()
    for name in CASES:
        cells = [
            "from course_utils.panels import latest_only, page_painting\n"
            "from course_utils.panels.guidance import all_dials",
            f"all_dials.live_panel(painter={name!r})",
            # Its graphs are built at first use.
            f"page_painting.painter({name!r}).sketcher.engine.wait()",
        ]
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


if __name__ == "__main__":
    sys.exit(main())
