"""The front page: the painter with its dials, a still until it is there, and a way to each lesson."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template

import nbformat
import numpy as np
from PIL import Image

from course_utils.painters.painting import Painting
from course_utils.picturebook.captions import SAID_OF_STYLES
from course_utils.runtime import ROOT, CourseError
from course_utils.site.facts import painter_named
from course_utils.widgets import palette

TEMPLATE = ROOT / "web" / "index.html"
NOTEBOOKS = ROOT / "notebooks"
EXAMPLES = (
    "a cat astronaut in space, oil painting",
    "a blue boat at sea",
    "a cyberpunk dog",
    "a tabby cat on a windowsill, warm light",
    "a white owl at night, stained glass",
)
_TITLE = re.compile(r"# (\d+) · ([^:\n]+): ([^\n]+)")
_GAIN = re.compile(r"\*\*After this notebook you can\*\* (.+?\.)(?=\s|$)", re.DOTALL)
_MARKDOWN = re.compile(r"\[([^\]]+)\]\([^)]*\)|\*([^*]+)\*")  # a link, or emphasis


@dataclass(frozen=True)
class Lesson:
    """A notebook as the front page names it: page, number, name, motto, what one can do afterwards."""

    page: str
    number: str
    name: str
    motto: str
    gain: str


def write(folder: Path, painter: str) -> None:
    """Write index.html, its colours and its still, which `painter` paints, into a folder.

    Raises `CourseError` where a notebook does not say what the page says of it.
    """
    painting = painted(painter)
    painting.image.save(folder / "still.png")
    way = np.concatenate(
        [*(state.picture("noisy") for state in painting.trajectory), painting.pixels], axis=1
    )
    Image.fromarray(way).save(folder / "way.png")
    (folder / "palette.css").write_text(colours())
    course = lessons()
    steps, seed = painting.settings.steps, painting.settings.seed
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        prompt=escape(EXAMPLES[0]),
        still=escape(f"{EXAMPLES[0]}, painted in {steps} steps from seed {seed}."),
        width=way.shape[1],
        way=f"From left to right: static, and the page that comes out of it in {steps} steps.",
        examples=_lines(f'<button type="button">{escape(text)}</button>' for text in EXAMPLES),
        styles=_lines(_style(said) for said in ("", *SAID_OF_STYLES)),
        links=_lines(_link(lesson) for lesson in course),
        lessons=_lines(_entry(lesson) for lesson in course),
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def painted(painter: str) -> Painting:
    """What the page shows until its own painter is there, the way included."""
    found = painter_named(painter)
    return found.paint(found.defaults(EXAMPLES[0]))


def lessons(notebooks: Path = NOTEBOOKS) -> list[Lesson]:
    """The course's notebooks, in order. Raises `CourseError` for one without a title or an aim."""
    found = []
    for path in sorted(notebooks.glob("[0-9]*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        title, gain = _TITLE.search(text), _GAIN.search(text)
        if not title or not gain:
            missing = "aim (After this notebook you can ...)" if title else "title (# 1 · Name: motto)"
            raise CourseError(f"{path.name} has no {missing}, which the front page shows.")
        plain = _MARKDOWN.sub(lambda one: one[1] or one[2], gain[1])
        number, name, motto = title.groups()
        found.append(Lesson(f"{path.stem}.html", number, name, motto, " ".join(plain.split())))
    return found


def colours() -> str:
    """The course's palette for a whole page, as `--cu-...`: light, dark, or as the reader's system has it."""
    light = _block({**palette.colours(), "scheme": "light"})
    dark = _block({**palette.colours(dark=True), "scheme": "dark"})
    system = f"@media (prefers-color-scheme: dark) {{ html:not([theme]) {dark} }}"
    return f":root {light}\n{system}\nhtml[theme='dark'] {dark}\n"


def _block(values: dict[str, str]) -> str:
    return "{ " + " ".join(f"--cu-{name}: {value};" for name, value in values.items()) + " }"


def _lines(entries: Iterable[str]) -> str:
    return "\n".join(entries)


def _style(said: str) -> str:
    return f'<option value="{escape(said)}">{escape(said or "as the words say")}</option>'


def _link(lesson: Lesson) -> str:
    return f'<li><a href="{lesson.page}">{lesson.number} {escape(lesson.name)}</a></li>'


def _entry(lesson: Lesson) -> str:
    return (
        f'<li><a href="{lesson.page}"><span class="number" aria-hidden="true">{lesson.number}</span> '
        f"<strong>{escape(lesson.name)}</strong> <span>{escape(lesson.motto)}</span></a>"
        f"<p>Afterwards you can {escape(lesson.gain)}</p></li>"
    )
