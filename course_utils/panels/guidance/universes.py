"""Episode 5, guidance: three universes by one click, the two arrows, the measured curve, conventions."""

from __future__ import annotations

import html
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import charts, guidance, metrics, particles, plots, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.base import (
    LABEL,
    Panel,
    Shown,
    choice,
    drawn,
    fine_slider,
    follow,
    row,
    seed_box,
    slider,
    views,
)
from course_utils.panels.latest_only import LatestOnlyWorker, check
from course_utils.panels.progress import side_by_side_watched
from course_utils.runtime import side_by_side
from course_utils.schedules import clean_from_noise, schedule, trailing
from course_utils.widgets import ArrowField, Guess, ParticlePlayer

STEPS = 20
DIAL = tuple(float(w) for w in np.arange(0, 12.01, 0.5))
WEAK, YOURS, MAX = 0.0, 4.0, 12.0  # where the middle one begins: not where it is best


@dataclass(frozen=True)
class Dial:
    """What every setting of guidance paints from one noise: clouds (settings, n, 2), target (m, 2)."""

    ws: tuple[float, ...]
    clouds: torch.Tensor
    target: torch.Tensor

    def cloud(self, w: float) -> torch.Tensor:
        """The cloud (n, 2) at one setting of the dial."""
        return self.clouds[self.ws.index(w)]


@lru_cache(maxsize=32)
def dial(
    prompt: str, seed: int = 7, negative: str = particles.NO_PROMPT, ws: tuple[float, ...] = DIAL
) -> Dial:
    """Paint once for every w on the dial, or for some of them, all from the same static."""

    point_sampling.shipped()  # once, before several ask for it at a time

    def one(w: float) -> torch.Tensor:
        check()
        return final(prompt, w, negative, [seed])[0]

    return Dial(ws, torch.stack(side_by_side(one, ws)), metrics.target(prompt))


def final(
    prompt: str, w: float, negative: str = particles.NO_PROMPT, seeds: Sequence[int] = range(5)
) -> list[torch.Tensor]:
    """What one setting of the dial paints from each seed: a list of (n, 2)."""
    return point_sampling.final_clouds(
        classifier_free_guidance(point_sampling.shipped().predict, prompt, w, negative),
        seeds,
        trailing(STEPS),
    )


def universes_panel(prompt: str = "heart", seed: int = 7) -> Panel:
    """The main instrument: one click, one static, three settings; the middle one follows a live slider."""
    names = tuple(particles.SHAPES)
    shape, seed_field = choice("prompt", names, prompt), seed_box(seed)
    negative = _negative_choice()
    click = widgets.ToggleButton(
        value=False, description="another static", tooltip="paint all three from the next seed"
    )
    w = widgets.SelectionSlider(
        options=DIAL,
        value=YOURS,
        description="guidance w of the middle one",
        style=LABEL,
        layout={"flex": "1 1 320px", "width": "auto"},
    )
    titles = (f"weak: w = {WEAK:g}", "yours", f"max: w = {MAX:g}")
    players = [
        ParticlePlayer(title=title, badge="learned", alt=f"The cloud, {title}.", extent=2.8)
        for title in titles
    ]
    follow(w, (players[1], "step"), trait="index")
    panel = Panel(
        [row(click, w), views(*players), row(shape, negative, seed_field)],
        alt="Three universes: the same static and prompt under three strengths of guidance.",
        still=lambda: _universes_still(three(), titles),
    )

    def asked() -> tuple[str, int, str]:
        return shape.value, seed_field.value, negative.value

    def three() -> Dial:
        return dial(*asked(), ws=(WEAK, w.value, MAX))

    def figure_of(painted: Dial, setting: float) -> str:
        return f"on the shape {100 * metrics.adherence(painted.cloud(setting), painted.target):.0f} %"

    def show(painted: Dial, mine: Sequence[float] = DIAL) -> None:
        for view, setting in ((players[0], WEAK), (players[2], MAX)):
            view.set_run(
                painted.cloud(setting)[None],
                None,
                painted.target,
                [f"w = {setting:g}"],
                [figure_of(painted, setting)],
            )
        with players[1].one_message():  # else the slider would follow a run of one frame to its start
            players[1].set_run(
                torch.stack([painted.cloud(v) for v in mine]),
                None,
                painted.target,
                [f"w = {v:g}" for v in mine],
                [figure_of(painted, v) for v in mine],
            )
            players[1].step = w.index

    def fill(found: tuple[tuple[str, int, str], Dial]) -> None:
        settings, painted = found
        with drawing:
            if settings == asked():  # and not those of a moment ago
                show(painted)

    drawing = threading.Lock()
    rest = panel.work = LatestOnlyWorker(lambda settings: (settings, dial(*settings)), fill, panel.say)

    def repaint() -> None:
        # The three at once, for somebody waits; what the slider will ask for while they are looked at.
        painted = three()
        with drawing:
            show(painted, [w.value])
        rest.ask(asked())

    def next_seed(_change: object) -> None:
        seed_field.value += 1

    click.observe(next_seed, "value")
    panel.repaint_on(repaint, shape, negative, seed_field)
    return panel


