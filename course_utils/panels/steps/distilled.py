"""Episodes 4 and 5, on pages: the distilled painter beside its teacher; what learned haste costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from course_utils import plots
from course_utils.painters import Painting, Settings
from course_utils.painters.fast_painter import STEPS, STRONGEST, WEAKEST
from course_utils.panels import measured, page_painting
from course_utils.panels.base import Panel, Shown, fine_slider, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.panels.steps import plane
from course_utils.runcards.settings import GUIDANCE
from course_utils.runtime import counted
from course_utils.widgets import Film, Gallery, Guess

TEACHER, STUDENT = "picturebook", "picturebook-fast"
WHO = {TEACHER: "teacher", STUDENT: "student"}
# What is painted side by side: painter, steps, w. The teacher's w is its best for so many evaluations.
WAYS = (
    (TEACHER, 20, GUIDANCE),
    (TEACHER, 3, 2.0),
    (TEACHER, 2, 1.0),
    *((STUDENT, steps, GUIDANCE) for steps in (4, 2, 1)),
)


def cheat_panel(prompt: str = "a purple cat with a crown in the snow", seed: int = 7) -> Panel:
    """One static: the teacher in 20, 3 and 2 steps, the student in 4, 2 and 1, with what each cost."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    gallery = Gallery(alt="The teacher and its hasty student.")

    def wanted() -> Settings:
        return page_painting.settings(words.value, seed=seed_field.value)

    def work(asked: Settings) -> list[Painting]:
        return [page_painting.paint(asked.but(steps=steps, guidance=w), name) for name, steps, w in WAYS]

    def show(paintings: list[Painting]) -> str:
        gallery.set_pictures(np.stack([one.pixels for one in paintings]), list(map(_price, paintings)))
        return paintings[0].remark

    def still() -> bytes:
        paintings = work(wanted())
        figure, axes = plots.panes(len(paintings), width=2, height=2.4)
        for axis, painting in zip(axes, paintings, strict=True):
            plots.picture(axis, painting.pixels, f"{WHO[painting.painter]} {painting.settings.steps}")
        return plots.jpeg(figure)

    panel = Panel([row(words, seed_field), gallery], alt="Cheating the curve: distillation.", still=still)
    panel.asks(
        LatestOnlyWorker(work, show, panel.say, page_painting.busy([gallery])), wanted, words, seed_field
    )
    return panel


# Where w goes in: into the formula, which needs two guesses, or into the network itself.
TOLD = {TEACHER: "w in the formula", STUDENT: "w as an input"}


