"""Machines that look at a page for what keeps people out: axe and Lighthouse, from npm."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from programs import needs

from course_utils.site import npm

# A station of the machine's map is named by its heading; axe takes all that is drawn on it for its label.
NAMED_BY_HEADING = ("label-content-name-mismatch", '<button class="cu-stop"')
CATEGORIES = ("accessibility", "best-practices")
WAIT = 120  # seconds


def package(name: str) -> Path:
    """The folder of one of the pages' dev dependencies; skips the test where it is not installed."""
    folder = npm.WEB / "node_modules" / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not installed: `make audits` installs it and runs this test.")
    return folder


def serious(page: Page, within: str = "html") -> list[str]:
    """What axe finds serious or critical on a page as it is now, a line each."""
    if not page.evaluate("Boolean(globalThis.axe)"):
        page.evaluate((package("axe-core") / "axe.min.js").read_text())
    found = page.evaluate("async (within) => (await axe.run(within)).violations", within)
    return [
        f"{one['impact']} {one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
        if not (one["id"] == NAMED_BY_HEADING[0] and node["html"].startswith(NAMED_BY_HEADING[1]))
    ]


def lighthouse(address: str, folder: Path) -> dict[str, Any]:
    """Lighthouse's report on a page: scores from 0 to 1 by category, and the audits that failed."""
    command = [
        needs("node", "to run Lighthouse"),
        str(package("lighthouse") / "cli" / "index.js"),
        address,
        f"--only-categories={','.join(CATEGORIES)}",
        "--output=json",
        f"--output-path={folder / 'report.json'}",
        "--chrome-flags=--headless=new --no-sandbox",
        "--throttling-method=provided",
        f"--max-wait-for-load={WAIT * 1000}",
        "--no-enable-error-reporting",
        "--quiet",
    ]
    env = {**os.environ, "CHROME_PATH": needs("chromium", "to run Lighthouse")}
    ran = subprocess.run(command, env=env, capture_output=True, text=True, timeout=3 * WAIT)
    assert ran.returncode == 0, ran.stderr[-2000:]
    report = json.loads((folder / "report.json").read_text())
    failed = [name for name, one in report["audits"].items() if one["score"] not in (1, None)]
    return {"scores": {name: report["categories"][name]["score"] for name in CATEGORIES}, "failed": failed}
