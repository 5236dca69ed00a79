"""Episode 4, where steps are spent: at the clean end, evenly, or at the noisy end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from course_utils import charts, metrics, plots
from course_utils.guidance import classifier_free_guidance
from course_utils.panels import point_sampling
from course_utils.panels.base import Panel, follow, row, slider, views
from course_utils.panels.progress import side_by_side_watched
from course_utils.runtime import counted
from course_utils.schedules import biased_timesteps
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
    predict = classifier_free_guidance(point_sampling.DENOISERS[badge]().predict, prompt)
    painted = side_by_side_watched(
        "walking with every bias",
        lambda bias: point_sampling.final_clouds(predict, seeds, biased_timesteps(steps, bias)),
        biases,
    )
    measures = {"big": metrics.big_shape_error, "fine": metrics.fine_detail_error}
    big, fine = (
        tuple(point_sampling.over_seeds(measure, clouds, prompt) for clouds in painted)
        for measure in measures.values()
    )
    floors = {name: metrics.floor(measure, prompt) for name, measure in measures.items()}
    return Budgets(tuple(biases), big, fine, torch.stack([clouds[0] for clouds in painted]), floors, steps)


def point_budget_panel(budgets: Budgets, prompt: str = "cat") -> Panel:
    """Slide the budget from the clean to the noisy end; the marker stands on both measured curves."""
    cloud = ParticlePlayer(
        title=counted(budgets.steps, "step"), badge="learned", alt="The cloud for this budget."
    )
    labels = [
        f"bias {bias:+.2f}: t = {', '.join(map(str, biased_timesteps(budgets.steps, bias)[:4]))}, ..."
        for bias in budgets.biases
    ]
    cloud.set_run(budgets.clouds, None, metrics.target(prompt), labels)
    places = list(range(len(budgets.biases)))
    curves = [
        point_sampling.series("big shape", places, budgets.big),
        point_sampling.series("fine detail", places, budgets.fine) | {"dash": True},
    ]
    view = CurveView(title="error: lower is better", x_label="clean end → noisy end", series=curves)
    view.alt = "Big-shape and fine-detail error over where the steps are spent."
    slide = slider("spend the steps: clean end ↔ noisy end", 0, places[-1], len(places) // 2)
    follow(slide, (cloud, "step"), (view, "marker"))

    def still() -> bytes:
        figure, axes = plots.panes(3)
        for axis, k in zip(axes, (0, len(budgets.biases) // 2, len(budgets.biases) - 1), strict=True):
            plots.cloud(axis, budgets.clouds[k], metrics.target(prompt), f"bias {budgets.biases[k]:+.2f}")
        return plots.png(figure, charts.chart(**view.chart))

    return Panel(
        [row(slide), views(cloud, view)], alt="Where to spend the steps: two errors apart.", still=still
    )
