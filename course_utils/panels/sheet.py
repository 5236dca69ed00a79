"""Episode 4, on pages: what steps buy, judged; samplers; where to spend the budget."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course_utils import judge, metrics, plots
from course_utils.metrics.pages import adherence
from course_utils.painters import SAMPLERS
from course_utils.panels import pages
from course_utils.panels.base import Panel, row, seed_box, text_field, views
from course_utils.panels.latest import Latest
from course_utils.runtime import MODELS, CourseError
from course_utils.training.exam import prompts
from course_utils.widgets import CurveView, Gallery

COUNTS = (1, 2, 3, 5, 10, 20, 60)


@dataclass(frozen=True)
class Sheet:
    """One prompt and static at several numbers of steps: pictures, evaluations and seconds."""

    counts: tuple[int, ...]
    pictures: np.ndarray
    evaluations: tuple[int, ...]
    seconds: tuple[float, ...]
    remark: str


@lru_cache(maxsize=16)
def contact_sheet(prompt: str, seed: int, sampler: str = "ddim", counts: tuple[int, ...] = COUNTS) -> Sheet:
    """Paint the same prompt from the same static with every number of steps."""
    painted = [pages.paint(pages.settings(prompt, seed=seed, sampler=sampler, steps=n)) for n in counts]
    return Sheet(
        counts,
        np.stack([painting.pixels for painting in painted]),
        tuple(painting.evaluations for painting in painted),
        tuple(painting.seconds for painting in painted),
        painted[0].remark,
    )


def sheet_panel(prompt: str = "a purple cat with a crown in the snow", seed: int = 7) -> Panel:
    """The contact sheet: 1 to 60 steps side by side, with what each cost."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    sampler = pages.sampler_choice()
    gallery = Gallery(alt="One page painted with 1 to 60 steps.")

    def wanted() -> tuple[str, int, str]:
        return words.value, seed_field.value, sampler.value

    def show(sheet: Sheet) -> str:
        rows = zip(sheet.counts, sheet.evaluations, sheet.seconds, strict=True)
        gallery.set_pictures(sheet.pictures, [f"{n} steps, {e} evaluations, {s:.2f} s" for n, e, s in rows])
        return sheet.remark

    panel = Panel(
        [row(words, seed_field, sampler), gallery],
        alt="A contact sheet over the number of steps.",
        still=lambda: _still(contact_sheet(*wanted())),
    )
    work = Latest(lambda asked, check: contact_sheet(*asked), show, panel.say, pages.busy([gallery]))
    panel.asks(work, wanted, words, seed_field, sampler)
    return panel


def _still(sheet: Sheet) -> bytes:
    figure, axes = plots.panes(len(sheet.counts), width=2, height=2.3)
    for axis, picture, count in zip(axes, sheet.pictures, sheet.counts, strict=True):
        plots.picture(axis, picture, f"{count} steps")
    return plots.jpeg(figure)


@lru_cache(maxsize=1)
def measured(painter: str = "picturebook") -> dict[str, Any]:
    """The committed curves of a painter, hundreds of paintings a point (`course_utils.training.measure`)."""
    path = MODELS / painter / "curves.json"
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        raise CourseError(
            f"The measured curves of {painter!r} are missing; make them with `make measure`."
        ) from None


def live_adherence(count: int = 24, seed: int = 0, **settings: Any) -> metrics.Share:
    """Recompute one point of a curve on the first questions of the exam."""
    texts = prompts("fresh")[:count]
    wanted = [pages.settings(text, seed=seed + k, **settings) for k, text in enumerate(texts)]
    painted = np.stack([painting.pixels for painting in pages.sheet(wanted)])
    return adherence(judge.load(), painted, texts)


def agrees(live: metrics.Share, committed: Mapping[str, float]) -> bool:
    """Whether a live share and a committed one may be the same: their intervals meet."""
    low, high = live.interval
    return low <= committed["high"] and committed["low"] <= high


def curve(points: Sequence[Mapping[str, float]], x: str, name: str, role: str) -> dict[str, Any]:
    """A committed curve as a view takes it: shares with their intervals as error bars."""
    return {
        "name": name,
        "role": role,
        "x": [point[x] for point in points],
        "y": [point["mean"] for point in points],
        "err": [(point["high"] - point["low"]) / 2 for point in points],
    }


def curves_panel(
    series: Sequence[Mapping[str, Any]], x_label: str, title: str, x_log: bool = False, **more: Any
) -> Panel:
    """Measured curves with error bars."""
    view = CurveView(title=title, x_label=x_label, x_log=x_log, series=list(series), alt=title, **more)

    def still() -> bytes:
        figure, axes = plots.panes(1, width=7)
        plots.curves(axes[0], list(series), x_label, title=title, x_log=x_log)
        return plots.png(figure)

    return Panel([views(view)], alt=title, still=still)


def samplers_series(curves: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Adherence of every sampler over evaluations."""
    return [
        curve(curves["samplers"][name], "evaluations", name, f"series{k}")
        for k, name in enumerate(SAMPLERS)
        if name in curves["samplers"]
    ]
