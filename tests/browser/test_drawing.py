"""Drawing by pointer and by keys: what arrives, what is taken back, what an echo must not wipe away."""

from __future__ import annotations

import numpy as np
import pytest
from view_page import shown

from course_utils.widgets import DrawingPad

pytestmark = pytest.mark.browser

SIDE = 32
BLACK = f"() => models.pad.set('picture', new DataView(new ArrayBuffer({3 * SIDE * SIDE})))"
RED, BLUE = (216, 46, 52), (52, 112, 216)


@pytest.fixture
def page(browser):
    pad = DrawingPad(side=SIDE, radius=3)
    pad.set_paints({"red": RED, "blue": BLUE})
    with shown(browser, {"pad": pad}) as opened:
        yield opened


def picture(page) -> np.ndarray:
    """What the view has sent last, (SIDE, SIDE, 3)."""
    read = "() => { const { buffer } = models.pad.get('picture'); return [...new Uint8Array(buffer)]; }"
    return np.array(page.evaluate(read), np.uint8).reshape(SIDE, SIDE, 3)


def stroke(page, *places) -> None:
    """Draw from place to place, each (across, down) in 0..1."""
    box = page.locator("canvas").bounding_box()
    spots = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*spots[0])
    page.mouse.down()
    for spot in spots[1:]:
        page.mouse.move(*spot, steps=6)
    page.mouse.up()


def near(pixel, colour) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 12)


def test_a_stroke_has_the_chosen_paint_and_can_be_taken_back(page):
    stroke(page, (0.2, 0.5), (0.8, 0.5))
    drawn = picture(page)
    assert near(drawn[16, 16], RED) and (drawn[2, 2] == 255).all()
    page.get_by_role("button", name="blue").click()
    stroke(page, (0.5, 0.2), (0.5, 0.3))
    assert near(picture(page)[8, 16], BLUE) and near(picture(page)[16, 10], RED)
    page.get_by_role("button", name="undo").click()
    assert (picture(page) == drawn).all()
    page.get_by_role("button", name="clear").click()
    assert (picture(page) == 255).all()
    page.get_by_role("button", name="undo").click()
    assert (picture(page) == drawn).all()


def test_keys_draw_as_well(page):
    page.locator("canvas").focus()
    page.keyboard.press(" ")
    assert near(picture(page)[16, 16], RED)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Shift+ArrowUp")
    assert near(picture(page)[10, 12], RED)


def test_an_echo_of_earlier_paint_does_not_wipe_away_a_stroke_under_way(page):
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.evaluate(BLACK)
    page.mouse.up()
    assert near(picture(page)[15, 15], RED) and (picture(page)[28, 4] == 255).all()


def test_what_python_puts_there_replaces_the_drawing_and_can_be_taken_back(page):
    stroke(page, (0.2, 0.5), (0.8, 0.5))
    drawn = picture(page)
    page.evaluate(BLACK)
    page.locator("canvas[data-strokes='2']").wait_for()
    page.get_by_role("button", name="undo").click()
    assert (picture(page) == drawn).all()