def guidance_input_panel(prompt: str = "a red fish in a hat in the desert", seed: int = 7) -> Panel:
    """One noise and one w: the teacher is guided by the formula, its student by w as an input."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    guidance = fine_slider("guidance w", WEAKEST, STRONGEST, GUIDANCE, 0.25)
    films = {name: Film(badge="learned", title=title, alt=f"{title}.") for name, title in TOLD.items()}

    def wanted() -> Settings:
        return page_painting.settings(words.value, seed=seed_field.value, guidance=guidance.value)

    def work(asked: Settings) -> list[tuple[Painting, bool]]:
        return [page_painting.sketch(asked), page_painting.sketch(asked.but(steps=STEPS), STUDENT)]

    def show(found: list[tuple[Painting, bool]]) -> str:
        for film, (painting, preview) in zip(films.values(), found, strict=True):
            film.set_pictures(painting.pixels[None], [_price(painting)], preview=preview)
        return found[0][0].remark

    def still() -> bytes:
        figure, axes = plots.panes(len(TOLD))
        for axis, (painting, _), title in zip(axes, work(wanted()), TOLD.values(), strict=True):
            plots.picture(axis, painting.pixels, title)
        return plots.jpeg(figure)

    panel = Panel(
        [row(words, seed_field), row(guidance), views(*films.values())],
        alt="Guidance by the formula beside guidance as an input.",
        still=still,
    )
    worker = LatestOnlyWorker(work, show, panel.say, page_painting.busy(films.values()))
    panel.asks(worker, wanted, words, seed_field, guidance)
    return panel


def _price(painting: Painting) -> str:
    return (
        f"{WHO[painting.painter]}, {counted(painting.settings.steps, 'step')}, "
        f"w = {painting.settings.guidance:g}: "
        f"{counted(painting.evaluations, 'evaluation')}, {painting.seconds:.2f}\u00a0s"
    )


@dataclass(frozen=True)
class Way:
    """One measured way of painting: its settings, evaluations a page, and its point of the card.

    `marks` holds the shares of prompts met, `variety` tells how different the pages of one prompt are.
    """

    painter: str
    settings: Mapping[str, Any]
    evaluations: int
    marks: Mapping[str, Any]
    variety: Mapping[str, float]


def ways(painter: str) -> list[Way]:
    """The card's figures for seen combinations, with guidance only, costliest first."""
    card = measured.figures(painter)
    found = [card, *card["beside"].values()]
    passes = 2 if painter == TEACHER else 1  # a guided step of the teacher has two
    told = [
        Way(painter, one["settings"], passes * one["settings"]["steps"], one["fresh"], one["variety"])
        for one in found
        if one["settings"]["guidance"] > 1
    ]
    return sorted(told, key=lambda way: -way.evaluations)


def teacher_at_best() -> list[measured.Point]:
    """The teacher at the best w for each number of evaluations, cheapest first, where more meet more prompts.

    Few steps and strong guidance hurt together, so w = 4 would be no fair choice. The first judge chooses w
    among the cells of the plane, the second judge's shares are what counts; at w = 0 and 1 a step is one
    evaluation, elsewhere two.
    """
    cells = [
        dict(cell) | {"evaluations": steps * (1 if w in (0, 1) else 2)}
        for (steps, w), cell in plane.cells(TEACHER).items()
    ]
    found: list[measured.Point] = []
    for cell in sorted(
        cells, key=lambda cell: (cell["evaluations"], -cell["first"]["mean"], -cell["guidance"])
    ):
        if not found or cell["first"]["mean"] > found[-1]["first"]["mean"]:
            found.append(cell)
    return found


def match(way: Way) -> tuple[measured.Point, measured.Point]:
    """The teacher beside a way of its student: at most as many evaluations, and as many prompts met.

    The second is the cheapest that cannot be told from the student: whose interval reaches the student's.
    """
    best, low = teacher_at_best(), way.marks["second"]["low"]
    alike = [point for point in best if point["evaluations"] <= way.evaluations]
    equals = [point for point in best if point["second"]["high"] >= low]
    return alike[-1], equals[0]


def curve_panel(after: Guess | None = None) -> Shown:
    """Prompts met over evaluations: the teacher at w = 4 and at its best w, and where its student stands.

    Closed until a guess that it comes `after`.
    """
    plain = [point | {"evaluations": 2 * point["steps"]} for point in measured.curves()["steps"]]
    student = [dict(way.marks) | {"evaluations": way.evaluations} for way in reversed(ways(STUDENT))]
    series = [
        measured.adherence_series(plain, "evaluations", f"teacher, w = {GUIDANCE:g}") | {"dash": True},
        measured.adherence_series(teacher_at_best(), "evaluations", "teacher, best w"),
        measured.adherence_series(student, "evaluations", "student"),
    ]
    return measured.panel(series, "evaluations", "prompts met", after, x_log=True, y_range=[0, 1.02])


def kept(student: Way, teacher: Way) -> float:
    """The share of the teacher's variety that a student keeps."""
    return student.variety["mean"] / teacher.variety["mean"]


def painted_now(way: Way) -> measured.Again:
    """The first questions of the exam painted once more in this way."""
    return measured.painted_now(way.painter, **way.settings)
