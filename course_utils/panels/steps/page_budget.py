"""Episode 4, on pages: the same few steps, spent at the noisy end, evenly, or at the clean end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils import charts, metrics, plots
from course_utils.painters import Settings
from course_utils.panels import page_painting, point_sampling
from course_utils.panels.base import Panel, follow, row, slider, views
from course_utils.runtime import counted
from course_utils.schedules import biased_timesteps
from course_utils.widgets import CurveView, Film

BIASES = (-1.0, -0.5, 0.0, 0.5, 1.0)
REFERENCE = 20  # steps of the painting that the others are held against
BIG, FINE = 16, 2  # pixels: a shape is at least so wide, a detail at most


@dataclass(frozen=True)
class PageBudgets:
    """One budget of steps spent with different bias, against a patient painting of the same static.

    `big` is the mean difference of blocks BIG pixels wide, in gray levels; `fine` the percentage of the
    patient painting's detail, FINE pixels wide, that is missing (below 0: too much). `pictures` (biases, 128,
    128, 3) are those of the first seed.
    """

    steps: int
    biases: tuple[float, ...]
    big: tuple[metrics.Estimate, ...]
    fine: tuple[metrics.Estimate, ...]
    pictures: np.ndarray
    reference: np.ndarray


def measure_page_budgets(
    prompt: str = "a blue cat with a hat in the forest",
    steps: int = 6,
    biases: Sequence[float] = BIASES,
    seeds: Sequence[int] = range(6),
) -> PageBudgets:
    """Paint every seed with every bias, and once with REFERENCE even steps."""
    asked = [page_painting.settings(prompt, seed=seed, sampler="euler") for seed in seeds]
    patient = _painted([one.but(steps=REFERENCE) for one in asked])
    hasty = [_painted([one.but(steps=steps, bias=bias) for one in asked]) for bias in biases]
    big = tuple(metrics.estimate(map(big_shape_gap, painted, patient)) for painted in hasty)
    fine = tuple(metrics.estimate(map(detail_missing, painted, patient)) for painted in hasty)
    first = np.stack([painted[0] for painted in hasty])
    return PageBudgets(steps, tuple(biases), big, fine, first, patient[0])


def big_shape_gap(page: np.ndarray, reference: np.ndarray) -> float:
    """Mean difference of two pages, (128, 128, 3) uint8, in gray levels of blocks BIG pixels wide."""
    return float(np.abs(_blocks(page, BIG) - _blocks(reference, BIG)).mean())


def detail_missing(page: np.ndarray, reference: np.ndarray) -> float:
    """How much less fine detail than a reference a page, (128, 128, 3) uint8, has, in % of it."""
    return 100 * (1 - _detail(page) / _detail(reference))


def _painted(wanted: Sequence[Settings]) -> list[np.ndarray]:
    return list(page_painting.developed(page_painting.sheet(wanted)))


def _blocks(page: np.ndarray, size: int) -> np.ndarray:
    side = page.shape[0] // size
    return page.astype(np.float64).reshape(side, size, side, size, 3).mean((1, 3))


def _detail(page: np.ndarray) -> float:
    coarse = _blocks(page, FINE).repeat(FINE, 0).repeat(FINE, 1)
    return float((page - coarse).std())


def page_budget_panel(budgets: PageBudgets) -> Panel:
    """Slide the budget from the clean to the noisy end, in the browser; the marker stands on both curves."""
    film = Film(
        title=counted(budgets.steps, "step"), badge="learned", alt="The page that this budget paints."
    )
    labels = [
        f"bias {bias:+.1f}: t = {', '.join(map(str, biased_timesteps(budgets.steps, bias)[:4]))}, ..."
        for bias in budgets.biases
    ]
    film.set_pictures(budgets.pictures, labels)
    patient = Film(title=f"{REFERENCE} steps", badge="learned", alt="The patient painting.")
    patient.set_pictures(budgets.reference[None], ["evenly spent"])
    places = list(range(len(budgets.biases)))
    curves = [
        point_sampling.series("big shapes: gray levels off", places, budgets.big),
        point_sampling.series("fine detail: % missing", places, budgets.fine) | {"dash": True},
    ]
    view = CurveView(
        title="lower is better", x_label="clean end → noisy end", series=curves, alt="Two errors, apart."
    )
    slide = slider("spend the steps: clean end ↔ noisy end", 0, places[-1], len(places) // 2)
    follow(slide, (film, "index"), (view, "marker"))

    def still() -> bytes:
        figure, axes = plots.panes(3)
        for axis, k in zip(axes, (0, len(places) // 2, len(places) - 1), strict=True):
            plots.picture(axis, budgets.pictures[k], f"bias {budgets.biases[k]:+.1f}")
        return plots.jpeg(figure, charts.chart(**view.chart))

    films = views(film, patient)
    films.add_class("cu-small")  # the chart below moves with the same slider, and belongs on the same screen
    return Panel([row(slide), films, view], alt="Where to spend the steps, on pages.", still=still)