def _negative_choice() -> widgets.Dropdown:
    names = tuple(particles.SHAPES)
    options = [("none", particles.NO_PROMPT), *zip(names, names, strict=True)]
    return choice("negative prompt", options, particles.NO_PROMPT)


def _universes_still(painted: Dial, titles: Sequence[str]) -> bytes:
    figure, axes = plots.panes(3)
    for axis, w, title in zip(axes, painted.ws, titles, strict=True):
        plots.cloud(
            axis, painted.cloud(w), painted.target, title if title != "yours" else f"w = {w:g}", extent=2.8
        )
    return plots.png(figure)


@dataclass(frozen=True)
class Arrows:
    """For points on their way: where each is sent by the one prompt and by the other; all (n, 2)."""

    points: torch.Tensor
    unconditional: torch.Tensor
    conditional: torch.Tensor


@lru_cache(maxsize=32)
def two_arrows(
    prompt: str, t: int, seed: int = 7, count: int = 30, negative: str = particles.NO_PROMPT
) -> Arrows:
    """Follow the unguided walk to about timestep t, and ask for both predicted clean points there.

    The first arrow belongs to the negative prompt, which is the empty one unless something is said.
    """
    walk = sampling.ddim(
        classifier_free_guidance(point_sampling.shipped().predict, prompt),
        point_sampling.start(seed),
        trailing(point_sampling.STEPS),
        schedule(),
    )
    state = next(state for state in walk if state.t <= t)
    points = state.x[:count]
    ends = [
        clean_from_noise(points, point_sampling.shipped().predict(points, state.t, word), state.t, schedule())
        for word in (negative, prompt)
    ]
    return Arrows(points, *ends)


def arrows_panel(prompt: str = "heart", t: int = 600) -> Panel:
    """The unconditional arrow, the conditional arrow, and where w sends you: w moves in the browser."""
    view = ArrowField(
        badge="learned", alt="Two arrows at each point, and the guided one they make.", extent=3.0
    )
    names = tuple(particles.SHAPES)
    shape = choice("prompt", names, prompt)
    negative = _negative_choice()
    when = slider("t", 100, 900, t, step=50, continuous_update=False)
    w = fine_slider("guidance w", 0, 12, 3, 0.1)
    follow(w, (view, "w"))

    def still() -> bytes:
        arrows = two_arrows(shape.value, when.value, negative=negative.value)
        figure, axes = plots.panes(3)
        for axis, setting in zip(axes, (0.0, 1.0, 4.0), strict=True):
            ends = guidance.guide(arrows.unconditional, arrows.conditional, setting)
            plots.arrows(axis, arrows.points, ends, metrics.target(shape.value), f"w = {setting:g}")
        return plots.png(figure)

    panel = Panel(
        [row(w), view, row(shape, negative, when)],
        alt="The two arrows of guidance and their sum.",
        still=still,
    )

    def redraw() -> None:
        arrows = two_arrows(shape.value, when.value, negative=negative.value)
        view.title = f"{shape.value}, t = {when.value}"
        view.set_arrows(arrows.points, arrows.unconditional, arrows.conditional, metrics.target(shape.value))

    panel.repaint_on(redraw, shape, negative, when)
    return panel


