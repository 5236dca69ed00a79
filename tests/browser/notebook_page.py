"""A notebook open in JupyterLab, in the words of a test: run it, find an instrument, drag its slider."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from lab import Lab, write_notebook
from playwright.sync_api import Browser, Locator, Page, TimeoutError

OPEN_PATIENCE = 90_000  # milliseconds, as everything that is handed to playwright
RUN_PATIENCE = 300_000
CLASSROOM = {"width": 1024, "height": 768}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# The notebook in front, as JupyterLab's own code sees it.
_PANEL = "window.jupyterapp.shell.currentWidget"
_INDICATOR = ".jp-Notebook-ExecutionIndicator"

_RUN_ALL = """() => {
  window.ranAll = false;
  window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => { window.ranAll = true; });
}"""

_ERRORS = f"""() => {_PANEL}.content.widgets.flatMap((cell, index) =>
  (cell.model.outputs?.toJSON() ?? [])
    .filter(() => !cell.model.sharedModel.getMetadata().tags?.includes("raises-exception"))
    .filter((output) => output.output_type === "error")
    .map((output) => `cell ${{index}}: ${{output.ename}}: ${{output.evalue}}`))"""

_ADD_AND_RUN = f"""(source) => {{
  const notebook = {_PANEL}.content;
  notebook.model.sharedModel.addCell({{ cell_type: "code", source }});
  notebook.deselectAll();
  notebook.activeCellIndex = notebook.widgets.length - 1;
  window.jupyterapp.commands.execute("notebook:run-cell");
}}"""

_PIXELS = """(canvas) => {
  const context = canvas.getContext("2d");
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  let text = "";
  for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode(...data.subarray(i, i + 32768));
  return { width, height, pixels: btoa(text) };
}"""


class NotebookPage:
    """One notebook in one browser tab; `problems` collects what a learner's console would show in red."""

    def __init__(self, page: Page, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))
        page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: self._note_request(request.url))

    def open(self, notebook: str) -> None:
        """Open a notebook file and wait until its kernel is ready."""
        self.page.goto(self.lab.page(notebook), timeout=OPEN_PATIENCE)
        ready = (
            f"{_PANEL}?.sessionContext?.session?.kernel?.status === 'idle' && {_PANEL}.content.widgets.length"
        )
        self.page.wait_for_function(f"() => window.jupyterapp && ({ready})", timeout=OPEN_PATIENCE)

    def close(self) -> None:
        """End the notebook's kernel, whatever it is doing."""
        self.page.evaluate(f"() => {_PANEL}?.sessionContext?.shutdown()")

    def reopen(self, notebook: str, selector: str, count: int) -> None:
        """Open a saved notebook with a new kernel and wait until it shows so many matches of a CSS selector.

        On a busy machine the front end's widget manager may look for a widget before it has read the file,
        and says that there is none; whoever reloads the page sees it, so a reload is granted.
        """
        shown = "([selector, count]) => document.querySelectorAll(selector).length === count"
        for _ in range(3):
            self.close()
            self.open(notebook)
            with suppress(TimeoutError):
                self.page.wait_for_function(shown, arg=[selector, count], timeout=30_000)
                return
        raise AssertionError("The notebook came back without its views.")

    def run_all(self, patience: float = RUN_PATIENCE) -> None:
        """Run every cell and wait for the last one; a cell that raises fails the test with its message."""
        self.page.evaluate(_RUN_ALL)
        self.page.wait_for_function("() => window.ranAll", timeout=patience)
        self.wait_idle()
        errors = self.page.evaluate(_ERRORS)
        assert not errors, "\n".join(errors)

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing left to do."""
        self._wait_status("idle", RUN_PATIENCE)

    def is_busy(self) -> bool:
        """Return whether the kernel is computing just now."""
        return self.page.locator(_INDICATOR).first.get_attribute("data-status") == "busy"

    def start(self, code: str) -> None:
        """Run `code` in a new cell at the end and return as soon as the kernel is at it."""
        self.page.evaluate(_ADD_AND_RUN, code)
        self._wait_status("busy", OPEN_PATIENCE)

    def find(self, selector: str, index: int = 0) -> Locator:
        """Scroll the notebook until the (index+1)-th match of a CSS selector is in view, and return it."""
        found = self.page.locator(selector).nth(index)
        found.wait_for(state="attached", timeout=OPEN_PATIENCE)  # idle comes before the widget's own DOM
        found.scroll_into_view_if_needed(timeout=OPEN_PATIENCE)
        return found

    def slider(self, label: str) -> Locator:
        """Return the ipywidgets slider whose description is exactly `label`, scrolled into view."""
        named = self.page.locator(".widget-label", has_text=re.compile(rf"^\s*{re.escape(label)}\s*$"))
        row = self.page.locator(".widget-slider", has=named).first
        row.wait_for(state="attached", timeout=OPEN_PATIENCE)
        row.scroll_into_view_if_needed(timeout=OPEN_PATIENCE)
        return row

    @contextmanager
    def holding(self, slider: Locator) -> Iterator[tuple[float, float, float]]:
        """Keep the mouse down on a slider's handle; give its track's left and right end and its height."""
        track, handle = slider.locator(".noUi-base").bounding_box(), slider.locator(".noUi-handle")
        box = handle.bounding_box()
        assert track and box, "the slider is not on the screen"
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, middle)
        self.page.mouse.down()
        try:
            yield track["x"], track["x"] + track["width"], middle
        finally:
            self.page.mouse.up()

    def drag(self, slider: Locator, fraction: float, moves: int = 12) -> None:
        """Drag a slider's handle by the mouse to a fraction (0..1) of its track."""
        with self.holding(slider) as (left, right, y):
            self.page.mouse.move(left + fraction * (right - left), y, steps=moves)

    def pixels(self, canvas: Locator) -> np.ndarray:
        """Return what a canvas shows as uint8 (height, width, 4), RGBA."""
        read = canvas.evaluate(_PIXELS)
        data = np.frombuffer(base64.b64decode(read["pixels"]), dtype=np.uint8)
        return data.reshape(read["height"], read["width"], 4)

    def wait_attribute(self, element: Locator, name: str, pattern: str) -> str:
        """Wait until an attribute matches a regular expression as a whole, and return it."""
        self.page.wait_for_function(
            "([element, name, pattern]) => new RegExp(`^(?:${pattern})$`).test(element.getAttribute(name))",
            arg=[element.element_handle(), name, pattern],
            timeout=OPEN_PATIENCE,
        )
        return str(element.get_attribute(name))

    def theme(self, name: str) -> None:
        """Switch JupyterLab to the "light" or the "dark" theme and wait until it shows."""
        execute = "(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })"
        self.page.evaluate(execute, THEMES[name])
        wanted = "true" if name == "light" else "false"
        self.page.locator(f'body[data-jp-theme-light="{wanted}"]').wait_for(
            state="attached", timeout=OPEN_PATIENCE
        )

    def shoot(self, path: Path, element: Locator | None = None) -> None:
        """Write a PNG of the window, or of one element."""
        (element or self.page).screenshot(path=path)

    def _wait_status(self, status: str, patience: float) -> None:
        self.page.locator(f'{_INDICATOR}[data-status="{status}"]').first.wait_for(
            state="attached", timeout=patience
        )

    def _note_request(self, url: str) -> None:
        if not url.startswith((self.lab.address, "data:", "blob:")):
            self.problems.append(f"request leaves the machine: {url}")


@contextmanager
def run_cells(browser: Browser, lab: Lab, name: str, cells: Iterable[str]) -> Iterator[NotebookPage]:
    """A notebook of these cells, opened on a classroom's screen and run to its end."""
    write_notebook(lab, name, cells)
    with browser.new_context(viewport=CLASSROOM) as context:
        page = NotebookPage(context.new_page(), lab)
        page.open(name)
        page.run_all()
        yield page
        page.close()
