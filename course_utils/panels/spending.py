"""Episode 4, where steps are spent: at the clean or the noisy end, with trailing or leading spacing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import torch

from course_utils import metrics, particles, plots
from course_utils.panels import runs
from course_utils.panels.base import LABEL, Panel, follow, row, slider, views
from course_utils.schedules import leading, spent, trailing
from course_utils.widgets import CurveView, ParticlePlayer


@dataclass(frozen=True)
class Budgets:
    """One budget of steps spent with different bias: two errors apart, and what each paints."""

    biases: tuple[float, ...]
    big: tuple[metrics.Estimate, ...]
    fine: tuple[metrics.Estimate, ...]
    clouds: torch.Tensor
    floors: dict[str, metrics.Estimate]
    steps: int

    @property
    def best_big(self) -> float:
        """The bias with the smallest big-shape error."""
        return self.biases[min(range(len(self.big)), key=lambda k: self.big[k].mean)]

    @property
    def best_fine(self) -> float:
        """The bias with the smallest fine-detail error."""
        return self.biases[min(range(len(self.fine)), key=lambda k: self.fine[k].mean)]


def measure_budgets(
    prompt: str = "cat",
    steps: int = 6,
    biases: Sequence[float] = (-1, -0.75, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 1),
    seeds: Sequence[int] = range(6),
    badge: str = "learned",
) -> Budgets:
    """Spend the same few steps at the clean end (bias < 0), evenly, or at the noisy end (bias > 0)."""
    predict = particles.guided(runs.DENOISERS[badge](), prompt)
    painted = [runs.final_clouds(predict, seeds, spent(steps, bias)) for bias in biases]
    measures = {"big": metrics.big_shape_error, "fine": metrics.fine_detail_error}
    big, fine = (
        tuple(runs.over_seeds(measure, clouds, prompt) for clouds in painted) for measure in measures.values()
    )
    floors = {name: metrics.floor(measure, prompt) for name, measure in measures.items()}
    return Budgets(tuple(biases), big, fine, torch.stack([clouds[0] for clouds in painted]), floors, steps)


def budget_panel(budgets: Budgets, prompt: str = "cat") -> Panel:
    """Slide the budget from the clean to the noisy end; the marker stands on both measured curves."""
    cloud = ParticlePlayer(title=f"{budgets.steps} steps", badge="learned", alt="The cloud for this budget.")
    labels = [
        f"bias {bias:+.2f}: t = {', '.join(map(str, spent(budgets.steps, bias)[:4]))}, ..."
        for bias in budgets.biases
    ]
    cloud.set_run(budgets.clouds, None, metrics.target(prompt), labels)
    places = list(range(len(budgets.biases)))
    curves = [
        runs.series("big shape", places, budgets.big, "signal"),
        runs.series("fine detail", places, budgets.fine, "noise") | {"dash": True},
    ]
    view = CurveView(title="error: lower is better", x_label="clean end → noisy end", series=curves)
    view.alt = "Big-shape and fine-detail error over where the steps are spent."
    slide = slider("spend the steps: clean end ↔ noisy end", 0, places[-1], len(places) // 2)
    follow(slide, (cloud, "step"), (view, "marker"))

    def still() -> bytes:
        figure, axes = plots.panes(4)
        for axis, k in zip(axes, (0, len(budgets.biases) // 2, len(budgets.biases) - 1), strict=False):
            plots.cloud(axis, budgets.clouds[k], metrics.target(prompt), f"bias {budgets.biases[k]:+.2f}")
        plots.curves(axes[3], curves, "clean ... noisy end", title="error")
        return plots.png(figure)

    return Panel(
        [row(slide), views(cloud, view)], alt="Where to spend the steps: two errors apart.", still=still
    )


@dataclass(frozen=True)
class Spacings:
    """The exact denoiser at few steps under two spacings.

    `left` is the share of the static still in the cloud, `sliced` the sliced Wasserstein distance, both
    by spacing and step count; `clouds` (counts, n, 2) what the first seed became.
    """

    counts: tuple[int, ...]
    left: dict[str, tuple[metrics.Estimate, ...]]
    sliced: dict[str, tuple[metrics.Estimate, ...]]
    clouds: dict[str, torch.Tensor]


def measure_spacings(
    prompt: str = "cat", counts: Sequence[int] = (1, 2, 3), seeds: Sequence[int] = range(4)
) -> Spacings:
    """Mud that is the schedule's fault: leading spacing starves even the denoiser that knows the answer."""
    predict = particles.guided(runs.exact(), prompt)
    sliced, clouds, left = {}, {}, {}
    for name, spacing in (("trailing", trailing), ("leading", leading)):
        painted = [runs.final_clouds(predict, seeds, spacing(count)) for count in counts]
        sliced[name] = tuple(runs.over_seeds(metrics.sliced_wasserstein, cloud, prompt) for cloud in painted)
        clouds[name] = torch.stack([cloud[0] for cloud in painted])
        left[name] = tuple(
            metrics.estimate(
                share_of_static(cloud, runs.start(seed)) for cloud, seed in zip(ends, seeds, strict=True)
            )
            for ends in painted
        )
    return Spacings(tuple(counts), left, sliced, clouds)


def share_of_static(cloud: torch.Tensor, static: torch.Tensor) -> float:
    """Slope of the painted points over the static they came from: how much of it was carried along."""
    centred, source = cloud - cloud.mean(dim=0), static - static.mean(dim=0)
    return float((centred * source).sum() / source.square().sum())


def spacings_panel(spacings: Spacings, prompt: str = "cat") -> Panel:
    """The same perfect denoiser at few steps under two spacings."""
    players = [
        ParticlePlayer(title=f"{name} spacing", badge="exact", alt=f"Cloud, {name} spacing.")
        for name in spacings.clouds
    ]
    for view, (name, clouds) in zip(players, spacings.clouds.items(), strict=True):
        figures = [f"static left {100 * estimate.mean:.0f} %" for estimate in spacings.left[name]]
        view.set_run(
            clouds, None, metrics.target(prompt), [f"{count} steps" for count in spacings.counts], figures
        )
    count = widgets.SelectionSlider(options=spacings.counts, description="steps", style=LABEL)
    follow(count, *((view, "step") for view in players), trait="index")

    def still() -> bytes:
        figure, axes = plots.panes(2 * len(spacings.counts), width=2.2, height=2.4)
        for k, count in enumerate(spacings.counts):
            for j, name in enumerate(spacings.clouds):
                plots.cloud(
                    axes[2 * k + j],
                    spacings.clouds[name][k],
                    metrics.target(prompt),
                    f"{name}, {count}",
                    "exact",
                )
        return plots.png(figure)

    return Panel(
        [row(count), views(*players)], alt="Trailing beside leading spacing at 1 to 3 steps.", still=still
    )
