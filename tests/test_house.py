"""The house: imports go one way, importing is cheap, and the files that name versions agree."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "course_utils"

# Ground floor first: a room imports only from rooms before it.
ROOMS = (
    "cgroups",
    "cache",
    "interrupts",
    "languages",
    "runtime",
    "colab",
    "logbook",
    "glossary",
    "schedules",
    "sampling",
    "guidance",
    "prompts",
    "pictures",
    "particles",
    "picturebook",
    "clip",
    "runcards",
    "painters",
    "judge",
    "metrics",
    "galleries",
    "training",
    "widgets",
    "plots",
    "charts",
    "panels",
    "challenges",
    "exports",
    "site",
    "doctor",
    "warm",
    "paint",
    "bench",
    "__main__",
)
COMPUTING = ROOMS[: ROOMS.index("metrics") + 1]
DRAWING_LIBRARIES = {"matplotlib", "ipywidgets", "anywidget", "IPython"}
SHOWING = ("widgets", "plots", "charts")
FOR_NOTEBOOKS_ONLY = {"panels", "challenges"}

CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    """Return the room a file of the package belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(tree: ast.AST) -> set[str]:
    """Return the dotted names that some code imports anywhere, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{ast.unparse(node)}: write imports of the package in full"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_rooms(names: set[str], room: str) -> set[str]:
    """Return the other rooms of the package among what a file of a room imports."""
    rooms = {name.split(".")[1] for name in names if name.startswith("course_utils.")}
    return (rooms & set(ROOMS)) - {room}


def test_every_room_is_on_the_plan():
    assert {room_of(path) for path in MODULES} <= set(ROOMS)


def test_imports_go_one_way():
    for path in MODULES:
        room, here = room_of(path), path.relative_to(PACKAGE)
        names = imported(parsed(path))
        rooms, libraries = imported_rooms(names, room), {name.split(".")[0] for name in names}
        above = {name for name in rooms if ROOMS.index(name) > ROOMS.index(room)}
        assert not above, f"{here}: {room} stands below {above} and must not import them"
        if room not in FOR_NOTEBOOKS_ONLY:
            assert not rooms & FOR_NOTEBOOKS_ONLY, (
                f"{here}: panels and challenges are for notebooks and tests"
            )
        if room in COMPUTING:
            assert not libraries & DRAWING_LIBRARIES, f"{here}: {room} computes and leaves drawing to others"
        if room in SHOWING:
            assert rooms <= {"languages", "runtime", "logbook", "glossary", "widgets"}, (
                f"{here}: {room} receives arrays and bytes, keeps what was guessed, says it, and that is all"
            )


def module_of(path: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imported_when_run(path: Path) -> frozenset[str]:
    """Return what a file imports of the package when it runs: anywhere, but for checks of types."""
    tree = parsed(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = []
    return frozenset(name for name in imported(tree) if name.startswith("course_utils"))


def imported_modules(path: Path, modules: set[str]) -> set[str]:
    """Return the modules among `modules` that a file imports when it runs."""
    found = imported_when_run(path)
    # A name out of a module stands for the module.
    return {name if name in modules else name.rpartition(".")[0] for name in found} & modules


def test_no_module_imports_itself_in_any_number_of_steps():
    modules = {module_of(path): path for path in PACKAGE.rglob("*.py")}
    graph = {name: imported_modules(path, set(modules)) - {name} for name, path in modules.items()}
    assert sum(map(len, graph.values())) > 400  # they have been found
    TopologicalSorter(graph).prepare()  # raises `CycleError` with the modules of a circle


def test_one_module_of_the_painters_knows_the_fast_engine():
    door = "course_utils.painters.inference"
    modules = {module_of(path): path for path in PACKAGE.rglob("*.py")}
    outside = {name: path for name, path in modules.items() if not name.startswith(door)}
    know = {
        name: {one for one in imported_modules(path, set(modules)) if one.startswith(door)}
        for name, path in outside.items()
    }
    inside = {name for name, found in know.items() if found and ".bench" not in name}
    assert inside == {"course_utils.painters.painter", "course_utils.site.web_graphs"}
    assert {one for found in know.values() for one in found} == {door}  # by its door


def test_importing_the_package_is_cheap():
    code = "import course_utils, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    heavy = {"torch", "matplotlib", "numpy", "scipy", "diffusers", "transformers", "ipywidgets", "PIL"}
    assert not heavy & set(loaded.stdout.split())


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def requirements(*extras: str) -> list[Requirement]:
    """Return what the package and some of its extras require."""
    optional = project()["optional-dependencies"]
    return [
        Requirement(line) for line in project()["dependencies"] + [r for e in extras for r in optional[e]]
    ]


def pins(name: str) -> dict[str, str]:
    """Return package -> version of a constraints file."""
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(package): version for package, version in pairs}


@pytest.mark.parametrize(
    ("name", "extras"),
    [("constraints.txt", ("test", "fast", "present")), ("constraints-colab.txt", ("test",))],
)
def test_the_tested_versions_lie_within_the_bounds(name, extras):
    tested = pins(name)
    for requirement in requirements(*extras):
        assert requirement.name in tested, f"{name} names no version of {requirement.name}"
        assert tested[requirement.name] in requirement.specifier, requirement


def test_the_tested_versions_run_on_the_oldest_python_that_is_let_in():
    """On its first release, too: distributions keep it for years."""
    oldest = re.search(r"\d+\.\d+", project()["requires-python"])[0] + ".0"
    refused = []
    for package, version in pins("constraints.txt").items():
        with suppress(PackageNotFoundError):  # what is for other systems is not installed here
            found = distribution(package)
            bounds = SpecifierSet(found.metadata["Requires-Python"] or "")
            if found.version == version and oldest not in bounds:
                refused.append(f"{package}=={version} wants Python {bounds}")
    assert not refused


def test_the_front_end_near_colabs_speaks_to_its_ipywidgets():
    """ipywidgets 7 has its pages in jupyterlab_widgets 1, and anywidget's page is of anywidget's version."""
    kernel, front = pins("constraints-colab.txt"), pins("constraints-colab-front.txt")
    assert kernel["ipywidgets"].startswith("7.") and front["jupyterlab-widgets"].startswith("1.")
    assert front["anywidget"] == kernel["anywidget"] and not {"torch", "course-utils"} & set(front)


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-colab.txt", "constraints-colab-front.txt"])
def test_constraints_hold_names_and_versions_only(name):
    for package, version in pins(name).items():
        assert re.fullmatch(r"[\d.]+(\.?post\d+)?", version), f"{package}=={version}"


def test_conda_and_pip_accept_the_same_versions():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    bounds = {
        requirement.name: requirement.specifier
        for requirement in (Requirement(line) for line in conda if isinstance(line, str))
    }
    assert conda[-1] == {"pip": ["-e .[fast]"]}
    assert bounds.pop("python") == Requirement(f"python{project()['requires-python']}").specifier
    bounds.pop("pip")
    assert bounds == {CONDA_NAMES.get(r.name, r.name): r.specifier for r in requirements()}
