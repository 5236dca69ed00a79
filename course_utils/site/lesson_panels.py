"""Which panel a cell shows, by the call in it; and which panels have a wiring for the page.

The wiring of `panels/<episode>/<module>.py` is `web/instruments/<module>.js`, which exports a function under
each panel's own name.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from course_utils.site import npm

INSTRUMENTS = npm.WEB / "instruments"
_EXPORTED = re.compile(r"^export (?:async )?(?:function|const) (\w+)", re.MULTILINE)


class Calls:
    """Reads the cells of a notebook in their order, and names what each ends in."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}  # a name, and the last part of the module that it is or comes from

    def name(self, source: str) -> str:
        """The call a cell ends in as "module.function"; "" where it ends in something else."""
        body = ast.parse(source).body
        for node in ast.walk(ast.Module(body, [])):
            if isinstance(node, ast.ImportFrom):
                module = str(node.module).rpartition(".")[2]
                for alias in node.names:
                    self._known[alias.asname or alias.name] = f"{module}.{alias.name}"
        last = body[-1] if body else None
        if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
            return ""
        called = last.value.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            module = self._known.get(called.value.id, called.value.id).rpartition(".")[2]
            return f"{module}.{called.attr}"
        return self._known.get(called.id, "") if isinstance(called, ast.Name) else ""


def keywords(source: str) -> dict[str, Any]:
    """What the call that a cell ends in is given by name, as far as it is written out."""
    body = ast.parse(source).body
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return {}
    return {
        str(one.arg): one.value.value for one in last.value.keywords if isinstance(one.value, ast.Constant)
    }


def wired(folder: Path = INSTRUMENTS) -> set[str]:
    """All panels with a wiring, as "module.panel"."""
    return {
        f"{path.stem}.{name}"
        for path in sorted(folder.glob("*.js"))
        for name in _EXPORTED.findall(path.read_text(encoding="utf-8"))
    }
