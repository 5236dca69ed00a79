"""Episode 4, steps against quality: 60 or 3, the curve, samplers by evaluations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import ipywidgets as widgets
import torch

from course_utils import charts, metrics, particles, plots, sampling
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import measured, point_sampling
from course_utils.panels.base import LABEL, Panel, Shown, buttons, choice, drawn, follow, row, views
from course_utils.panels.progress import side_by_side_watched
from course_utils.runtime import counted, generator, side_by_side
from course_utils.schedules import schedule, trailing
from course_utils.widgets import Guess, ParticlePlayer

COUNTS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
GOOD = 60
# Those that `sampling` writes out; the others are shown on pages.
WRITTEN_OUT = ("ddim", "ddpm", "euler", "heun")


@dataclass(frozen=True)
class Finals:
    """What each step count paints from one static: `clouds` (counts, n, 2), and the distances."""

    counts: tuple[int, ...]
    clouds: torch.Tensor
    distances: tuple[float, ...]
    target: torch.Tensor


@lru_cache(maxsize=32)
def finals(badge: str, prompt: str, seed: int = 7, counts: tuple[int, ...] = COUNTS) -> Finals:
    """Paint once for every step count, from the same static."""
    predict = classifier_free_guidance(point_sampling.DENOISERS[badge]().predict, prompt)
    clouds = torch.stack(
        side_by_side(lambda count: point_sampling.final_clouds(predict, [seed], trailing(count))[0], counts)
    )
    target = metrics.target(prompt)
    return Finals(counts, clouds, tuple(metrics.average_distance(cloud, target) for cloud in clouds), target)


def sixty_or_three_panel(prompt: str = "cat", badge: str = "learned") -> Panel:
    """The main instrument: the good case on the left, your number of steps on the right, distance live."""
    shape, who = (
        choice("shape", tuple(particles.SHAPES), prompt),
        buttons("denoiser", tuple(point_sampling.DENOISERS), badge),
    )
    count = widgets.SelectionSlider(
        options=COUNTS,
        value=3,
        description="steps",
        style=LABEL,
        layout={"flex": "1 1 320px", "width": "auto"},
    )
    good, yours = (
        ParticlePlayer(title=title, alt=f"The painted cloud, {title}.")
        for title in (f"{GOOD} steps", "your steps")
    )
    follow(count, (yours, "step"), trait="index")
    panel = Panel(
        [row(count), views(good, yours), row(shape, who)],
        alt="60 or 3: the same static painted in many steps and in few.",
        still=lambda: _finals_still(finals(who.value, shape.value), who.value),
    )

    def repaint() -> None:
        painted = finals(who.value, shape.value)
        figures = [f"distance {distance:.3f}" for distance in painted.distances]
        labels = [f"{steps} step{'s' * (steps > 1)}" for steps in painted.counts]
        best = painted.counts.index(GOOD)
        good.badge = yours.badge = who.value
        good.set_run(
            painted.clouds[best : best + 1], None, painted.target, labels[best:][:1], figures[best:][:1]
        )
        yours.set_run(painted.clouds, None, painted.target, labels, figures)
        yours.step = count.index

    panel.repaint_on(repaint, shape, who)
    return panel


def _finals_still(painted: Finals, badge: str, shown: Sequence[int] = (1, 3, 10, 60)) -> bytes:
    figure, axes = plots.panes(len(shown))
    for axis, steps in zip(axes, shown, strict=True):
        k = painted.counts.index(steps)
        plots.cloud(
            axis,
            painted.clouds[k],
            painted.target,
            f"{counted(steps, 'step')}: {painted.distances[k]:.3f}",
            badge,
        )
    return plots.png(figure)


@dataclass(frozen=True)
class StepCurve:
    """Quality by number of steps, with error bars over seeds, and the real-against-real floor."""

    counts: tuple[int, ...]
    distance: tuple[metrics.Estimate, ...]
    sliced: tuple[metrics.Estimate, ...]
    coverage: tuple[metrics.Estimate, ...]
    floors: dict[str, metrics.Estimate]


def measure_steps(
    prompt: str = "cat",
    badge: str = "learned",
    counts: Sequence[int] = COUNTS,
    seeds: Sequence[int] = range(4),
) -> StepCurve:
    """Paint with every step count from several seeds and measure three ways."""
    predict = classifier_free_guidance(point_sampling.DENOISERS[badge]().predict, prompt)
    painted = side_by_side_watched(
        "walking in every number of steps",
        lambda count: point_sampling.final_clouds(predict, seeds, trailing(count)),
        counts,
    )
    measures = (metrics.average_distance, metrics.sliced_wasserstein, metrics.coverage)
    distance, sliced, covered = (
        tuple(point_sampling.over_seeds(measure, clouds, prompt) for clouds in painted)
        for measure in measures
    )
    floors = {
        name: metrics.floor(measure, prompt)
        for name, measure in zip(("distance", "sliced", "coverage"), measures, strict=True)
    }
    return StepCurve(tuple(counts), distance, sliced, covered, floors)


def fewest_within(curve: StepCurve, times: float) -> tuple[int, int]:
    """The fewest steps that leave at most `times` the last distance, from and to as error bars allow."""
    nearness = [(-high, -low) for low, high in (found.interval for found in curve.distance)]
    may, must = metrics.first_reaching(nearness, (times * nearness[-1][0], times * nearness[-1][1]))
    return curve.counts[may], curve.counts[must]


def step_curve_panel(curve: StepCurve, after: Guess | None = None) -> Shown:
    """Distance and coverage over steps, the floors dashed; closed until a guess that they come `after`."""
    distances = [
        point_sampling.series("average distance", curve.counts, curve.distance),
        point_sampling.series("sliced Wasserstein", curve.counts, curve.sliced) | {"dash": True},
    ]
    coverage = [point_sampling.series("coverage", curve.counts, curve.coverage)]
    floors = {name: floor.mean for name, floor in curve.floors.items()}
    charted = {
        "distance: lower is better": (
            distances,
            [
                {"name": "floor, average distance", "y": floors["distance"]},
                {"name": "floor, sliced Wasserstein", "y": floors["sliced"]},
            ],
        ),
        "coverage: higher is better": (coverage, [{"name": "real against real", "y": floors["coverage"]}]),
    }
    return drawn(
        "Quality over the number of steps, with error bars over seeds and the real-against-real floor.",
        {
            title: charts.chart(series, "steps", title=title, reference=lines, x_log=True)
            for title, (series, lines) in charted.items()
        },
        after,
    )


@dataclass(frozen=True)
class SamplerCurves:
    """Sliced Wasserstein distance by evaluations, for each sampler."""

    evaluations: dict[str, tuple[int, ...]]
    sliced: dict[str, tuple[metrics.Estimate, ...]]
    floor: metrics.Estimate


def measure_samplers(
    prompt: str = "cat", counts: Sequence[int] = (1, 2, 3, 5, 8, 12, 20, 40), seeds: Sequence[int] = range(4)
) -> SamplerCurves:
    """Run every sampler on the learned denoiser; Heun gets half the steps, as it pays two a step."""
    predict = classifier_free_guidance(point_sampling.shipped().predict, prompt)
    together = torch.cat([point_sampling.start(seed) for seed in seeds])

    def end(name: str, count: int) -> sampling.State:
        *_, last = sampling.SAMPLERS[name].walk(predict, together, trailing(count), schedule(), generator(1))
        return last

    evaluations: dict[str, tuple[int, ...]] = {}
    sliced: dict[str, tuple[metrics.Estimate, ...]] = {}
    for name in WRITTEN_OUT:
        steps = [max(1, (count + 1) // 2) for count in counts] if name == "heun" else list(counts)
        ends = side_by_side_watched(f"walking with {name}", partial(end, name), dict.fromkeys(steps))
        evaluations[name] = tuple(end.evaluations for end in ends)
        sliced[name] = tuple(
            point_sampling.over_seeds(metrics.sliced_wasserstein, end.x.split(particles.COUNT), prompt)
            for end in ends
        )
    return SamplerCurves(evaluations, sliced, metrics.floor(metrics.sliced_wasserstein, prompt))


def samplers_panel(curves: SamplerCurves) -> Shown:
    """Samplers on one axis of evaluations."""
    lines = [
        point_sampling.series(name, curves.evaluations[name], curves.sliced[name])
        | {"role": measured.sampler_role(name), "dash": name == "euler"}
        for name in curves.evaluations
    ]
    figure = charts.chart(
        lines,
        "evaluations",
        title="sliced Wasserstein distance: lower is better",
        reference=[{"name": "real against real", "y": curves.floor.mean}],
        x_log=True,
        y_log=True,
    )
    words = "Each sampler's distance over the number of evaluations it pays."
    return drawn("Samplers by evaluations.", {words: figure})
