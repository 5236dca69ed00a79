"""Panels on a small screen: nothing cut, neighbours on one line, the slider on the screen of its picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lab import Lab, write_notebook
from notebook_page import NotebookPage

pytestmark = pytest.mark.browser

SCREENS = ({"width": 1366, "height": 768}, {"width": 1024, "height": 768})
PANEL = ".jp-OutputArea-output:has(.cu-view)"

# The main instrument of each notebook first: it fits a screen from its slider down to its last picture.
MAIN = {
    "drown": "drowning.drown_panel()",
    "particles": "denoising.particles_panel(steps=12)",
    "destinations": "steered_points.steering_panel()",
    "sixty or three": "step_counts.sixty_or_three_panel()",
    "universes": "universes.universes_panel()",
    "four walks": """learned = point_sampling.shipped()
chance = denoising.measure_chance(learned, etas=(0, 1), seeds=range(2), steps=4)
denoising.chance_panel(chance, steps=4)""",
}
OTHERS = {
    "schedule": "drowning.schedule_panel()",
    "curves": "step_counts.step_curve_panel(step_counts.measure_steps(counts=(1, 3, 12), seeds=range(2)))",
    "suspects": """points = measured.curves()["guidance"]
measured.panel(measured.overcooking_series(points), "guidance w", "multiples of the value at w = 1")""",
    "bars": """shares = {"w = 1": {"forest": 0.4, "nothing I know": 0.6}, "w = 4": {"snow": 1.0}}
wheel.shares_panel(shares, "'a fish', 12 seeds")""",
    "bars once more": """wheel.shares_panel(shares, "'a boat', 12 seeds")""",
    "wheel": "wheel.wheel_panel()",
    "dials": "all_dials.live_panel()",
    "machine": "machine.machine_panel()",
    "plane": "plane.plane_panel()",
    "brush": "repaint.brush_panel()",
    "guess": """guess = Guess(
    question="Where does a point end?",
    choices=["on the same spot", "nearby", "about as far off as from another static"],
)
guess""",
    "closed answer": """guess.reveal("nearby", "Near it.")""",
    "answer": """shown = Guess(question=guess.question, choices=guess.choices)
