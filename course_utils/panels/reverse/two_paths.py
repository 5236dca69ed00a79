"""Episode 2: the curved path beside the straight one, with the steps that two real painters take on them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from course_utils import charts, plots
from course_utils.painters import Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, slider, views
from course_utils.runtime import counted
from course_utils.widgets import CurveView

# Painter -> the name of its path, and the role of its curve in the palette.
PATHS = {
    "picturebook": ("curved: signal² + noise² = 1", "series0"),
    "picturebook-flow": ("straight: signal + noise = 1", "series1"),
}
STEPS = 10
MOST = 30


@dataclass(frozen=True)
class Stops:
    """Where a painter's steps begin and end, the deepest first: timesteps 0..1000, signal and noise level."""

    t: tuple[int, ...]
    signal: tuple[float, ...]
    noise: tuple[float, ...]

    @property
    def strides(self) -> list[float]:
        """The length of each step in the plane of noise and signal."""
        return [math.dist(*ends) for ends in pairwise(zip(self.noise, self.signal, strict=True))]


def stops(name: str, steps: int = STEPS) -> Stops:
    """The levels that a painter visits, the clean picture at the end."""
    painter = page_painting.painter(name)
    _, timesteps = painter.route(Settings("a cat", steps=steps))
    signal, noise = zip(*map(painter.path.levels, timesteps), strict=True)
    return Stops(tuple(map(round, timesteps)), signal, noise)


def two_paths_panel(steps: int = STEPS) -> Panel:
    """Both paths in one plane, noise to the right, signal upwards; a dot where each painter stops."""
    view = CurveView(
        title="from static (right) to picture (top left)",
        x_label="noise level",
        y_label="signal",
        x_range=[0, 1.05],
        y_range=[0, 1.05],
        alt="The curved and the straight path in the plane of noise and signal.",
    )
    count = slider("steps", 1, MOST, steps)

    def redraw() -> str:
        found = {name: stops(name, count.value) for name in PATHS}
        view.series = [line for name in PATHS for line in _lines(name, found[name])]
        return "; ".join(
            f"strides of {name}: {min(one.strides):.2f} to {max(one.strides):.2f}"
            for name, one in found.items()
        )

    panel = Panel(
        [row(count), views(view)],
        alt="The curved path and the straight one, with the stops of both painters.",
        still=lambda: plots.png(charts.chart(**view.chart)),
    )
    panel.repaint_on(redraw, count)
    return panel


def _lines(name: str, found: Stops) -> list[dict[str, Any]]:
    """A painter's path as a thin line, and its stops as dots, from left to right."""
    title, role = PATHS[name]
    whole = stops(name, MOST)
    return [
        {"name": title, "role": role, "x": whole.noise[::-1], "y": whole.signal[::-1], "dash": True},
        {
            "name": f"{counted(len(found.t) - 1, 'step')} of {name}",
            "role": role,
            "x": found.noise[::-1],
            "y": found.signal[::-1],
            "points": True,
        },
    ]
