"""In every episode: the same experiment on the real thing, where this machine can run it.

`model` takes the best model that is downloaded and fits, and says in one line which it is and why. On a
laptop a recorded gallery stands in for it, where there is one, or else the built-in painter, and the same
cells run on either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from course_utils import painters, plots
from course_utils.galleries import experiments, shelf
from course_utils.galleries.recorded import RecordedPainter
from course_utils.languages import N_, tr
from course_utils.painters import Painting, Settings
from course_utils.painters.hub.table import ORDERS
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, follow, player, row, views
from course_utils.panels.progress import watched
from course_utils.runtime import CourseError, counted
from course_utils.widgets import Film, Gallery

# What is recorded; a cell that asks for something else needs the model itself.
PROMPT, NEGATIVE, TABBY, DOG = experiments.PROMPT, experiments.NEGATIVE, experiments.TABBY, experiments.DOG
SIDE = 256  # pixels at which pictures of any size are shown
NO_GALLERY = N_(
    "No recorded gallery stands in for a large model: `python -m course_utils record sd15` makes one on a "
    "machine with a GPU, and docs/galleries.md says how to bring it here."
)


def model(order: str = "auto") -> Any:
    """The best painter that can run here without a download, or its recording, and a line on why.

    `order` is "auto", "quick" or "guided", or the name of one large model: then, where that cannot run here,
    its recording.
    """
    if order not in ORDERS:
        return _named(order)
    painter, why = painters.large(order)
    if painter is not None:
        return painter
    print(why)
    recorded = shelf.best(order)
    if recorded is None:
        print(tr(NO_GALLERY))
        return painters.load(ORDERS[order][-1])
    print(tr("Instead of it, what was recorded: {title}.", title=recorded.title))
    return recorded


def _named(name: str) -> Any:
    try:
        return painters.load(name)
    except CourseError as error:
        recorded = shelf.best(name)
        if recorded is None:
            raise
        print(f"{error} {tr('Instead of it, what was recorded.')}")
        return recorded


def gallery(painter: Any, prompt: str = PROMPT, seed: int = 7, **varied: Sequence[Any]) -> Panel:
    """One prompt and seed painted once for every value of one setting: `guidance=[1, 7, 20]`.

    What the model has no part for is left out, and said.
    """
    if len(varied) != 1:
        raise CourseError("Vary one setting at a time, for example guidance=[1, 7, 20].")
    ((name, values),) = varied.items()
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise CourseError(f"Give the values of {name} as a list, for example {name}=[{values!r}].")
    paintings, remarks = _painted(painter, [{"prompt": prompt, name: value} for value in values], seed)
    captions = [
        f"{name} {getattr(one.settings, name)}: {counted(one.evaluations, 'evaluation')}, "
        f"{one.seconds:.2g}\u00a0s"
        for one in paintings
    ]
    return _panel(painter, paintings, captions, remarks)


def pairs(painter: Any, requests: Sequence[dict[str, Any]], seed: int = 7) -> Panel:
    """Several requests, each with its own prompt and whatever else it sets, from one seed.

    A request may bring a seed of its own, and one without a prompt is for `PROMPT`.
    """
    paintings, remarks = _painted(painter, [{"prompt": PROMPT, **request} for request in requests], seed)
    captions = [one.settings.prompt + _without(one.settings.negative) for one in paintings]
    return _panel(painter, paintings, captions, remarks)


def film(painter: Any, prompt: str = PROMPT, seed: int = 7) -> Panel:
    """The clean guess, step by step, to be scrubbed; the finished picture alone where nothing decodes it."""
    painting, remark = painter.paint(painter.defaults(prompt, seed=seed)), ""
    try:
        frames, labels = page_painting.decoded(painting, "clean"), page_painting.labels(painting)
    except CourseError as error:
        frames, labels, remark = painting.pixels[None], ["finished"], str(error)
    shown = Film(title=title(painter), badge=_badge(painter), alt=f"{prompt}, guess by guess")
    shown.set_pictures(_small(frames), labels)
    play, scrub = player("frame", len(labels) - 1, interval=120)
    follow(scrub, (shown, "index"))
    panel = Panel(
        [row(play, scrub), views(shown)],
        alt=f"The film of: {prompt}",
        still=lambda: _still([painting], [prompt]),
    )
    panel.say(" ".join(filter(None, (painting.remark, remark, _provenance(painter)))))
    return panel


def title(painter: Any) -> str:
    """What paints here, so that no picture passes for another's."""
    return painter.title


def side(painter: Any) -> int:
    """Pixels along a side of what it paints."""
    return painter.side


def _painted(painter: Any, requests: Sequence[dict[str, Any]], seed: int) -> tuple[list[Painting], list[str]]:
    """What could be painted, and a sentence on each request that could not."""
    paintings, remarks = [], []
    for request in watched(f"painting with {title(painter)}", requests, len(requests)):
        unknown = request.keys() - {setting.name for setting in fields(Settings)}
        if unknown:
            raise CourseError(f"A painter knows no such setting: {', '.join(sorted(unknown))}.")
        try:
            paintings.append(painter.paint(painter.defaults(**{"seed": seed, **request})))
        except CourseError as error:
            remarks.append(str(error))
    return paintings, remarks


def _panel(painter: Any, paintings: Sequence[Painting], captions: list[str], remarks: list[str]) -> Panel:
    shown = Gallery(title=title(painter), badge=_badge(painter), alt=f"Painted by {title(painter)}.")
    if paintings:
        shown.set_pictures(np.concatenate([_small(one.pixels[None]) for one in paintings]), captions)
    panel = Panel([shown], alt=shown.alt, still=lambda: _still(paintings, captions))
    said = dict.fromkeys([*remarks, *(one.remark for one in paintings), _provenance(painter)])
    panel.say(" ".join(filter(None, said)))
    return panel


def _badge(painter: Any) -> str:
    return "recorded" if isinstance(painter, RecordedPainter) else "learned"


def _provenance(painter: Any) -> str:
    return painter.provenance if isinstance(painter, RecordedPainter) else ""


def _small(frames: np.ndarray) -> np.ndarray:
    """Frames (n, side, side, 3) no larger than they are shown."""
    return frames[:, :: max(1, frames.shape[1] // SIDE), :: max(1, frames.shape[2] // SIDE)]


def _without(negative: str) -> str:
    return f", without: {negative}" if negative else ""


def _still(paintings: Sequence[Painting], captions: Sequence[str]) -> bytes:
    figure, axes = plots.panes(max(1, len(paintings)))
    for axis, painting, caption in zip(axes, paintings, captions, strict=False):
        plots.picture(axis, painting.pixels, caption)
    return plots.jpeg(figure)
