"""Programs that some tests want on the machine."""

from __future__ import annotations

import os
import shutil

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
