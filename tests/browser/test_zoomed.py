"""Views shown smaller or larger, as panels are on slides: what is drawn, told and dragged keeps its place."""

from __future__ import annotations

import pytest
from test_access import with_data
from view_page import shown

pytestmark = pytest.mark.browser

VIEWS = ("CurveView", "PictureDrowner", "MachineMap")
ZOOMS = (0.7, 1.4)


@pytest.fixture(scope="module")
def page(browser):
    views = {name: with_data(name) for name in VIEWS}
    views["MachineMap"].opened = ""
    with shown(browser, views) as opened:
        opened.set_viewport_size({"width": 1920, "height": 1080})  # the map needs room to lie in rows
        yield opened


def zoom(page, name, times):
    """Show a view so many times as large, and bring it into sight."""
    view = page.locator(f"[data-view={name}]")
    view.evaluate("(view, times) => { view.style.zoom = times; view.scrollIntoView(); }", times)
    page.wait_for_timeout(500)
    return view


@pytest.mark.parametrize(("name", "trait"), [("CurveView", "marker"), ("PictureDrowner", "t")])
def test_a_marker_is_dragged_to_where_the_pointer_is(page, name, trait):
    found = []
    for times in (1, *ZOOMS):
        canvas = zoom(page, name, times).locator("canvas").last
        canvas.scroll_into_view_if_needed()
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2, steps=4)
        page.mouse.up()
        found.append(page.evaluate(f"models.{name}.get('{trait}')"))
    assert 500 < found[0] < 700
    assert found == pytest.approx([found[0]] * 3, abs=60)  # margins are as wide at every size


@pytest.mark.parametrize("times", ZOOMS)
def test_arrows_of_the_map_lead_from_station_to_station(page, times):
    view = zoom(page, "MachineMap", times)
    arrow = view.locator(".cu-ways > *").nth(2).bounding_box()
    seed, static = (view.locator(f"[data-station={key}]").bounding_box() for key in ("seed", "initial"))
    assert seed["x"] + seed["width"] - 4 <= arrow["x"]
    assert arrow["x"] + arrow["width"] <= static["x"] + 4
    assert static["y"] < arrow["y"] < static["y"] + static["height"]


@pytest.mark.parametrize("times", ZOOMS)
def test_a_word_is_explained_beside_it(page, times):
    page.mouse.move(0, 0)
    tip = page.locator(".cu-tip")
    tip.wait_for(state="detached")
    station = zoom(page, "MachineMap", times).locator("[data-station=seed]")
    station.hover()
    tip.wait_for()
    said, at = tip.bounding_box(), station.bounding_box()
    assert said["x"] == pytest.approx(max(8, at["x"]), abs=2)
    gap = min(abs(said["y"] - at["y"] - at["height"]), abs(at["y"] - said["y"] - said["height"]))
    assert gap == pytest.approx(8, abs=2)
