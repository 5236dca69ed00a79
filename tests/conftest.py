"""What tests share: programs that must be there, and the browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest


def needs(tool: str, reason: str) -> str:
    """Return the path of a program; where it is missing, skip the test, or fail it where CI is set.

    `reason` ends the sentence "Install TOOL ...", for example "to see the pages drawn".
    """
    path = shutil.which(tool)
    if path is None:
        message = f"{tool} was not found on the PATH. Install {tool} {reason}."
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The path of chromium, for playwright's `executable_path`."""
    return needs("chromium", "to run the tests that open a page")


@pytest.fixture(scope="session")
def browser(chromium_path) -> Iterator:
    """A headless chromium of playwright that all browser tests share; each opens its own context."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
