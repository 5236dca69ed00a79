"""Pictures of every instrument, for a person to look at: `python tests/browser/screenshots.py FOLDER`.

Each notebook is run once; each of its instruments is then shown in both themes and on three screens, the
classroom's, a laptop's and a large one. The browser is the `chromium` on the PATH.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from lab import NOTEBOOKS, serve
from notebook_page import THEMES, NotebookPage
from playwright.sync_api import Browser, sync_playwright

SCREENS = ({"width": 1024, "height": 768}, {"width": 1366, "height": 768}, {"width": 1920, "height": 1080})
INSTRUMENTS = ".jp-OutputArea-output:has(.cu-view)"  # an output of a cell that holds one of our views


def shoot_all(notebook: NotebookPage, folder: Path, stem: str) -> None:
    """Write one PNG of the window for each instrument, theme and screen; print what the console said."""
    for theme in THEMES:
        notebook.theme(theme)
        for screen in SCREENS:
            notebook.page.set_viewport_size(screen)
            for index in range(notebook.page.locator(INSTRUMENTS).count()):
                notebook.find(INSTRUMENTS, index)
                notebook.page.evaluate(
                    "([selector, index]) => document.querySelectorAll(selector)[index].scrollIntoView()",
                    [INSTRUMENTS, index],
                )
                notebook.page.wait_for_timeout(300)  # canvases redraw after a change of theme or size
                notebook.shoot(folder / f"{stem}-{index:02d}-{theme}-{screen['width']}.png")
    for problem in notebook.problems:
        print(f"{stem}: {problem}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("notebook", nargs="*", help="file names; all notebooks where none is named")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    offered = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
    names = [Path(name).with_suffix(".ipynb").name for name in chosen.notebook] or offered
    if missing := set(names) - set(offered):
        parser.error(f"There is no notebook {missing.pop()}: choose from {', '.join(offered)}.")
    options = {"executable_path": shutil.which("chromium"), "args": ["--no-sandbox"]}
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve(NOTEBOOKS, Path(scratch)) as lab,
        sync_playwright() as playwright,
    ):
        browser: Browser = playwright.chromium.launch(**options)
        for name in names:
            notebook = NotebookPage(browser.new_page(viewport=SCREENS[0]), lab)
            notebook.open(name)
            notebook.run_all()
            shoot_all(notebook, chosen.folder, Path(name).stem)
            notebook.close()
            notebook.page.close()
        browser.close()


if __name__ == "__main__":
    main()
