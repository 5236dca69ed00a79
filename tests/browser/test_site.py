"""The static page: opened from a file, with no kernel and no network, its picture still drowns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from programs import needs

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "01_forward_process.ipynb"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The page of notebook 1, built as `make site` builds it."""
    needs("npm", "to build the static page")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, str(ROOT / "tools" / "build_site.py"), str(NOTEBOOK), str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return folder / "index.html"


@pytest.fixture
def troubles() -> list[str]:
    """Everything a visitor's browser complains of while the test runs."""
    return []


@pytest.fixture
def page(browser, site, troubles):
    """The page, open and drawn, with its troubles collected."""
    context = browser.new_context(viewport={"width": 1024, "height": 768})
    page = context.new_page()
    page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            request.url.startswith(("file:", "data:", "blob:")) or troubles.append(f"outside: {request.url}")
        ),
    )
    page.goto(site.as_uri())
    page.locator("canvas").first.wait_for(timeout=60_000)
    yield page
    context.close()


def drag(page, slider, share: float) -> None:
    """Drag a slider's handle by mouse to `share` (0..1) of its length."""
    slider.scroll_into_view_if_needed()
    handle, rail = slider.locator(".noUi-handle").bounding_box(), slider.bounding_box()
    page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(rail["x"] + rail["width"] * share, rail["y"] + rail["height"] / 2, steps=8)
    page.mouse.up()


def test_dragging_the_slider_changes_the_picture(page, troubles):
    picture = page.locator("canvas").first
    slider = page.locator(".widget-slider .noUi-target").first
    looks = set()
    for share in (0.1, 0.5, 0.9):
        drag(page, slider, share)
        page.wait_for_timeout(300)
        looks.add(picture.screenshot())
    assert len(looks) == 3, "the picture stays as it was while the slider moves"
    assert troubles == []


def test_the_page_asks_nobody_for_anything(page, troubles):
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 20_000)
    page.wait_for_timeout(500)
    assert troubles == []
