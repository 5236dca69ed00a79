"""A notebook as a page without its code: Voila shows its panels, and they answer."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from lab import ROOT, Lab, environment, write_notebook
from latency import DROWNER
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 240  # seconds for the notebook to run to its end on a busy machine
CELLS = (
    "from course_utils import challenges\nfrom course_utils.panels.forward import drowning\n"
    "from course_utils.widgets import Guess",
    "drowning.drown_panel()",
    "guess = Guess(question='Which?', choices=['one', 'two'])\nguess",
    "guess.reveal('one', f'It is {2 * 3}.')",
    'challenges.closing_panel("01_forward_process")',
)


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory) -> Iterator[Page]:
    """A notebook as Voila shows it, run to its end."""
    pytest.importorskip("voila")
    scratch = tmp_path_factory.mktemp("voila")
    write_notebook(Lab("", "", scratch), "page.ipynb", CELLS)
    shutil.copy(ROOT / "voila.json", scratch)
    command = [sys.executable, "-m", "voila", "page.ipynb", "--no-browser"]
    with socket.socket() as free:  # Voila says where it is only by the number that it was given
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = scratch / "voila.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "--Voila.ip=127.0.0.1", f"--port={port}"],
            cwd=scratch,
            env=environment(scratch / "home", scratch / "runtime", ""),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with browser.new_context(viewport={"width": 1024, "height": 768}) as context:
            opened = context.new_page()
            opened.problems = []
            opened.on("pageerror", lambda error: opened.problems.append(str(error)))
            opened.goto(_address(server, log), timeout=1000 * PATIENCE)
            opened.locator(".cu-strip").wait_for(timeout=1000 * PATIENCE)  # cells come one by one
            yield opened
    finally:
        server.terminate()
        server.wait(30)


def _address(server: subprocess.Popen[bytes], log) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text()):
            return found.group()
        time.sleep(0.2)
    raise RuntimeError(f"Voila did not start:\n{log.read_text()[-2000:]}")


def test_panels_answer_and_code_is_hidden(page):
    canvas = page.locator(DROWNER).first
    canvas.scroll_into_view_if_needed()
    before = canvas.get_attribute("data-t")
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press("End")
    page.wait_for_function(
        "([canvas, before]) => canvas.dataset.t !== before", arg=[canvas.element_handle(), before]
    )
    assert not page.get_by_text("from course_utils").locator("visible=true").count()
    assert page.problems == []


def test_a_guess_opens_its_answer(page):
    page.locator(".cu-choices button", has_text="two").click()
    page.get_by_text("It is 6.").wait_for(timeout=60_000)
