"""The script and the style of all lessons: the views' own files, the page's host for them, the wirings."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from pygments.formatters import HtmlFormatter

from course_utils import glossary, widgets
from course_utils.runtime import CourseError
from course_utils.site import lesson_panels, npm
from course_utils.widgets import base, palette

LESSON = npm.WEB / "lesson"
PAGE = ".lesson"  # what wears the palette besides views and panels
CODE_LIGHT, CODE_DARK = "xcode", "monokai"  # whose every colour is read from the ground of code (WCAG 1.4.3)


def write_script(target: Path) -> None:
    """Write the one script of all lessons, which also runs from a file. Raises `CourseError`."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for view in widgets.__all__:
            (scratch / f"{view}.js").write_text(getattr(widgets, view)._esm, encoding="utf-8")
        views = [f'import {view} from "./{view}.js";' for view in widgets.__all__]
        (scratch / "views.js").write_text("\n".join([*views, _table("VIEWS", widgets.__all__)]))
        modules = sorted(path.stem for path in lesson_panels.INSTRUMENTS.glob("*.js"))
        wirings = [f'import * as {one} from "{lesson_panels.INSTRUMENTS / one}.js";' for one in modules]
        meanings = {badge: glossary.define(badge) for badge in glossary.BADGES}
        told = f"export const MEANINGS = {json.dumps(meanings)};"
        (scratch / "instruments.js").write_text("\n".join([*wirings, _table("INSTRUMENTS", modules), told]))
        _bundle(LESSON / "main.js", scratch, target)


def _table(name: str, members: list[str]) -> str:
    return f"export const {name} = {{ {', '.join(members)} }};"


def _bundle(source: Path, made: Path, target: Path) -> None:
    command = [
        str(npm.WEB / "node_modules" / ".bin" / "esbuild"),
        str(source),
        "--bundle",
        "--minify",
        "--format=iife",  # a classic script: browsers load no modules from a file
        "--charset=utf8",
        "--log-level=warning",
        f"--alias:course-views={made / 'views.js'}",
        f"--alias:course-instruments={made / 'instruments.js'}",
        f"--outfile={target.resolve()}",  # esbuild runs in another folder
    ]
    done = subprocess.run(command, cwd=npm.WEB, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"The lessons' script could not be put together: {done.stderr.strip()}")


def write_style(target: Path) -> None:
    """Write the one style sheet of all lessons."""
    fronts = dict.fromkeys(front for view in widgets.__all__ for front in getattr(widgets, view)._front)
    sheets = [
        palette.css_variables((PAGE,)),
        base.style(tuple(fronts)),
        *(path.read_text(encoding="utf-8") for path in sorted(LESSON.glob("*.css"))),
        _code(CODE_LIGHT, ""),
        _code(CODE_DARK, 'html[theme="dark"]'),
        f"@media (prefers-color-scheme: dark) {{\n{_code(CODE_DARK, 'html:not([theme])')}\n}}",
    ]
    target.write_text("\n".join(sheets), encoding="utf-8")


def _code(style: str, scope: str) -> str:
    """The colours of code, without a ground of its own."""
    rules = HtmlFormatter(style=style).get_style_defs(f"{scope} .code".strip()).splitlines()
    return "\n".join(rule for rule in rules if ".code ." in rule)
