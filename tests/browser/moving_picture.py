"""The moving picture of the README: `python tests/browser/moving_picture.py docs/page.webp`.

The front page is built, opened in the `chromium` on the PATH and used as a visitor would: an example is
chosen, steps are turned down and up, other seeds asked for. Each frame is a finished painting.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from web_page import PATIENCE, hosted, web_page

from course_utils.site import command

SCREEN = {"width": 1180, "height": 720}
WIDTH = 900  # pixels of the moving picture
PAUSE, MOVE = 1100, 380  # milliseconds that a frame stays: at a new prompt, while a slider moves


def visit(page: Page) -> Iterator[int]:
    """Use the page; yields how long what it then shows should stay."""
    yield PAUSE
    for example in ("a blue boat at sea", "a cyberpunk dog"):
        page.get_by_role("button", name=example).click()
        yield from settled(page, example.split()[1], PAUSE)
    for steps in ("1", "2", "3", "4"):
        page.locator("#steps").fill(steps)
        yield from settled(page, f"steps={steps}", MOVE)
    for seed in ("8", "9", "10"):
        page.locator("#seed").fill(seed)
        page.locator("#seed").press("Enter")
        yield from settled(page, f"seed={seed}", MOVE)
    page.locator("#prompt").fill("a red dog in the snow")
    page.locator("#prompt").press("Enter")
    yield from settled(page, "dog", PAUSE)


def settled(page: Page, part: str, stay: int) -> Iterator[int]:
    """Wait for the painting whose card holds `part`."""
    page.wait_for_function("(part) => location.hash.includes(part)", arg=part, timeout=PATIENCE)
    page.wait_for_timeout(150)
    yield stay


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="the WebP file to write")
    chosen = parser.parse_args()
    frames, stays = [], []
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        command.build(Path(scratch), ("picturebook-fast",))
        options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        with hosted(Path(scratch)) as host, web_page(browser, host, viewport=SCREEN) as shown:
            shown.open()
            for stay in visit(shown.page):
                picture = Image.open(io.BytesIO(shown.page.screenshot())).convert("RGB")
                frames.append(picture.resize((WIDTH, WIDTH * picture.height // picture.width)))
                stays.append(stay)
        browser.close()
    first, *others = frames
    first.save(chosen.file, save_all=True, append_images=others, duration=stays, loop=0, quality=60, method=6)


if __name__ == "__main__":
    main()
