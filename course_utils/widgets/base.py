"""What every front-end view shares: its look, its script, its name and its checks."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

import anywidget
from traitlets import Unicode

from course_utils import glossary
from course_utils.languages import language, tr
from course_utils.runtime import CourseError
from course_utils.widgets import marks, palette

_HERE = Path(__file__).parent
# Scripts in front of each view's own.
_EVERY_VIEW = ("shared", "terms", "guest", "reset", "slides", "keep", "late")
_SAID = re.compile(r'\b(?:tr|N_)\(\s*("(?:[^"\\]|\\.)*")')
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*[\s\S]*?\*/[ \t]*)\n", re.MULTILINE)


def _read(name: str) -> str:
    """A script or style sheet without its comments: a saved notebook holds it once for each view."""
    return _COMMENT.sub("", (_HERE / name).read_text(encoding="utf-8"))


def style(fronts: tuple[str, ...]) -> str:
    """The style sheet of what is made of these fronts: palette, the look of all views, the fronts' own."""
    sheets = [
        name for name in ("look.css", *(f"{front}.css" for front in fronts)) if (_HERE / name).is_file()
    ]
    unconnected = json.dumps(
        tr(
            "This panel is not connected to a kernel: run this cell again to paint; what it shows can "
            "still be scrubbed."
        ),
        ensure_ascii=False,
    )
    said = f".cu-panel {{ --cu-unconnected: {unconnected}; }}\n"
    return palette.css_variables() + said + "\n".join(_read(name) for name in sheets)


def _meanings() -> str:
    """The line of script that says what each badge means."""
    return f"const MEANINGS = {json.dumps({badge: glossary.define(badge) for badge in glossary.BADGES})};"


# What scripts take from tables in Python: it stands in front of them.
_TABLES: dict[str, Callable[[], str]] = {
    "terms": _meanings,
    "chart": partial(marks.script, "DASHED"),
    "marks": partial(marks.script, "MARKS", "DASHES", "REFERENCES"),
}


def _script(name: str) -> str:
    return (f"{_TABLES[name]()}\n" if name in _TABLES else "") + _read(f"{name}.js")


def texts_in(script: str) -> list[str]:
    """The texts that a script says by `tr` or marks by `N_`, in order, each once."""
    return list(dict.fromkeys(map(json.loads, _SAID.findall(script))))


@cache
def _front_end(fronts: tuple[str, ...], _language: str) -> tuple[str, str]:
    """Script and style sheet of a view that is made of some scripts, in the language that is spoken now."""
    script = "\n".join(map(_script, (*_EVERY_VIEW, *fronts)))
    words = {text: tr(text) for text in texts_in(script) if tr(text) != text}
    return f"const WORDS = {json.dumps(words, ensure_ascii=False)};\n{script}", style(fronts)


class View(anywidget.AnyWidget):
    """A view: data in through traits, pixels out in the browser, nothing waits for the kernel.

    A subclass lists in `_front` the scripts it is made of, its own one last; they are joined behind
    those of every view into one module, so no bundler is needed and nothing becomes global.
    """

    _front: ClassVar[tuple[str, ...]] = ()

    alt = Unicode("", help="What the view shows, in words, for those who cannot see it.").tag(sync=True)
    _ipython_display_ = None  # by this ipywidgets 7 would show the view without our words

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # anywidget makes a subclass for every instance; only a class that names its scripts reads them.
        if "_front" in cls.__dict__:
            cls._esm, cls._css = _front_end(cls._front, language())
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits: Any) -> None:
        self._esm, self._css = _front_end(self._front, language())  # anywidget makes traits of them
        super().__init__(**traits)

    def __repr__(self) -> str:
        """Return the class and the alt text: the same on every machine and in every run."""
        return f"{type(self).__name__}({self.alt!r})"

    def in_words(self) -> str:
        """Return what a page says in place of the view where no front end shows it: GitHub, an export."""
        return self.alt

    def in_html(self) -> str:
        """Return the same as HTML, for an exported page."""
        return f"<p>{html.escape(self.in_words())}</p>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return {**data, "text/plain": self.in_words(), "text/html": self.in_html()}, metadata

    @contextmanager
    def one_message(self) -> Iterator[None]:
        """Check and send all traits set inside the block together, when it ends."""
        with self.hold_sync(), self.hold_trait_notifications():
            yield


class SharedView(View):
    """A view that tells every page what one of them has set.

    On Colab each output is a page with models of its own, and ipywidgets 7 keeps such news from the others.
    """

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a page has set, and pass it on; who knows it already notices nothing."""
        super().set_state(sync_data)
        self.send_state(set(sync_data) & set(self.keys))


def check_length(value: bytes, unit: int, what: str) -> bytes:
    """Return bytes that are empty or a multiple of `unit` long, or raise `CourseError`."""
    if unit < 1 or len(value) % unit:
        raise CourseError(
            f"The {what} has {len(value)} bytes, which is not a multiple of {unit}; encode it again."
        )
    return value


def check_exact(value: bytes, length: int, what: str) -> bytes:
    """Return bytes that are empty or exactly `length` long, or raise `CourseError`."""
    if value and len(value) != length:
        raise CourseError(f"The {what} has {len(value)} bytes but needs {length}; check its size.")
    return value


def check_choice(value: str, options: tuple[str, ...], what: str) -> str:
    """Return `value` where it is one of `options`, or raise `CourseError`."""
    if value not in options:
        raise CourseError(f"The {what} is one of {', '.join(map(repr, options))}, not {value!r}.")
    return value


def check_range(value: float, low: float, high: float, what: str) -> Any:
    """Return `value` where it lies in low..high, or raise `CourseError`."""
    if not low <= value <= high:
        raise CourseError(f"The {what} lies between {low} and {high}; {value} does not.")
    return value
