"""What this machine can run, in one table: `python -m course_utils doctor`.

Every check gives an answer, even about things that are missing or broken; none changes anything.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from course_utils import cache, runtime
from course_utils.painters.hub.table import MODELS as LARGE
from course_utils.runtime import CourseError

OK, LIMITED, MISSING = "ok", "limited", "missing"

PACKAGES = ("diffusers", "transformers", "ipywidgets", "anywidget", "jupyterlab")
WEIGHTS = (
    "particles",
    "picturebook",
    "picturebook-clip",
    "picturebook-flow",
    "picturebook-fast",
    "judges",
)  # the models that belong to every copy of the course
# The front-end extensions that JupyterLab needs, and the packages that bring them.
LAB_EXTENSIONS = {"@jupyter-widgets/jupyterlab-manager": "jupyterlab_widgets", "anywidget": "anywidget"}

GIB = 2**30
ENOUGH_MEMORY = 2 * GIB  # five notebooks, one kernel at a time, beside a browser
ONLY_LARGE = "needed for large models only"


class Row(NamedTuple):
    """One line of the table: what was looked at, what was found, the verdict and, unless ok, a remedy."""

    what: str
    found: str
    verdict: str = OK
    remedy: str = ""


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; return 0 when nothing is missing, else 1."""
    argparse.ArgumentParser(prog="python -m course_utils doctor", description=__doc__).parse_args(arguments)
    rows = examine()
    print(table(rows))
    missing = [row.what for row in rows if row.verdict == MISSING]
    print(f"\nMissing: {', '.join(missing)}." if missing else "\nThis machine can run the course.")
    return 1 if missing else 0


def examine() -> list[Row]:
    """Return the rows of every check; a check that fails becomes a row that says so."""
    checks: list[tuple[str, Callable[[], Row]]] = [
        ("Python", lambda: Row("Python", platform.python_version())),
        ("system", lambda: Row("system", f"{platform.system()} {platform.release()}, {platform.machine()}")),
        ("cores", _cores),
        ("free memory", _memory),
        ("torch", _torch),
        ("graphics card", _graphics_card),
        *((name, partial(_package, name)) for name in PACKAGES),
        ("fast engine", _fast_engine),
        ("widgets", _widgets),
        ("network", _network),
        *((f"model {name}", partial(_model, name)) for name in _model_names()),
        *((f"large model {name}", partial(_large_model, name)) for name in LARGE),
    ]
    return [_guarded(what, check) for what, check in checks]


def table(rows: Sequence[Row]) -> str:
    """Return rows as text in aligned columns."""
    lines = [Row("what", "found", "verdict", "remedy"), *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    text = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line.remedy])
        for line in lines
    ]
    text.insert(1, "  ".join(["-" * width for width in widths] + ["-" * len("remedy")]))
    return "\n".join(line.rstrip() for line in text)


def _guarded(what: str, check: Callable[[], Row]) -> Row:
    try:
        return check()
    except Exception as error:  # a doctor that falls ill helps nobody: whatever is broken becomes a row
        reason = (str(error) or type(error).__name__).splitlines()[0]
        found = f"broken: {reason[:60]}"
        if isinstance(error, ImportError) or what in ("torch", *PACKAGES):
            return Row(what, found, MISSING, "install it again")
        return Row(what, found, LIMITED, "this could not be checked; the course may run all the same")


def _large_model(name: str) -> Row:
    from course_utils.painters.hub import choose

    row, what = LARGE[name], f"large model {name}"
    cached = choose.cached_folder(row) is not None
    found = "downloaded" if cached else f"{row.download_gb:g} GB to download"
    try:
        chosen = choose.plan(row, choose.this_machine(), cached)
    except CourseError as error:
        return Row(what, found, LIMITED, str(error))
    return Row(what, f"{found}; {chosen.precision}, {chosen.placement}")


def _cores() -> Row:
    count = runtime.cores()
    return Row("cores", str(count)) if count > 1 else Row("cores", "1", LIMITED, "works, about half as fast")


def _memory() -> Row:
    free = runtime.free_memory()
    found = f"{free / GIB:.1f} GiB"
    if free >= ENOUGH_MEMORY:
        return Row("free memory", found)
    return Row("free memory", found, LIMITED, "close other programs")


