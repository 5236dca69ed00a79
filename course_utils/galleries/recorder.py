"""Paint every experiment once, keep what is finished, and put it into one file.

A recording that was interrupted goes on where it stopped: each picture lies, unspoilt, in a folder beside the
file until all are there.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from course_utils import pictures
from course_utils.galleries.beginnings import Beginnings
from course_utils.galleries.container import LONGEST, Made, Model, Shot, pack, write
from course_utils.galleries.experiments import EXPERIMENTS, PICTURES, UNHURRIED, Experiment
from course_utils.metrics.round_trip import RoundTrip, measured_round_trip
from course_utils.painters.hub.preview import place
from course_utils.painters.painting import Painting
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError

MOST_FRAMES = 16


@dataclass(frozen=True)
class Plan:
    """What is painted, whether its way is kept, too, and what is left out, with the reason."""

    wanted: Mapping[Settings, bool]
    left_out: Mapping[Settings, str]


def plan(painter: Any, title: str) -> Plan:
    """Every picture of the experiments that a painter, called `title`, can paint, each once."""
    wanted: dict[Settings, bool] = {}
    left_out: dict[Settings, str] = {}
    for experiment in EXPERIMENTS:
        for request in experiment.requests:
            settings = painter.defaults(**request)
            why = _senseless(painter, title, experiment, settings)
            if not why:
                wanted[settings] = wanted.get(settings, False) or experiment.film
            else:
                left_out.setdefault(settings, why)
    return Plan(wanted, {one: why for one, why in left_out.items() if one not in wanted})


def _senseless(painter: Any, title: str, experiment: Experiment, settings: Settings) -> str:
    """Why a painter is not asked for this picture, or ""."""
    if experiment.needs == UNHURRIED and painter.distilled:
        return (
            f"{title} was distilled to a few steps at its own guidance: {settings.steps} steps at "
            f"w = {settings.guidance:g} say nothing about it."
        )
    if experiment.needs not in ("", UNHURRIED) and not painter.distilled:
        return f"{title} was not distilled: so few steps as {settings.steps} are not for it."
    if settings.negative and settings.guidance <= 1:
        return f"{title} paints without guidance, and a negative prompt steers by guidance alone."
    try:
        painter.validate(settings)
    except CourseError as error:
        return str(error)
    return ""


def record(painter: Any, model: Model, target: Path) -> bytes:
    """Paint what is missing, write the gallery to `target`, and return its bytes.

    Raises `CourseError` where `target` cannot be written, or holds the beginnings of another recording.
    """
    whole = plan(painter, model.title)
    begun = Beginnings(target, model)
    here = Made(date.today().isoformat(), machine(painter), software())
    shots, trips = [], {}
    with tqdm(total=len(whole.wanted) + len(PICTURES), desc=model.title, unit="picture") as bar:
        for settings, film in whole.wanted.items():
            shots.append(begun.shot(settings) or begun.keep_shot(_shot(painter.paint(settings), film)))
            bar.update()
        for name in PICTURES:
            trips[name] = begun.trip(name) or begun.keep_trip(name, _trip(painter, name))
            bar.update()
    packed = pack(model, here, shots, whole.left_out, trips)
    write(target, packed)
    begun.forget()
    return packed


def _shot(painting: Painting, film: bool) -> Shot:
    states = painting.trajectory if film else []
    places = np.linspace(0, len(states) - 1, min(len(states), MOST_FRAMES)).round().astype(int)
    chosen = [states[k] for k in places]
    frames = [state.picture("clean") for state in chosen]
    return Shot(
        painting.settings,
        painting.evaluations,
        painting.seconds,
        " ".join(painting.remark.split())[:LONGEST],
        painting.pixels,
        np.stack(frames) if frames else np.zeros((0, *painting.pixels.shape), np.uint8),
        tuple(state.t for state in chosen),
    )


def _trip(painter: Any, name: str) -> RoundTrip:
    before = pictures.load(name, painter.side)
    latent = painter.encode_image(before)
    return measured_round_trip(before, painter.decode(latent), tuple(latent.shape))


def machine(painter: Any) -> str:
    """The device that a painter runs on, in words, without the name that its owner gave it."""
    device = place(painter.pipeline).type if hasattr(painter, "pipeline") else "cpu"
    if device == "cuda":
        return torch.cuda.get_device_name()
    if device == "xpu":
        return torch.xpu.get_device_name()
    return "an Apple GPU" if device == "mps" else f"a processor ({platform.machine()})"


def software() -> str:
    """The versions that decide a picture."""
    import diffusers

    return f"torch {torch.__version__}, diffusers {diffusers.__version__}"
