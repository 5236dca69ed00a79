"""What a recording has finished so far: a file a picture, without loss, in a folder beside the gallery."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.galleries.container import Model, Shot, write
from course_utils.metrics.round_trip import MEASURES, RoundTrip
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError

BEGUN = ".begun"  # of the folder's name
WHOSE = "model.json"


class Beginnings:
    """The finished pictures of a recording of `model` that will be written to `target`.

    Raises `CourseError` where nothing can be written, or a recording of another model is under way.
    """

    def __init__(self, target: Path, model: Model) -> None:
        self.folder = target.with_name(target.name + BEGUN)
        whose, mine = self.folder / WHOSE, json.dumps(asdict(model), indent=1)
        if not whose.exists():
            write(whose, mine.encode())
        if whose.read_bytes() != mine.encode():
            raise CourseError(
                f"{str(self.folder)!r} holds the beginnings of another recording: delete that folder, or "
                "name another file with -o."
            )

    def shot(self, settings: Settings) -> Shot | None:
        """The picture with these settings, if it is finished."""
        found = _load(self._place(settings))
        if found is None:
            return None
        about = json.loads(str(found["about"]))
        timesteps = tuple(found["timesteps"].tolist())
        return Shot(settings, **about, pixels=found["pixels"], frames=found["frames"], timesteps=timesteps)

    def keep_shot(self, shot: Shot) -> Shot:
        """Keep a finished picture, and return it."""
        about = {name: getattr(shot, name) for name in ("evaluations", "seconds", "remark")}
        timesteps = np.array(shot.timesteps, int)
        _save(self._place(shot.settings), about, pixels=shot.pixels, frames=shot.frames, timesteps=timesteps)
        return shot

    def trip(self, name: str) -> RoundTrip | None:
        """The round trip of a bundled picture, if it is finished."""
        found = _load(self.folder / f"trip-{name}.npz")
        if found is None:
            return None
        return RoundTrip(found["before"], found["after"], **json.loads(str(found["about"])))

    def keep_trip(self, name: str, trip: RoundTrip) -> RoundTrip:
        """Keep a finished round trip, and return it."""
        about = {measure: getattr(trip, measure) for measure in MEASURES}
        _save(self.folder / f"trip-{name}.npz", about, before=trip.before, after=trip.after)
        return trip

    def forget(self) -> None:
        """Remove the folder: the gallery holds all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _place(self, settings: Settings) -> Path:
        return self.folder / f"{hashlib.sha256(settings.to_json().encode()).hexdigest()[:20]}.npz"


def _load(path: Path) -> Mapping[str, np.ndarray] | None:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except Exception:  # not painted yet, or damaged since: it is painted again
        return None


def _save(path: Path, about: Mapping[str, Any], **arrays: np.ndarray) -> None:
    target = io.BytesIO()
    np.savez_compressed(target, about=np.array(json.dumps(about)), **arrays)  # type: ignore[arg-type]
    write(path, target.getvalue())
