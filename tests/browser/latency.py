"""How long a learner waits: from a move of the mouse on a slider to the pixels it changes.

`python tests/browser/latency.py` measures it in notebook 1 while its kernel is frozen, and prints it; the
browser is the `chromium` on the PATH.

The page measures itself. Each move carries the time at which the browser received it. The view sets an
attribute on its canvas in the animation frame that paints; a message posted there is delivered once that
frame's rendering is done, and the clock is read then. A move that leaves the slider's value as it was
paints nothing and is not counted.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from lab import NOTEBOOKS, serve
from notebook_page import NotebookPage
from playwright.sync_api import Locator, sync_playwright

DROWNER = ".cu-drowner canvas[data-t]"  # the picture of notebook 1 that the slider "t" drowns
CLASSROOM = {"width": 1024, "height": 768}

# A cell that sleeps ten seconds, after half a one to report that it has begun. During a plain time.sleep the
# kernel still answers widgets: recent kernels give their messages a thread of their own. This call into C
# keeps Python's lock, so no thread runs, and whatever still moves in the page moves without a kernel.
FREEZE = "import ctypes, time; time.sleep(0.5); ctypes.PyDLL(None).sleep(10)"

_WATCH = """([canvas, handle, attribute]) => {
  const waiting = [];
  const delays = [];
  const channel = new MessageChannel();
  let value = handle.getAttribute("aria-valuetext");
  const moved = (event) => {
    const now = handle.getAttribute("aria-valuetext");
    if (now !== value) waiting.push(event.timeStamp);
    value = now;
  };
  channel.port1.onmessage = ({ data }) => {
    const painted = performance.now();
    for (const start of data) delays.push(painted - start);
  };
  const observer = new MutationObserver(() => channel.port2.postMessage(waiting.splice(0)));
  observer.observe(canvas, { attributes: true, attributeFilter: [attribute] });
  window.addEventListener("mousemove", moved);
  window.stopWatching = () => {
    observer.disconnect();
    window.removeEventListener("mousemove", moved);
    return { delays, unpainted: waiting.length };
  };
}"""


@dataclass(frozen=True)
class Latency:
    """Milliseconds from input to pixels over `events` moves; `unpainted` moves never reached the canvas."""

    events: int
    unpainted: int
    median: float
    p95: float
    p99: float
    worst: float

    def __str__(self) -> str:
        spread = (
            f"median {self.median:.1f}, p95 {self.p95:.1f}, p99 {self.p99:.1f}, worst {self.worst:.1f} ms"
        )
        return f"{spread} over {self.events} moves ({self.unpainted} unpainted)"


def measure(
    notebook: NotebookPage, slider: Locator, canvas: Locator, attribute: str, moves: int = 200
) -> Latency:
    """Drag `slider` to and fro by `moves` small moves and return how late `canvas` followed.

    `attribute` is the one that the view sets when it paints, "data-t" or "data-step". The moves come at
    uneven intervals, so that they meet the screen's refresh at every phase.
    """
    handle = slider.locator(".noUi-handle")
    elements = [canvas.element_handle(), handle.element_handle(), attribute]
    with notebook.holding(slider) as (left, right, y):
        notebook.page.evaluate(_WATCH, elements)
        for move in range(moves):
            notebook.page.mouse.move(left + (right - left) * _to_and_fro(move), y)
            time.sleep(0.001 * (move * 5 % 12))
        notebook.page.wait_for_timeout(200)  # the last move has its frame too
        seen = notebook.page.evaluate("() => window.stopWatching()")
    delays = np.array(seen["delays"] or [np.inf])
    median, p95, p99 = np.percentile(delays, [50, 95, 99], method="higher")
    return Latency(len(seen["delays"]), seen["unpainted"], median, p95, p99, delays.max())


def measure_frozen(notebook: NotebookPage) -> Latency:
    """Freeze the kernel of notebook 1, which has been run, and drag its slider "t" by 200 moves meanwhile."""
    notebook.wait_idle()
    notebook.start(FREEZE)
    notebook.page.wait_for_timeout(600)  # by now it sleeps
    latency = measure(notebook, notebook.slider("t"), notebook.find(DROWNER), "data-t")
    assert notebook.is_busy(), "the kernel woke up before the measurement ended"
    return latency


def _to_and_fro(move: int, turn: int = 40) -> float:
    """Return a place on the track, 0.1..0.9, that is another one at each move."""
    phase = (move % (2 * turn)) / turn
    return 0.1 + 0.8 * (phase if phase < 1 else 2 - phase)


def main() -> int:
    """Serve notebook 1 from a folder of its own, run it, and print the delays as one line."""
    argparse.ArgumentParser(description=main.__doc__).parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        print("No latency figure: chromium was not found on the PATH; install it first.", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(NOTEBOOKS, Path(scratch)) as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        notebook = NotebookPage(browser.new_page(viewport=CLASSROOM), lab)
        notebook.open("01_forward_process.ipynb")
        notebook.run_all()
        latency = measure_frozen(notebook)
        notebook.close()
        browser.close()
    print(f"slider to pixels, kernel frozen: {latency}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
