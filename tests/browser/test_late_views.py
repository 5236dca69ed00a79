"""A view whose script loads too late for anywidget, as on a busy machine, hears its kernel all the same."""

from __future__ import annotations

import pytest
from lab import Lab, write_notebook
from notebook_page import CLASSROOM, OPEN_PATIENCE, NotebookPage
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

NO_PATIENCE = """() => {
  const wait = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (milliseconds) => wait(milliseconds === 2000 ? 0 : milliseconds);
}"""  # anywidget waits two seconds for a script; here none is in time
CELLS = (
    "import numpy as np\nfrom course_utils.widgets import Gallery",
    "pages = Gallery(alt='Pages.')\npages",
    "pages.set_pictures(np.zeros((2, 8, 8, 3), 'uint8'))",
)


def test_a_view_that_came_late_hears_its_kernel(browser: Browser, lab: Lab):
    write_notebook(lab, "late.ipynb", CELLS)
    with browser.new_context(viewport=CLASSROOM) as context:
        context.add_init_script(f"({NO_PATIENCE})()")
        page = NotebookPage(context.new_page(), lab)
        page.open("late.ipynb")
        page.run_all()
        page.page.locator('.cu-wall[data-count="2"]').wait_for(timeout=OPEN_PATIENCE / 3)
        page.close()