def _fast_engine() -> Row:
    """What repaints while a slider moves; without it torch does, several times slower."""
    slow = "the built-in painters paint with torch, several times slower"
    try:
        found = f"onnxruntime {importlib.metadata.version('onnxruntime')}"
        for builder in ("onnx", "onnxscript"):
            importlib.metadata.version(builder)
    except importlib.metadata.PackageNotFoundError as error:
        return Row("fast engine", f"no {error.name}", LIMITED, f"{slow}: pip install -e '.[fast]'")
    place = cache.folder()
    while not os.path.lexists(place):
        place = place.parent
    if not (os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK)):  # noqa: PTH112
        remedy = f"{slow}: {place} is not writable, set COURSE_CACHE to a folder that is"
        return Row("fast engine", found, LIMITED, remedy)
    return Row("fast engine", found)


def _torch() -> Row:
    row = _package("torch")
    if row.verdict == MISSING:
        return row
    import torch

    device = runtime.best_device()
    return row._replace(found=f"{row.found}, {torch.get_num_threads()} threads, device {device}")


def _graphics_card() -> Row:
    import torch

    device = runtime.best_device()
    if device == "cpu":
        return Row("graphics card", "none that torch can use", LIMITED, ONLY_LARGE)
    if device != "cuda":
        return Row("graphics card", device)
    card = torch.cuda.get_device_properties(0)
    return Row("graphics card", f"{card.name}, {card.total_memory / GIB:.0f} GiB")


def _package(name: str) -> Row:
    """Report the installed version of a package against the bounds that the course declares for it."""
    bounds = _bounds().get(name, "")
    remedy = f'pip install "{name}{bounds}"'
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Row(name, "not installed", MISSING, remedy)
    from packaging.specifiers import SpecifierSet

    fits = SpecifierSet(bounds).contains(version, prereleases=True)
    return Row(name, version) if fits else Row(name, version, LIMITED, remedy)


def _bounds() -> dict[str, str]:
    """Return {package: version bounds}; empty where the course runs from a folder, not installed."""
    from packaging.requirements import Requirement

    try:
        declared = importlib.metadata.requires("course-utils") or []
    except importlib.metadata.PackageNotFoundError:
        declared = []
    requirements = [Requirement(line) for line in declared]
    return {entry.name: str(entry.specifier) for entry in requirements if entry.marker is None}


def _widgets() -> Row:
    """Look for the two front-end extensions that JupyterLab needs to show the instruments."""
    from jupyter_core.paths import jupyter_path

    try:
        folders = jupyter_path("labextensions")
    except RuntimeError:  # a nameless user without HOME
        return Row("widgets", "no home folder", LIMITED, "set HOME to a folder of your own for JupyterLab")
    for name, package in LAB_EXTENSIONS.items():
        if any(Path(at, name).is_dir() for at in folders):
            continue
        home = _installed_at(package, name)
        if home is None:
            remedy = f"pip install --force-reinstall {package}, reload the page"
        else:
            remedy = f"it is installed where JupyterLab does not look: set JUPYTER_PATH={home}"
        return Row("widgets", f"no {name}", MISSING, remedy)
    return Row("widgets", "JupyterLab can show them")


def _installed_at(package: str, extension: str) -> Path | None:
    """The Jupyter data folder into which a package has put its front-end extension, if it lies there."""
    try:
        files = importlib.metadata.files(package) or []
    except importlib.metadata.PackageNotFoundError:
        return None
    tail = ("labextensions", *extension.split("/"), "package.json")
    places = [Path(str(file.locate())).resolve() for file in files if file.parts[-len(tail) :] == tail]
    return next((place.parents[len(tail) - 1] for place in places if place.exists()), None)


def _network() -> Row:
    """Ask the hub of the large models about one of them, unless told to stay offline."""
    if switch := runtime.offline_switch():
        return Row("network", f"offline, as {switch} asks", LIMITED, ONLY_LARGE)
    from course_utils.painters.hub.network import trouble

    found = trouble()
    if found is None:
        return Row("network", "the model hub answers")
    return Row("network", found.what, LIMITED, f"{ONLY_LARGE}: {found.remedy}")


def _model_names() -> list[str]:
    present = {path.parent.name for path in runtime.MODELS.glob(f"*/{runtime.CHECKSUMS}")}
    return sorted(present | set(WEIGHTS))


def _model(name: str) -> Row:
    what, folder = f"model {name}", runtime.MODELS / name
    remedy = f"git checkout -- data/models/{name}"
    if not folder.is_dir():
        return Row(what, "not found", MISSING, remedy)
    try:
        runtime.verify_checksums(folder)
    except runtime.CourseError:
        return Row(what, "damaged or incomplete", MISSING, remedy)
    return Row(what, "present, checksums agree")
