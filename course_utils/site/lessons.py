"""The five lessons as pages: one source, the committed and executed notebooks."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Set
from pathlib import Path
from string import Template
from typing import Any

import nbformat

from course_utils import glossary
from course_utils.runtime import ROOT, CourseError
from course_utils.site import bundle
from course_utils.site.lesson_cells import LessonPage, PictureFiles
from course_utils.site.lesson_files import write_files
from course_utils.site.lesson_panels import wired
from course_utils.site.lesson_recordings import recordings
from course_utils.site.lesson_state import SavedWidgets
from course_utils.site.lesson_text import Formulas, in_repository, rendered

NOTEBOOKS = ROOT / "notebooks"
BESIDE = "lessons"  # the folder of all that lessons load
MOST_STATE = 4_000_000  # bytes of a lesson's state
TITLE = "How image generators paint"
_ABOUT = Template(
    '<p class="text about">The instruments work here, in your browser. To change the code, open '
    '<a href="$source">the notebook</a> that this page is made of.</p>'
)


def write_lessons(folder: Path, notebooks: Path = NOTEBOOKS) -> list[Path]:
    """Write the pages of all notebooks and of the glossary into `folder`; return them.

    Needs what `npm.install` installs. Raises `CourseError` where a cell can be shown neither live nor
    recorded, a wiring belongs to no panel, or a lesson has grown too large.
    """
    beside = folder / BESIDE
    beside.mkdir(parents=True, exist_ok=True)
    for leftover in beside.iterdir():
        leftover.unlink()  # of an earlier build
    formulas, wirings, recorded = Formulas(), frozenset(wired()), recordings()
    pages: dict[str, LessonPage] = {}
    for name, _ in glossary.NOTEBOOKS.values():
        notebook = _read(notebooks / name)
        stills = PictureFiles(beside, BESIDE)
        page = LessonPage(Path(name).stem, stills, formulas, wirings, SavedWidgets.of(notebook), recorded)
        page.write(notebook)
        pages[page.stem] = page
    _check_used(wirings | recorded.keys(), pages.values())
    bundle.write_script(beside / "lesson.js")
    bundle.write_style(beside / "lesson.css")
    write_files(beside)
    terms = rendered(glossary.page(), formulas)
    written = [_write_lesson(page, folder) for page in pages.values()]
    written.append(
        _write_page(folder / "glossary.html", "Glossary", f'<div class="text">{terms}</div>', formulas)
    )
    return written


def _read(path: Path) -> Any:
    if not path.is_file():
        raise CourseError(f"There is no notebook {path}: the lessons are made of the course's five.")
    return nbformat.read(path, as_version=4)


def _check_used(panels: Set[str], pages: Iterable[LessonPage]) -> None:
    met = {one["panel"] for page in pages for one in page.instruments.values()}
    if idle := sorted(panels - met):
        raise CourseError(
            f"No notebook shows {', '.join(idle)}: remove it from web/instruments or web/recorded."
        )


def _write_lesson(page: LessonPage, folder: Path) -> Path:
    state = {"models": page.saved.kept, "links": page.saved.links(), "instruments": page.instruments}
    script = f"lesson({json.dumps(state, ensure_ascii=False, separators=(',', ':'))})\n"
    if len(script) > MOST_STATE:
        raise CourseError(
            f"{page.stem} keeps {len(script) / 1e6:.1f} MB of widgets: record less, or smaller."
        )
    (folder / BESIDE / f"{page.stem}.js").write_text(script, encoding="utf-8")
    source = html.escape(in_repository(f"notebooks/{page.stem}.ipynb"))
    body = "\n".join([_ABOUT.substitute(source=source), *page.body])
    return _write_page(folder / f"{page.stem}.html", _title(page.stem), body, page.formulas, page.stem)


def _title(stem: str) -> str:
    return next(
        f"{number} · {title}"
        for number, (name, title) in glossary.NOTEBOOKS.items()
        if Path(name).stem == stem
    )


def _write_page(path: Path, title: str, body: str, formulas: Formulas, stem: str = "") -> Path:
    template = Template((bundle.LESSON / "page.html").read_text(encoding="utf-8"))
    state = f'<script defer src="{BESIDE}/{stem}.js"></script>' if stem else ""
    before, after = _neighbours(stem)
    filled = template.substitute(
        title=html.escape(title),
        course=TITLE,
        body=formulas.fill(body),
        beside=BESIDE,
        state=state,
        before=before,
        after=after,
    )
    path.write_text(filled, encoding="utf-8")
    return path


def _neighbours(stem: str) -> tuple[str, str]:
    """The links to the lessons before and after."""
    stems = [Path(name).stem for name, _ in glossary.NOTEBOOKS.values()]
    if stem not in stems:
        return "", ""
    place = stems.index(stem)
    before = stems[place - 1] if place else ""
    after = stems[place + 1] if place + 1 < len(stems) else ""
    return (
        f'<a rel="prev" href="{before}.html">← {_title(before)}</a>' if before else "",
        f'<a rel="next" href="{after}.html">{_title(after)} →</a>' if after else "",
    )
