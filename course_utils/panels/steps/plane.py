"""Episode 4, on pages: steps and guidance at once, a measured map that paints where it is clicked."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from typing import Any

import ipywidgets as widgets

from course_utils import plots
from course_utils.painters import Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.runcards.settings import GUIDANCE, STEPS
from course_utils.runtime import MODELS, CourseError, counted
from course_utils.widgets import Film
from course_utils.widgets.palette import on_shade

FONT = "clamp(11px, 1vw, 17px)"  # three digits must fit into a square, on a small screen too
CENTRED = {"display": "flex", "justify_content": "center"}
PROMPT = "a pink mushroom with a crown in the snow"


@lru_cache(maxsize=4)
def cells(painter: str = "picturebook") -> dict[tuple[int, float], dict[str, Any]]:
    """The measured map, (steps, guidance) -> shares of prompts met by each judge's reading."""
    try:
        found = json.loads((MODELS / painter / "plane.json").read_text())["cells"]
        return {(cell["steps"], cell["guidance"]): cell for cell in found}
    except (OSError, ValueError, KeyError):
        raise CourseError(
            f"The measured plane of {painter!r} is missing or damaged; make it with `make measure`."
        ) from None


def plane_panel(prompt: str = PROMPT, seed: int = 7) -> Panel:
    """Steps to the right, guidance upwards, the share of prompts met in each cell; a click paints there."""
    found = cells()
    words, seed_field = text_field("prompt", prompt, "480px"), seed_box(seed)
    film = Film(badge="learned", alt="The page painted with the steps and guidance of the chosen cell.")
    here = {"at": (STEPS, GUIDANCE)}

    def wanted() -> Settings:
        steps, w = here["at"]
        return page_painting.settings(words.value, seed=seed_field.value, steps=steps, guidance=w)

    def show(painting: Painting) -> str:
        steps, w = painting.settings.steps, painting.settings.guidance
        film.title = f"{counted(steps, 'step')}, w = {w:g}"
        film.set_pictures(painting.pixels[None], [counted(painting.evaluations, "evaluation")])
        return painting.remark

    def work(asked: Settings) -> Painting:
        return page_painting.paint(asked)

    chart, buttons = _chart(found)
    panel = Panel(
        [row(words, seed_field), views(chart, film)],
        alt="The plane of steps and guidance: how many prompts are met.",
        still=lambda: _still(found),
    )
    ask = panel.asks(
        LatestOnlyWorker(work, show, panel.say, page_painting.busy([film])), wanted, words, seed_field
    )

    def go(at: tuple[int, float], _button: widgets.Button) -> None:
        here["at"] = at
        ask()

    for at, button in buttons.items():
        button.on_click(partial(go, at))
    return panel


def _chart(
    found: dict[tuple[int, float], dict[str, Any]],
) -> tuple[widgets.Widget, dict[tuple[int, float], widgets.Button]]:
    """Buttons in a grid, coloured and lettered by the share of prompts met."""
    columns, lines = _axes(found)
    buttons = {}
    for steps, w in found:
        share = found[steps, w]["second"]["mean"]
        button = widgets.Button(
            description=f"{100 * share:.0f}",
            tooltip=f"{counted(steps, 'step')}, w = {w:g}: {100 * share:.0f} % of the prompts met",
            layout={"width": "100%", "height": "34px", "margin": "0", "padding": "0"},
        )
        button.style.button_color, button.style.font_size = shade(share), FONT
        button.style.text_color = on_shade(share)
        buttons[steps, w] = button
    rows: list[widgets.Widget] = []
    for w in reversed(lines):
        rows += [widgets.Label(f"w {w:g}"), *(buttons[steps, w] for steps in columns)]
    rows += [widgets.Label("steps"), *(widgets.Label(str(steps), layout=CENTRED) for steps in columns)]
    grid = widgets.GridBox(
        rows, layout={"grid_template_columns": f"40px repeat({len(columns)}, 1fr)", "grid_gap": "2px"}
    )
    return grid, buttons


def shade(share: float) -> str:
    """A colour for a share, dark to light, told apart by its lightness alone: cividis."""
    from matplotlib import colormaps, colors

    return colors.to_hex(colormaps["cividis"](share))


def _axes(found: dict[tuple[int, float], dict[str, Any]]) -> tuple[list[int], list[float]]:
    return sorted({steps for steps, _ in found}), sorted({w for _, w in found})


def _still(found: dict[tuple[int, float], dict[str, Any]]) -> bytes:
    columns, lines = _axes(found)
    figure, (axis, *_) = plots.panes(1, width=7)
    shares = [[found[steps, w]["second"]["mean"] for steps in columns] for w in lines]
    plots.heat_map(axis, shares, columns, lines, "steps", "guidance w")
    return plots.png(figure)
