"""python -m course_utils record sd15 - paint the notebooks' experiments once, for rooms without a GPU."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from course_utils import painters
from course_utils.galleries.beginnings import BEGUN
from course_utils.galleries.container import SUFFIX, Model
from course_utils.galleries.recorder import plan, record
from course_utils.galleries.shelf import HOME
from course_utils.painters.hub.table import CARD, MODELS, Row
from course_utils.runtime import CourseError, sha256

INTERRUPTED = 130  # as a shell tells of Ctrl+C


def main(arguments: Sequence[str]) -> int:
    """Paint each notebook's experiment once with a large model, into one file that any machine can show."""
    parser = argparse.ArgumentParser(
        prog="python -m course_utils record",
        description=main.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="what the licences ask of pictures:\n" + "\n".join(map(_licence, MODELS.values())),
    )
    parser.add_argument("model", help="a large model's name, or a local folder in diffusers' layout")
    parser.add_argument("-o", "--out", type=Path, help="the file (default: data/galleries/NAME.gallery)")
    parser.add_argument("--licence", default="", help="of a local folder: the licence of its weights")
    chosen = parser.parse_args(arguments)
    target = _target(chosen.out or HOME / f"{Path(chosen.model).resolve().name}.gallery")
    if chosen.model in MODELS:
        print(_licence(MODELS[chosen.model]))
    painter = _painter(chosen.model)
    model = described(painter, chosen.model, chosen.licence)
    for why in dict.fromkeys(plan(painter, model.title).left_out.values()):
        print(f"Left out: {why}")
    try:
        packed = record(painter, model, target)
    except KeyboardInterrupt:
        print(
            f"\nInterrupted: what is painted is kept in {target.name}{BEGUN}, and the same command goes on "
            "from there."
        )
        return INTERRUPTED
    print(f"{target}: {len(packed) / 1e6:.2f} MB. docs/galleries.md says how to hand it to a class.")
    return 0


def _licence(row: Row) -> str:
    return f"{row.name}: {row.licence}. {row.terms} {CARD.format(row.repositories[0])}"


def _target(path: Path) -> Path:
    if path.suffix != SUFFIX:
        raise CourseError(f"Notebooks look for files {'*' + SUFFIX!r}: name it {path.stem + SUFFIX!r}.")
    if path.is_dir():
        raise CourseError(f"{str(path)!r} is a folder: name a file in it.")
    return path


def _painter(name: str) -> Any:
    """A painter worth recording. Raises `CourseError` for the others."""
    if name not in MODELS and not Path(name).is_dir():
        raise CourseError(
            f"There is nothing to record of {name!r}: the built-in painters paint everywhere; choose one of "
            f"{', '.join(MODELS)}, or a folder with a model_index.json."
        )
    painter = painters.load(name)
    if hasattr(painter, "pipeline"):
        painter.pipeline.set_progress_bar_config(disable=True)  # one bar is enough
    return painter


def described(painter: Any, name: str, licence: str = "") -> Model:
    """What a gallery says of its model: from the table of large models, or of a folder what is known."""
    usual = painter.defaults("a picture")
    settings = painter.side, usual.steps, float(usual.guidance), usual.sampler, painter.distilled
    row = MODELS.get(painter.name)
    if row is not None:
        home = row.repositories[0]
        terms = f"{row.terms} {CARD.format(home)}"
        return Model(row.name, row.title, home, row.revision, row.licence, terms, *settings)
    return Model(
        painter.name,
        painter.name,
        "",
        _fingerprint(Path(name)),
        licence or "licence not stated",
        "A local model: whoever made it can say what its licence asks of pictures.",
        *settings,
    )


def _fingerprint(folder: Path) -> str:
    """What stands for a revision where there is none: a hash of all weights."""
    weights = sorted(folder.rglob("*.safetensors"))
    sums = [f"{path.relative_to(folder).as_posix()} {sha256(path)}" for path in weights]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()[:40]
