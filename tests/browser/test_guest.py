"""A panel as a guest of a notebook: keys, files, a restart of the kernel, and saved work opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from latency import DROWNER
from notebook_page import NotebookPage, run_cells
from PIL import Image
from playwright.sync_api import Locator

pytestmark = pytest.mark.browser

NAME = "guest.ipynb"
CELLS = (
    "from course_utils.panels import base\nfrom course_utils.panels.forward import drowning\n"
    "from course_utils.widgets import Guess",
    "drowning.drown_panel()",
    "Guess(question='Which?', choices=['one', 'another'])",
    "Guess(question='How many?', low=0, high=10)",
    "controls = [base.tick('tick'), base.text_field('words', 'a'), base.buttons('way', ['x', 'y'], 'x')]\n"
    "base.Panel([base.row(*controls)], 'Controls.', drowning.schedule_panel()._still)",
)
# One control of each kind, and whether arrow keys move it.
CONTROLS = {
    ".widget-play button": False,
    ".widget-slider .noUi-handle": True,
    "canvas[tabindex]": True,
    ".cu-panel select": True,
    "input[type=number]": True,
    ".cu-upload button": False,
    ".cu-choices button": False,
    ".cu-guess input[type=range]": True,
    "input[type=checkbox]": False,
    "input[type=text]": False,
    ".widget-toggle-buttons button": False,
}
SHORTCUTS = ("b", "m", "z", "x", "d", "d", "r")
ARROWS = ("ArrowUp", "ArrowRight", "ArrowDown", "ArrowLeft")
NO_KERNEL = "This panel is not connected to a kernel: run this cell again to paint"

# What keys could do to a notebook: its cells in order, the one that is active, what has the focus.
_STATE = """() => {
  const { widgets, activeCellIndex } = window.jupyterapp.shell.currentWidget.content;
  const cells = widgets.map(({ model }) => `${model.type} ${model.id}`);
  return [...cells, activeCellIndex, document.activeElement.className, document.activeElement.tagName];
}"""
_VALUE = """(element) => [
  element.value, element.getAttribute("aria-valuenow"), element.dataset.t, element.checked,
  element.closest("[data-state]")?.dataset.state,
]"""
_SAID = """() => getComputedStyle(document.querySelector(".cu-panel"), "::before").content"""
_ICONS = r"""() => [...document.querySelectorAll(".jupyter-widgets-disconnected")].filter(
  (element) => getComputedStyle(element, "::before").content === '"\uf127"').length"""


@pytest.fixture(scope="module")
def guest(browser, front) -> Iterator[NotebookPage]:
    """A notebook with every kind of control, run."""
    with run_cells(browser, front, NAME, CELLS) as page:
        yield page


def focused(guest: NotebookPage, selector: str) -> Locator:
    found = guest.page.locator(selector).locator("visible=true").first
    found.wait_for()
    found.focus()
    return found


@pytest.mark.parametrize("selector", CONTROLS)
def test_keys_pressed_in_a_panel_stay_in_it(guest, selector):
    control = focused(guest, selector)
    before = guest.page.evaluate(_STATE)
    values = []
    for key in (*SHORTCUTS, *ARROWS):
        guest.page.keyboard.press(key)
        guest.page.wait_for_timeout(50)
        assert guest.page.evaluate(_STATE) == before, f"{key} left the panel"
        values.append(control.evaluate(_VALUE))
    moved = any(value != values[len(SHORTCUTS) - 1] for value in values[len(SHORTCUTS) :])
    assert moved == CONTROLS[selector], values


def test_the_space_bar_presses_what_has_the_focus_and_running_works(guest):
    tick = focused(guest, "input[type=checkbox]")
    guest.page.keyboard.press(" ")
    assert tick.is_checked()
    count = "() => window.jupyterapp.shell.currentWidget.content.widgets[4].model.executionCount"
    before = guest.page.evaluate(count)
    guest.page.evaluate("() => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = 4; }")
    focused(guest, "input[type=checkbox]")
    guest.page.keyboard.press("Control+Enter")
    guest.page.wait_for_function(f"(before) => ({count})() > before", arg=before)
    guest.wait_idle()


def write_photo(path: Path) -> None:
    """A photo of a telephone: 48 megapixels, more than 10.5 MB, lying on its side; red at its upright top."""
    tile = np.random.default_rng(0).normal(0, 40, (504, 504, 1))
    pixels = np.full((6048, 8064, 3), (90, 110, 90), np.uint8)
    pixels[:, :4032] = (200, 60, 60)
    noisy = pixels.reshape(12, 504, 16, 504, 3) + tile[None, :, None].astype(np.int16)
    exif = Image.Exif()
    exif[274] = 6  # turn it to the right to see it upright
    picture = Image.fromarray(noisy.clip(0, 255).astype(np.uint8).reshape(pixels.shape))
    picture.save(path, quality=88, exif=exif)
    assert path.stat().st_size > 10_500_000


def choose(guest: NotebookPage, path: Path) -> str:
    """Choose a file in the upload button and return what is said of it."""
    button = guest.page.locator(".cu-upload")
    button.scroll_into_view_if_needed()
    with guest.page.expect_file_chooser() as chooser:
        button.locator("button").click()
    chooser.value.set_files(path)
    guest.wait_attribute(button, "data-state", "problem|taken")
    return button.locator(".cu-label").inner_text()


def test_any_file_travels_or_is_told_and_the_next_one_works(guest, tmp_path):
    problems = list(guest.problems)  # Notebook 7 has one of its own when it starts
    photo, drawing, clear = tmp_path / "photo.jpg", tmp_path / "red.png", tmp_path / "clear.png"
    write_photo(photo)
    Image.new("RGB", (40, 30), "red").save(drawing)
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(clear)
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100_000))
    (tmp_path / "large.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(12_000_000))
    guest.page.evaluate("""() => {
      window.sent = [];
      const send = WebSocket.prototype.send;
      WebSocket.prototype.send = function (data) {
        window.sent.push(data.byteLength ?? data.length);
        return send.call(this, data);
      };
    }""")
    canvas = guest.find(DROWNER)

    def corner() -> list[int]:
        """The colour near the top of the drowner's picture at t = 0."""
        guest.page.wait_for_timeout(200)
        pixels = guest.pixels(canvas)
        return pixels[pixels.shape[0] // 4, :, :3].mean(0).round().astype(int).tolist()

    focused(guest, ".widget-slider .noUi-handle")
    guest.page.keyboard.press("Home")
    assert choose(guest, photo) == "photo.jpg: 6048 × 8064 pixels, sent as 512 × 512"
    assert np.abs(np.array(corner()) - (200, 60, 60)).max() < 12
    assert choose(guest, tmp_path / "large.heic").startswith("The browser cannot open large.heic (13 MB);")
    assert "is a HEIC file" in choose(guest, tmp_path / "phone.heic")
    for file, colour in ((drawing, [255, 0, 0]), (clear, [255, 255, 255])):
        for _ in range(2):
            assert choose(guest, file).startswith(file.name)
            assert corner() == colour
            guest.page.locator(".cu-panel select").first.select_option("cat")
            guest.page.wait_for_function("() => document.querySelector('figcaption').textContent === 'cat'")
    assert max(guest.page.evaluate("() => window.sent")) < 1_000_000
    assert guest.problems == problems


def scrub(guest: NotebookPage, fraction: float) -> None:
    canvas = guest.find(DROWNER)
    before = canvas.get_attribute("data-t")
    guest.drag(guest.slider("t"), fraction)
    guest.wait_attribute(canvas, "data-t", f"(?!{before}$).*")


def test_after_a_restart_a_panel_says_so_and_scrubs(guest):
    assert NO_KERNEL not in guest.page.evaluate(_SAID)
    guest.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    guest.page.wait_for_function(f"() => ({_SAID})().includes('{NO_KERNEL}')")
    assert guest.page.evaluate(_ICONS) == 0
    scrub(guest, 0.7)


def test_saved_work_comes_back_without_a_kernel(guest):
    """Saved after the restart above, run in part, saved again: nothing is lost at any stage."""
    guest.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    for fraction in (0.3, 0.8):
        guest.reopen(NAME, ".cu-panel, .cu-view", 6)
        scrub(guest, fraction)
        assert NO_KERNEL in guest.page.evaluate(_SAID)
        guest.page.evaluate("""async () => {
          const { content } = window.jupyterapp.shell.currentWidget;
          content.activeCellIndex = 0;
          await window.jupyterapp.commands.execute("notebook:run-cell");
          await window.jupyterapp.commands.execute("docmanager:save");
        }""")