@dataclass(frozen=True)
class GuidanceCurve:
    """Adherence, coverage, overshoot and evaluations against w, with error bars over seeds."""

    ws: tuple[float, ...]
    adherence: tuple[metrics.Estimate, ...]
    coverage: tuple[metrics.Estimate, ...]
    overshoot: tuple[metrics.Estimate, ...]

    @property
    def sweet_spot(self) -> float:
        """The w of the highest adherence: this painter's own, no other model's."""
        return self.ws[max(range(len(self.ws)), key=lambda k: self.adherence[k].mean)]


def measure_guidance(
    prompt: str = "heart",
    ws: Sequence[float] = (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10, 12),
    seeds: Sequence[int] = range(4),
) -> GuidanceCurve:
    """Paint with every w from several seeds and measure three ways."""
    painted = side_by_side_watched("walking at every w", lambda w: final(prompt, w, seeds=seeds), ws)
    columns = [
        tuple(point_sampling.over_seeds(measure, clouds, prompt) for clouds in painted)
        for measure in (metrics.adherence, metrics.coverage, metrics.overshoot)
    ]
    return GuidanceCurve(tuple(ws), *columns)


def guidance_panel(curve: GuidanceCurve, after: Guess | None = None) -> Shown:
    """The measured curve, with the sweet spot the data name; closed until a guess that it comes `after`."""
    shares = [
        point_sampling.series("adherence", curve.ws, curve.adherence),
        point_sampling.series("coverage", curve.ws, curve.coverage) | {"dash": True},
    ]
    beyond = [point_sampling.series("overshoot", curve.ws, curve.overshoot)]
    figures = {
        "Adherence rises and falls with w, coverage falls.": charts.chart(
            shares,
            "guidance w",
            title="on the shape, and how much of it",
            y_range=[0, 1.05],
            marker=curve.sweet_spot,
        ),
        "Overshoot grows with w.": charts.chart(
            beyond, "guidance w", title="thrown beyond the shape", marker=curve.sweet_spot
        ),
    }
    return drawn("The measured curve of guidance.", figures, after)


HEAD = ("who", "formula", "value", "remark")


def conventions_panel() -> Panel:
    """The table of conventions and a converter."""
    names = {convention.name: key for key, convention in guidance.CONVENTIONS.items()}
    value = widgets.FloatText(value=7.5, description="guidance", style=LABEL, layout={"width": "180px"})
    source = choice("counted as in", tuple(names), next(iter(names)))
    answer = widgets.HTML()

    def lines() -> list[tuple[str, str, float, str]]:
        return [
            (
                convention.name,
                convention.formula,
                guidance.convert(value.value, names[source.value], key),
                convention.remark,
            )
            for key, convention in guidance.CONVENTIONS.items()
        ]

    def still() -> bytes:
        cells = [(who, formula, f"{v:g}", remark) for who, formula, v, remark in lines()]
        return plots.png(charts.table(HEAD, cells))

    panel = Panel([row(value, source), answer], alt="Guidance in three conventions, converted.", still=still)

    def convert() -> None:
        cells = "".join(
            f"<tr><td>{html.escape(who)}</td><td><code>{html.escape(formula)}</code></td>"
            f'<td class="cu-figure">{v:g}</td><td>{html.escape(remark)}</td></tr>'
            for who, formula, v, remark in lines()
        )
        head = "".join(f"<th>{title}</th>" for title in HEAD)
        answer.value = f'<table class="cu-table"><tr>{head}</tr>{cells}</table>'

    panel.repaint_on(convert, value, source)
    return panel
