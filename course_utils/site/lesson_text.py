"""The text of a notebook as HTML: Markdown, formulas as MathML, links to pages instead of files."""

from __future__ import annotations

import html
import json
import posixpath
import re
import subprocess
import tomllib
from functools import cache
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from course_utils import glossary
from course_utils.runtime import ROOT, CourseError
from course_utils.site import npm

GLOSSARY = "GLOSSARY.md"
# Files beside a notebook, and the pages that they become.
PAGES = {GLOSSARY: "glossary.html"} | {
    name: name.replace(".ipynb", ".html") for name, _ in glossary.NOTEBOOKS.values()
}
_HELD = re.compile("\x02([0-9]+)\x03")
# A table whose first column has no head: there stand the heads of its rows.
_NAMED_ROWS = re.compile(r"<table>\s*<thead>\s*<tr>\s*<th[^>]*></th>.*?</table>", re.DOTALL)
_FIRST_CELL = re.compile(r"(<tr>\s*)<td[^>]*>(.*?)</td>", re.DOTALL)
_NO_HEAD = re.compile(r"<th\b[^>]*>\s*</th>")
_ELSEWHERE = re.compile(r"[a-z]+:")
_LINK = re.compile(r'(<a\b[^>]*?\bhref=")([^"]*)(")')


class Formulas:
    """Formulas met while pages are written, typeset all at once."""

    def __init__(self) -> None:
        self._held: list[dict[str, Any]] = []
        self._typeset: list[str] = []

    def hold(self, tex: str, display: bool) -> str:
        """Return what stands for a formula until `fill`."""
        self._held.append({"tex": tex.strip(), "display": display})
        return f"\x02{len(self._held) - 1}\x03"

    def fill(self, text: str) -> str:
        """Put the formulas of some HTML into their places. Raises `CourseError` for one that is wrong."""
        if len(self._typeset) < len(self._held):
            self._typeset = _mathml(self._held)
        return _HELD.sub(lambda found: self._typeset[int(found[1])], text)


def _mathml(formulas: list[dict[str, Any]]) -> list[str]:
    command = ["node", str(npm.WEB / "build" / "formulas.js")]
    done = subprocess.run(command, input=json.dumps(formulas), capture_output=True, text=True)
    if done.returncode:
        said = re.search(r"(?:ParseError|Error): .*", done.stderr)
        raise CourseError(f"A formula of the notebooks is wrong: {said[0] if said else done.stderr.strip()}")
    return list(json.loads(done.stdout))


class _Renderer(IPythonRenderer):
    """Markdown as nbconvert renders it, with its formulas held."""

    def __init__(self, formulas: Formulas) -> None:
        super().__init__(escape=False, anchor_link_text="#")
        self._formulas = formulas

    def block_math(self, body: str) -> str:
        """See the library."""
        return self._formulas.hold(body, display=True)

    def inline_math(self, body: str) -> str:
        """See the library."""
        return self._formulas.hold(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:
        """See the library."""
        return self._formulas.hold(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)


def rendered(markdown: str, formulas: Formulas) -> str:
    """Markdown as HTML whose formulas are held and whose links lead to pages."""
    # A table that is wider than a telephone moves by itself, not the page.
    text = MarkdownWithMath(renderer=_Renderer(formulas)).render(markdown)
    text = _NAMED_ROWS.sub(lambda found: _FIRST_CELL.sub(r'\1<th scope="row">\2</th>', found[0]), text)
    text = text.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
    text = text.replace('class="anchor-link"', 'class="anchor-link" aria-hidden="true" tabindex="-1"')
    return adapted(text)


@cache
def in_repository(path: str) -> str:
    """The address of a file of the repository, for those who read the pages elsewhere."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return f"{project['urls']['Repository']}/blob/main/{path}"


def adapted(text: str) -> str:
    """HTML of a notebook for its page.

    Links to notebooks and terms lead to their pages, a term brings its meaning along; a corner of a table
    that says nothing is no head.
    """
    text = _NO_HEAD.sub("<td></td>", text)
    return _LINK.sub(lambda found: found[1] + _target(html.unescape(found[2])) + found[3], text)


def _target(address: str) -> str:
    file, mark, place = address.partition("#")
    if file and not _ELSEWHERE.match(address) and file not in PAGES:
        file = in_repository(posixpath.normpath(posixpath.join("notebooks", file)))
    target = html.escape(PAGES.get(file, file) + mark + place)
    if file == GLOSSARY and place:
        meaning = html.escape(glossary.define(place))
        return f'{target}" class="term" data-meaning="{meaning}" aria-description="{meaning}'
    return target
