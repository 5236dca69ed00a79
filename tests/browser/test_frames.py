"""A question on one page, its answer on another: what joins them is the kernel, as on Colab."""

from __future__ import annotations

import pytest
from lab import write_notebook
from notebook_page import CLASSROOM, NotebookPage

pytestmark = pytest.mark.browser

ASKS = (
    "from course_utils.widgets import Guess",
    "guess = Guess(question='Which?', choices=['one', 'two'])\nguess",
)
ANSWERS = ("guess.reveal('one', f'It is {2 * 3}.')", "guess.seal(f'And {2 * 4}.')")
KERNEL = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.id"


def on_the_kernel(page: NotebookPage, name: str, kernel: str) -> None:
    """Open a notebook that runs by another one's kernel."""
    done = page.page.request.post(
        f"{page.lab.address}api/sessions",
        headers={"Authorization": f"token {page.lab.token}"},
        data={"path": name, "name": name, "type": "notebook", "kernel": {"id": kernel}},
    )
    assert done.ok, done.text()
    page.open(name)
    assert page.page.evaluate(KERNEL) == kernel


def test_an_answer_on_a_page_of_its_own_opens_with_the_guess(browser, front):
    write_notebook(front, "asks.ipynb", ASKS)
    write_notebook(front, "answers.ipynb", ANSWERS)
    with browser.new_context(viewport=CLASSROOM) as here, browser.new_context(viewport=CLASSROOM) as there:
        asks = NotebookPage(here.new_page(), front)
        asks.open("asks.ipynb")
        asks.run_all()
        answers = NotebookPage(there.new_page(), front)
        on_the_kernel(answers, "answers.ipynb", asks.page.evaluate(KERNEL))
        answers.run_all()
        assert answers.page.locator(".cu-reveal[data-state=closed]").count() == 2
        assert not answers.page.locator(".cu-guess").count()
        # The other half is not on this page: no way leads there.
        assert not answers.page.get_by_role("button", name="go to the question").is_visible()
        asks.page.locator(".cu-choices button", has_text="two").click()
        answers.page.get_by_text("It is 6.").wait_for(timeout=60_000)
        answers.page.get_by_text("And 8.").wait_for(timeout=60_000)
        assert answers.page.locator(".cu-verdict:visible").inner_text() == "not quite"
        assert not asks.page.get_by_role("button", name="go to the answer").is_visible()
        asks.close()
