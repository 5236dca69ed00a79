"""How fast the painters are in a page, beside Python's engine in the same run, and what the page transfers.

    python tests/browser/web_speed.py [folder of a built site]

Every figure stands twice: in seconds of the clock, and in seconds of processor time, which a busy machine
disturbs less. Both engines have one thread and take turns.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import torch
from playwright.sync_api import sync_playwright
from web_page import WebPage, hosted, web_page

from course_utils import painters
from course_utils.painters import inference
from course_utils.site import command

FAST = "picturebook-fast"
ROUNDS, PASSES = 6, 10
WARM = 60  # passes after which the browser has compiled what it runs often
PICTURES = 20

OPEN = """
  const { Studio } = await import(`${location.origin}/painter/studio.js`);
  globalThis.studio = await Studio.open(`${location.origin}/`, { threads: given });
"""
PASS = """
  const painter = await studio.painter(given.name);
  const x = new Float32Array(painter.size).map((_, k) => Math.sin(k));
  const both = [await painter.text.encode(""), await painter.text.encode("an orange cat in space")];
  const told = painter.told({ guidance: 4 });
  const sides = both.slice(2 - painter.sides);
  const began = performance.now();
  for (let k = 0; k < given.passes; k++) await painter.engine.predict(x, painter.index(500), sides, told);
  return (performance.now() - began) / given.passes;
"""
PAINT = """
  const painter = await studio.painter(given.name);
  const began = performance.now();
  for (let k = 0; k < given.pictures; k++) {
    await painter.paint({ prompt: "an orange cat in space", steps: 2, guidance: 2 + k / given.pictures });
  }
  return (performance.now() - began) / given.pictures;
"""


def browsers_seconds() -> float:
    """Processor time that the browser's processes have used."""
    used = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            used += sum(child.cpu_times()[:2])
        except psutil.NoSuchProcess:
            continue
    return used


def timed(work: Callable[[], Any], used: Callable[[], float]) -> tuple[Any, float]:
    """What some work gives, and the milliseconds of processor time it took."""
    before = used()
    found = work()
    return found, 1000 * (used() - before)


def python_pass(name: str) -> Callable[[], float]:
    """A function that runs passes by Python's engine on one thread, and says the milliseconds of one."""
    painter = painters.load(name, build=False)
    one = painter.using(inference.fast(painter.parts, 1))
    settings = painter.defaults("an orange cat in space")
    predict = one.predictor([settings])
    x = torch.sin(torch.arange(float(painter.initial_noise(0).numel()))).reshape(1, *painter.shape)

    def run() -> float:
        began = time.perf_counter()
        with torch.inference_mode():
            for _ in range(PASSES):
                predict(x, 500)
        return 1000 * (time.perf_counter() - began) / PASSES

    return run


def guided_pass(page: WebPage, name: str) -> None:
    """Print what a guided pass costs here and there."""
    here, asked = python_pass(name), {"name": name, "passes": PASSES}
    page.run(PASS, {**asked, "passes": WARM})
    here()
    rows = []
    for _ in range(ROUNDS):
        there, there_used = timed(lambda: page.run(PASS, asked), browsers_seconds)
        python, python_used = timed(here, time.process_time)
        rows.append((there, python, there_used / PASSES, python_used / PASSES))
    medians = (statistics.median(column) for column in zip(*rows, strict=True))
    there, python, there_used, python_used = medians
    print(
        f"{name:18} a guided pass: {there:6.1f} ms, Python {python:5.1f} ms, ratio {there / python:.1f}; "
        f"processor time {there_used:6.1f} and {python_used:5.1f} ms, ratio {there_used / python_used:.1f}"
    )


def rate(page: WebPage, what: str) -> None:
    """Print how many pictures a second a moving slider sees: two steps, decoding included."""
    page.run(PAINT, {"name": FAST, "pictures": PICTURES})
    asked = {"name": FAST, "pictures": PICTURES}
    milliseconds, used = timed(lambda: page.run(PAINT, asked), browsers_seconds)
    print(
        f"{FAST}, 2 steps and decoding, {what}: {1000 / milliseconds:.1f} pictures a second; "
        f"processor time {used / PICTURES:.0f} ms a picture"
    )


def cold_load(browser: Any, folder: Path) -> None:
    """Print how long a first visit takes to its first picture, and what it transfers."""
    with hosted(folder) as host, web_page(browser, host) as page:
        began = time.perf_counter()
        _, used = timed(page.open, browsers_seconds)
        seconds = time.perf_counter() - began
        print(f"cold load to first picture: {seconds:.1f} s; processor time {used / 1000:.1f} s")
        loaded = sorted({address.split("#")[0].removeprefix(host.address) for address in page.requests})
    sizes = {
        name or "index.html": (folder / (name or "index.html")).stat().st_size
        for name in loaded
        if "data:" not in name
    }
    for name, size in sizes.items():
        print(f"  {size / 1e6:6.2f} MB  {name}")
    print(f"  {sum(sizes.values()) / 1e6:6.2f} MB in all")


def measure(folder: Path) -> None:
    """Print all of it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        cold_load(browser, folder)
        with hosted(folder) as host, web_page(browser, host) as page:
            page.bare()
            page.run(OPEN, 1)
            for name in painters.BUILTIN:
                guided_pass(page, name)
            rate(page, "one thread")
            page.run(OPEN.replace("threads: given", ""))
            rate(page, page.run("return (await studio.painter(given)).engine.name", FAST))
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as built:
            command.build(Path(built))
            measure(Path(built))
