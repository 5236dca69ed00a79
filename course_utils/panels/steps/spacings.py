"""Episode 4, mud that is the schedule's fault: trailing beside leading spacing, on points and on pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import metrics, plots
from course_utils.guidance import classifier_free_guidance
from course_utils.metrics.page_metrics import edges
from course_utils.panels import page_painting, point_sampling
from course_utils.panels.base import LABEL, Panel, follow, row, views
from course_utils.panels.progress import side_by_side_watched
from course_utils.panels.steering.wheel import CHIPS
from course_utils.schedules import leading, trailing
from course_utils.widgets import Film, ParticlePlayer

COUNTS = (1, 2, 3)
SPACINGS = {"trailing": trailing, "leading": leading}
PATIENT = 20  # steps of the page that the others are held against


@dataclass(frozen=True)
class Spacings:
    """The exact denoiser at few steps, by spacing and step count.

    `sliced` and `coverage` are the sliced Wasserstein distance and the share of the shape that was painted;
    `clouds` (counts, n, 2) what the first seed became.
    """

    counts: tuple[int, ...]
    sliced: dict[str, tuple[metrics.Estimate, ...]]
    coverage: dict[str, tuple[metrics.Estimate, ...]]
    clouds: dict[str, torch.Tensor]


def measure_spacings(
    prompt: str = "cat", counts: Sequence[int] = COUNTS, seeds: Sequence[int] = range(4)
) -> Spacings:
    """Let the denoiser that knows the shape walk both ways."""
    predict = classifier_free_guidance(point_sampling.exact().predict, prompt)
    painted = {
        name: side_by_side_watched(
            f"walking with {name} spacing",
            lambda timesteps: point_sampling.final_clouds(predict, seeds, timesteps),
            map(spacing, counts),
        )
        for name, spacing in SPACINGS.items()
    }
    sliced, coverage = (
        {
            name: tuple(point_sampling.over_seeds(measure, ends, prompt) for ends in painted[name])
            for name in SPACINGS
        }
        for measure in (metrics.sliced_wasserstein, metrics.coverage)
    )
    clouds = {name: torch.stack([ends[0] for ends in painted[name]]) for name in SPACINGS}
    return Spacings(tuple(counts), sliced, coverage, clouds)


def spacings_panel(spacings: Spacings, prompt: str = "cat") -> Panel:
    """Both clouds side by side; the slider changes the number of steps."""
    players = [
        ParticlePlayer(title=f"{name} spacing", badge="exact", alt=f"Cloud, {name} spacing.")
        for name in spacings.clouds
    ]
    for view, (name, clouds) in zip(players, spacings.clouds.items(), strict=True):
        figures = [f"coverage {100 * estimate.mean:.0f} %" for estimate in spacings.coverage[name]]
        view.set_run(clouds, None, metrics.target(prompt), _labels(spacings.counts), figures)
    count = _steps(spacings.counts)
    follow(count, *((view, "step") for view in players), trait="index")

    def still() -> bytes:
        figure, axes = plots.panes(2 * len(spacings.counts), width=2.2, height=2.4)
        for k, steps in enumerate(spacings.counts):
            for j, (name, clouds) in enumerate(spacings.clouds.items()):
                plots.cloud(axes[2 * k + j], clouds[k], metrics.target(prompt), f"{name}, {steps}", "exact")
        return plots.png(figure)

    return Panel(
        [row(count), views(*players)], alt="Trailing beside leading spacing at 1 to 3 steps.", still=still
    )


@dataclass(frozen=True)
class PageSpacings:
    """The painter of pages at few steps, by spacing and step count.

    `gap` is how far a page is from the patient painting of the same static, in gray levels a pixel;
    `grain` its steps from pixel to pixel as a multiple of the patient painting's. `pictures` (counts, 128,
    128, 3) and `patient` (128, 128, 3) are those of the first prompt.
    """

    counts: tuple[int, ...]
    gap: dict[str, tuple[metrics.Estimate, ...]]
    grain: dict[str, tuple[metrics.Estimate, ...]]
    pictures: dict[str, np.ndarray]
    patient: np.ndarray


def measure_page_spacings(prompts: Sequence[str] = CHIPS, counts: Sequence[int] = COUNTS) -> PageSpacings:
    """Paint every prompt, each from its own seed, in few steps with either spacing, and with patience."""
    asked = [page_painting.settings(prompt, seed=seed) for seed, prompt in enumerate(prompts)]

    def painted(**changes: object) -> np.ndarray:
        return page_painting.developed(page_painting.sheet([one.but(**changes) for one in asked]))

    patient = painted(steps=PATIENT)
    hasty = {name: [painted(steps=steps, spacing=name) for steps in counts] for name in SPACINGS}

    def gap(found: np.ndarray) -> metrics.Estimate:
        return metrics.estimate(np.abs(found.astype(float) - patient).mean((1, 2, 3)))

    def grain(found: np.ndarray) -> metrics.Estimate:
        return metrics.estimate(edges(found) / edges(patient))

    gaps, grains = ({name: tuple(map(measure, hasty[name])) for name in SPACINGS} for measure in (gap, grain))
    pictures = {name: np.stack([found[0] for found in hasty[name]]) for name in SPACINGS}
    return PageSpacings(tuple(counts), gaps, grains, pictures, patient[0])


def page_spacings_panel(spacings: PageSpacings) -> Panel:
    """Both pages beside the patient one; the slider changes the number of steps."""
    films = [
        Film(title=f"{name} spacing", badge="learned", alt=f"Page, {name} spacing.") for name in SPACINGS
    ]
    for film, (name, pictures) in zip(films, spacings.pictures.items(), strict=True):
        gaps = [f"{estimate.mean:.0f} gray levels off" for estimate in spacings.gap[name]]
        film.set_pictures(pictures, gaps)
    patient = Film(title=f"{PATIENT} steps", badge="learned", alt="The patient painting.")
    patient.set_pictures(spacings.patient[None], ["the same static"])
    count = _steps(spacings.counts)
    follow(count, *((film, "index") for film in films), trait="index")

    def still() -> bytes:
        figure, axes = plots.panes(2 * len(spacings.counts), width=2.2, height=2.4)
        for k, steps in enumerate(spacings.counts):
            for j, (name, pictures) in enumerate(spacings.pictures.items()):
                plots.picture(axes[2 * k + j], pictures[k], f"{name}, {steps}")
        return plots.jpeg(figure)

    return Panel(
        [row(count), views(*films, patient)], alt="Trailing beside leading spacing, on pages.", still=still
    )


def _steps(counts: Sequence[int]) -> widgets.SelectionSlider:
    return widgets.SelectionSlider(options=tuple(counts), description="steps", style=LABEL)


def _labels(counts: Sequence[int]) -> list[str]:
    return [f"{count} step{'s' * (count > 1)}" for count in counts]
