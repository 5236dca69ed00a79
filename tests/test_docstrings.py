"""Public functions say what they do, and the shapes of the arrays that they take and return."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "course_utils"

ARRAY = re.compile(r"\b(?:ndarray|NDArray|ArrayLike|Array|Tensor)\b")
SIZE = r"(?:\.\.\.|[\w.]+(?: ?(?:[-+*/]|//) ?\w+)*)"
# (batch, 4, height / 8, width / 8), (points,), (..., 2); a scalar; or of any shape.
SHAPE = re.compile(rf"\({SIZE}(?:,\s+{SIZE})+\)|\({SIZE},\)|\bscalars?\b|\bany\s+(?:one\s+)?shape\b")

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = Function | ast.ClassDef


class Public(NamedTuple):
    """A public function, method or class and the docstring that speaks for it."""

    place: str
    node: Documented
    docstring: str | None


def is_public(node: ast.AST) -> bool:
    return isinstance(node, Documented) and (not node.name.startswith("_") or node.name == "__call__")


def overrides(node: Documented) -> bool:
    """Say whether a method repeats one whose docstring stands in a base class."""
    return any(ast.unparse(decorator).endswith(("override", "overload")) for decorator in node.decorator_list)


def public(module: Path, body: list[ast.stmt], inside: str = "") -> Iterator[Public]:
    """Yield what a module offers: functions and classes, and the methods of the latter."""
    for node in filter(is_public, body):
        place = f"{module.relative_to(PACKAGE.parent)}:{node.lineno} {inside}{node.name}"
        yield Public(place, node, ast.get_docstring(node))
        if isinstance(node, ast.ClassDef):
            yield from public(module, node.body, f"{node.name}.")


def constructors(offered: list[Public]) -> Iterator[Public]:
    """Yield the constructors: a class's docstring speaks for its own."""
    for place, node, docstring in offered:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, Function) and member.name == "__init__":
                    yield Public(place, member, docstring)


def handles_arrays(node: Documented) -> bool:
    """Say whether a function's annotations name an array or tensor."""
    if isinstance(node, ast.ClassDef):
        return False
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
    annotations = [*(argument.annotation for argument in arguments), node.returns]
    return any(ARRAY.search(ast.unparse(annotation)) for annotation in annotations if annotation)


@cache
def offered() -> list[Public]:
    """All that the package offers."""
    trees = {
        module: ast.parse(module.read_text(encoding="utf-8")) for module in sorted(PACKAGE.rglob("*.py"))
    }
    return [found for module, tree in trees.items() for found in public(module, tree.body)]


def test_what_is_public_is_documented():
    silent = [place for place, node, docstring in offered() if not docstring and not overrides(node)]
    assert not silent, f"without a docstring: {', '.join(silent)}"


def test_functions_of_arrays_state_shapes():
    vague = [
        place
        for place, node, docstring in [*offered(), *constructors(offered())]
        if handles_arrays(node) and not SHAPE.search(docstring or "") and not overrides(node)
    ]
    assert not vague, (
        "say the shape of arrays in the docstring, as in (batch, 4, height, width), "
        f"'a scalar' or 'of any shape': {', '.join(vague)}"
    )


@pytest.mark.parametrize(
    ("docstring", "states"),
    [
        ("Return latents, (batch, 4, height / 8, width / 8).", True),
        ("Points (n, 2) in units of the data.", True),
        ("Levels (steps,) from noise to clean; a scalar loss.", True),
        ("Mix two states of any shape.", True),
        ("Return the picture (as the painter sees it, that is).", False),
        ("Return the noise.", False),
    ],
)
def test_the_rule_knows_a_shape(docstring, states):
    assert bool(SHAPE.search(docstring)) is states
