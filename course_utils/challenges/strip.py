"""Head and tail of a notebook: how far the learner is, a question, and what can be done with it all."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from course_utils import logbook
from course_utils.challenges import report
from course_utils.challenges.asking import Asking
from course_utils.challenges.path import TITLES, Stop, link, located, stops, title
from course_utils.languages import tr, wordings
from course_utils.panels.base import LABEL, Panel, row
from course_utils.panels.read_aloud import reader
from course_utils.runtime import CourseError, shown
from course_utils.widgets import PathStrip

EXPORT = "my-progress.csv"


def opening_panel(notebook: str) -> StripPanel:
    """For the head of a notebook, "01_forward_process": how far the learner is, a question, a voice.

    Raises `CourseError` for a name that is none.
    """
    book = logbook.current()
    asking = Asking(_known(notebook), "before", book)
    return StripPanel(notebook, book, asking, below=[reader(located(notebook))])


def closing_panel(notebook: str) -> StripPanel:
    """For its tail: how far the learner is, the question again, and the file with it all: export, reset.

    Raises `CourseError` for a name that is none.
    """
    book = logbook.current()
    asking = Asking(_known(notebook), "after", book)
    desk = _Desk(book)
    return StripPanel(notebook, book, asking, desk, below=desk.rows)


def _known(notebook: str) -> str:
    if notebook not in TITLES:
        raise CourseError(f"There is no notebook {shown(notebook)}; there are {', '.join(TITLES)}.")
    return notebook


class StripPanel(Panel):
    """A strip that follows the logbook, above a question and what else there is."""

    def __init__(
        self,
        notebook: str,
        book: logbook.Logbook,
        asking: Asking,
        desk: _Desk | None = None,
        below: Sequence[widgets.Widget] = (),
    ) -> None:
        self.notebook, self.asking, self.desk = notebook, asking, desk
        self._book = book
        self.strip = PathStrip(alt=tr("Your way through the course"))
        super().__init__([self.strip, *asking.rows], self.strip.alt, bytes)
        # Below the panel's own foot: what is typed or chosen there is no setting to put back.
        self.root.children = (*self.root.children, *below)
        self.show()
        panel = weakref.ref(self)  # the book outlives what a cell showed once

        def follow() -> None:
            known = panel()
            if known is not None:
                known.show()

        book.watch(follow)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.root.model_id}
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "text/plain": self.strip.in_words(),
            "text/html": self.strip.in_html(),
        }, {}

    def show(self) -> None:
        """Bring strip and question to what the logbook knows."""
        found = {name: stops(name) for name in TITLES}
        with self.strip.one_message():
            self.strip.notebooks = [
                {
                    "title": title(name),
                    "file": link(name),
                    "done": sum(stop.state(self._book) == "reached" for stop in found[name]),
                    "total": len(found[name]),
                    "here": name == self.notebook,
                }
                for name in TITLES
            ]
            self.strip.onward = self._onward(found)
            self.strip.note = self._book.trouble
        self.asking.show()

    def _onward(self, found: Mapping[str, Sequence[Stop]]) -> dict[str, Any]:
        """The first thing in this notebook that is not done, else the first notebook with such a thing."""
        for stop in found[self.notebook]:
            if stop.state(self._book) != "reached":
                words = f"{tr(stop.kind)}, {tr(stop.title)}"
                return {
                    "words": words,
                    "kind": stop.kind,
                    "key": stop.key,
                    "wordings": wordings(stop.key),
                    "section": tr(stop.section),
                }
        later = [*TITLES][[*TITLES].index(self.notebook) + 1 :]
        for name in (*later, *TITLES):
            if any(stop.state(self._book) != "reached" for stop in found[name]):
                return {"words": title(name), "file": link(name)}
        return {}


class _Desk:
    """What can be done with the progress: written to a file for a teacher, or forgotten."""

    def __init__(self, book: logbook.Logbook) -> None:
        self._book, self._sure = book, False
        self._name = widgets.Text(
            description=tr("your name, if you like"), style=LABEL, layout={"width": "320px"}
        )
        write = widgets.Button(description=tr("write my progress to a file"), layout={"width": "auto"})
        self._forget = widgets.Button(description=tr("forget my progress"), layout={"width": "auto"})
        self._said = widgets.HTML()
        write.on_click(lambda _button: self.export())
        self._forget.on_click(lambda _button: self.forget())
        self.rows = [row(self._name, write, self._forget), self._said]

    def export(self) -> None:
        """Write one file beside the notebook; it holds a name only if one was typed."""
        try:
            Path(EXPORT).write_text(
                report.as_csv(self._book, self._name.value), encoding="utf-8-sig", newline=""
            )
        except OSError as error:
            self._say(tr("{file} could not be written here: {why}.", file=EXPORT, why=error.strerror))
            return
        named = self._name.value.strip() != ""
        self._say(
            tr("Written to {file}, beside this notebook, with your name.", file=EXPORT)
            if named
            else tr("Written to {file}, beside this notebook, without a name.", file=EXPORT)
        )

    def forget(self) -> None:
        """Ask once, then forget everything."""
        if not self._sure:
            self._sure = True
            self._forget.description = tr("really forget it all")
            self._say(tr("That forgets everything from all five notebooks: press once more if you mean it."))
            return
        self._sure = False
        self._forget.description = tr("forget my progress")
        self._book.clear()
        self._say(tr("Forgotten. Run the notebook again to start afresh."))

    def _say(self, sentence: str) -> None:
        self._said.value = f'<p class="cu-message" role="status">{sentence}</p>'