shown.commit("nearby")
shown.reveal("about as far off as from another static", "As far as that.", also=["nearby"])""",
}
PANELS = MAIN | OTHERS
IMPORTS = """from course_utils.panels import measured, point_sampling
from course_utils.panels.forward import drowning
from course_utils.panels.guidance import all_dials, universes
from course_utils.panels.reverse import denoising
from course_utils.panels.steering import machine, repaint, steered_points, wheel
from course_utils.panels.steps import plane, step_counts
from course_utils.widgets import Guess"""

# Canvases are drawn anew after a change of size: nothing has moved for some frames once that is done.
_SETTLED = """async ([selector, index]) => {
  const root = document.querySelectorAll(selector)[index];
  const seen = () => JSON.stringify([...root.querySelectorAll("*")].map(
    (element) => [element.getBoundingClientRect(), element.width, element.height]));
  for (let last = "", still = 0; still < 6; ) {
    await new Promise(requestAnimationFrame);
    const now = seen();
    still = now === last ? still + 1 : 0;
    last = now;
  }
}"""

_FAULTS = """([selector, index]) => {
  const root = document.querySelectorAll(selector)[index];
  const faults = [];
  const box = (element) => element.getBoundingClientRect();
  const shown = (element) => box(element).width && getComputedStyle(element).visibility !== "hidden";
  const words = (element) => (element.value ?? element.textContent ?? "").slice(0, 50);
  const text = (element) => `${element.className}: ${words(element)}`;
  // What an inner drawing cuts off are the other frames of its film.
  for (const element of [...root.querySelectorAll(":not(svg svg, svg svg *)")].filter(shown)) {
    const right = box(element.parentElement.closest(".cu-view") ?? root).right;
    if (box(element).right > right + 1) faults.push(`cut, ${text(element)}`);
    if (element.matches("input[type=text]") && element.scrollWidth > element.clientWidth + 1)
      faults.push(`does not fit its field, ${text(element)}`);
  }
  for (const element of [...root.querySelectorAll(".cu-view :not(svg *)")].filter(shown))
    if (element.clientWidth && element.scrollWidth > element.clientWidth + 1)
      faults.push(`cut, ${text(element)}`);
  // Ink in the last column of a chart is a letter cut through.
  for (const canvas of root.querySelectorAll("canvas.cu-chart")) {
    const { data } = canvas.getContext("2d").getImageData(canvas.width - 1, 0, 1, canvas.height);
    if (data.some((value, i) => i % 4 === 3 && value)) faults.push("the last tick of a chart is cut");
  }
  for (const drawing of root.querySelectorAll(".cu-drawing svg")) {
    const [paper, card] = [box(drawing), box(drawing.closest(".cu-view"))];
    if (paper.width < 300) faults.push("a drawing has no size");
    for (const { id } of drawing.querySelectorAll("[id]"))
      if (document.querySelectorAll(`[id="${id}"]`).length > 1) faults.push(`two things are called ${id}`);
    for (const text of drawing.querySelectorAll("text")) {
      const { left, right, top, bottom } = box(text);
      if (left < card.left || right > card.right || top < card.top || bottom > card.bottom)
        faults.push(`cut, ${words(text)}`);
      if (getComputedStyle(text).fill === "rgb(0, 0, 0)") faults.push(`no colour, ${words(text)}`);
    }
  }
  for (const legend of root.querySelectorAll(".cu-legend:not([hidden])")) {
    const keys = [...legend.children].map((entry) => {
      const key = entry.firstElementChild.cloneNode(true);
      key.removeAttribute("style"); // its colour
      return key.outerHTML;
    });
    if (new Set(keys).size < keys.length) faults.push("lines that differ by colour alone");
  }
  // Cards that begin on one line hold their parts on one line, too.
  const cards = [...root.querySelectorAll(".cu-view")];
  for (const card of cards) {
    for (const other of cards) {
      if (card === other || Math.abs(box(card).top - box(other).top) > 60) continue;
      for (const part of [".cu-title", ".cu-badge", "canvas", ".cu-label", ".cu-figure-large"]) {
        const [one, two] = [card.querySelector(part), other.querySelector(part)];
        if (!one || !two || !shown(one) || !shown(two)) continue;
        if (Math.abs(box(one).top - box(two).top) > 1) faults.push(`not on one line, ${text(one)}`);
      }
      if (Math.abs(box(card).top - box(other).top) > 1) faults.push(`not on one line, ${text(card)}`);
    }
  }
  return faults;
}"""

_FITS = """([selector, index]) => {
  const root = document.querySelectorAll(selector)[index];
  const slider = root.querySelector(".widget-slider").getBoundingClientRect();
  const canvases = [...root.querySelectorAll("canvas:not(.cu-chart)")];
  const pictures = canvases.map((one) => one.getBoundingClientRect());
  const height = root.closest(".jp-WindowedPanel-outer").clientHeight;
  return [Math.max(...pictures.map((one) => one.bottom)) - Math.min(slider.top, pictures[0].top), height];
}"""


@pytest.fixture(scope="module")
def page(open_notebook: Callable[[str], NotebookPage], lab: Lab) -> NotebookPage:
    """A notebook with one panel of each kind, run."""
    write_notebook(lab, "layout.ipynb", (IMPORTS, *PANELS.values()))
    opened = open_notebook("layout.ipynb")
    opened.run_all()
    return opened


@pytest.fixture(scope="module", params=SCREENS, ids=lambda screen: str(screen["width"]))
def screen(request: pytest.FixtureRequest, page: NotebookPage) -> NotebookPage:
    """The same page on a small screen; all that is looked at there is looked at before the next one."""
    page.page.set_viewport_size(request.param)
    return page


def measured(page: NotebookPage, script: str, name: str) -> Any:
    """What a script finds in the panel of that name, once it is in view and drawn."""
    index = list(PANELS).index(name)
    page.find(PANEL, index)
    page.page.evaluate(_SETTLED, [PANEL, index])
    return page.page.evaluate(script, [PANEL, index])


@pytest.mark.parametrize("name", PANELS)
def test_nothing_is_cut_and_neighbours_stand_on_one_line(screen, name):
    assert measured(screen, _FAULTS, name) == []


@pytest.mark.parametrize("name", MAIN)
def test_a_main_instrument_fits_under_the_toolbar_with_its_slider(screen, name):
    needed, height = measured(screen, _FITS, name)
    assert needed <= height, f"{needed:.0f} pixels of {height}"


def test_no_panel_leaves_a_complaint(page):
    assert page.problems == []
