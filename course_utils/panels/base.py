"""What all panels share: how one is shown, how it speaks to a learner, the controls that recur."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from course_utils import plots
from course_utils.languages import tr
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.panels.table import Table
from course_utils.runtime import CourseError
from course_utils.widgets import Drawing, Guess, Reveal, Upload
from course_utils.widgets.base import View
from course_utils.widgets.palette import LIGHT

Still = Callable[[], bytes]

LABEL = {"description_width": "initial"}
ROUNDS = 2  # how often a page is asked whether a value still waits there, when a panel is reset


class Panel:
    """An instrument: rows of controls and views, shown live, with a still picture for where nothing runs.

    `alt` says in words what is to be seen. `still` returns PNG or JPEG bytes; a page on GitHub or an
    export without scripts shows them in place of the live panel. `work` is what paints for it, if anything.
    """

    def __init__(self, rows: Sequence[widgets.Widget], alt: str, still: Still) -> None:
        self.alt = alt
        self._still = still
        self._message = widgets.HTML()
        self._initial = {control: control.value for control in _controls(rows)}
        reset = widgets.Button(
            description=tr("reset"),
            tooltip=tr("back to the first settings (key: R)"),
            layout={"width": "auto"},
        )
        reset.add_class("cu-reset")
        reset.on_click(lambda _button: self._reset_and_ask(ROUNDS))
        footer = [reset, self._message] if self._initial else [self._message]
        self.work: LatestOnlyWorker | None = None
        self.root = widgets.VBox([*rows, row(*footer)])
        self.root.add_class("cu-panel")
        own = (item for item in _all(rows) if isinstance(item, View) and not isinstance(item, Upload))
        self._answering = next(own, None)  # an upload's messages are its files
        if self._answering:
            self._answering.on_msg(self._page_answered)

    def __repr__(self) -> str:
        return f"Panel({self.alt!r})"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.root.model_id}
        shown = {"application/vnd.jupyter.widget-view+json": view, "text/plain": repr(self)}
        try:
            still = self._still()
        except CourseError:  # a control says something impossible just now; the panel shows itself
            return shown, {}
        kind = "image/png" if still.startswith(b"\x89PNG") else "image/jpeg"
        return {**shown, kind: base64.b64encode(still).decode("ascii")}, {kind: {"alt": self.alt}}

    def reset(self) -> None:
        """Put every control back to its first setting."""
        for control, value in self._initial.items():
            control.value = value

    def _reset_and_ask(self, rounds: int) -> None:
        # The last value of a slider just let go may still wait in the page until the kernel is done with the
        # one before, and would undo this when it comes. The page answers after all that it has sent; twice,
        # for a kernel takes the next message before it says that it is done.
        self.reset()
        if rounds and self._answering:
            self._answering.send({"reset": rounds})

    def _page_answered(self, _view: View, content: Any, _buffers: Any) -> None:
        rounds = content.get("reset", 0) if isinstance(content, dict) else 0
        if rounds in range(1, ROUNDS + 1):  # a page may send anything
            self._reset_and_ask(rounds - 1)

    def say(self, sentence: str) -> None:
        """Show one sentence below the panel; the empty one clears it."""
        self._message.value = (
            f'<p class="cu-message" role="status">{html.escape(sentence)}</p>' if sentence else ""
        )

    def repaint_on(
        self,
        react: Callable[[], str | None],
        *controls: widgets.Widget,
        also: Sequence[tuple[widgets.Widget, str]] = (),
    ) -> None:
        """Call `react` now, and again whenever one of the controls settles on a new value.

        `also` names further traits to watch, as (view, trait). What `react` returns is said below the
        panel. A `CourseError` raised later becomes such a sentence too, and the old picture stays.
        """

        def observer(_change: Any = None) -> None:
            try:
                self.say(react() or "")
            except CourseError as error:
                self.say(str(error))

        self.say(react() or "")
        for control, trait in (*((control, "value") for control in controls), *also):
            control.observe(observer, trait)

    def asks(
        self,
        painter: LatestOnlyWorker,
        wanted: Callable[[], Any],
        *controls: widgets.Widget,
        also: Sequence[tuple[widgets.Widget, str]] = (),
    ) -> Callable[[], None]:
        """Ask `painter` for what is wanted, now and whenever a control moves; the newest request counts.

        `also` names further traits to watch, as (view, trait). Returns what asks once more.
        """

        def observer(_change: Any = None) -> None:
            try:
                request = wanted()
            except CourseError as error:
                request = error
            painter.ask(request)

        self.work = painter
        painter.now(wanted())
        for control, trait in (*((control, "value") for control in controls), *also):
            control.observe(observer, trait)
        return observer


def _all(items: Iterable[widgets.Widget]) -> Iterator[widgets.Widget]:
    """These widgets and all that they hold."""
    for item in items:
        yield from _all(getattr(item, "children", ()))
        yield item


def _controls(items: Iterable[widgets.Widget]) -> list[widgets.Widget]:
    """The controls among these widgets and what they hold: all that has a value a learner can change."""
    return [w for w in _all(items) if isinstance(w, widgets.ValueWidget) and not isinstance(w, widgets.HTML)]


def row(*items: widgets.Widget) -> widgets.Box:
    """Items side by side that wrap onto the next line in a narrow window."""
    return widgets.Box(
        list(items),
        layout=widgets.Layout(
            display="flex", flex_flow="row wrap", align_items="center", grid_gap="6px 14px"
        ),
    )


def column(*items: widgets.Widget) -> widgets.Box:
    """Controls one below the other, to stand beside a view that must not leave the screen."""
    for item in items:
        item.layout.flex, item.layout.width, item.layout.min_width = "0 0 auto", "auto", "0"
    return widgets.Box(
        list(items), layout=widgets.Layout(display="flex", flex_flow="column", grid_gap="10px", min_width="0")
    )


def views(*items: widgets.Widget) -> widgets.Box:
    """Views side by side, sharing the width evenly, one below the other where it is too small."""
    for item in items:
        item.layout.flex = "1 1 170px"
        item.layout.min_width = "0"
    return widgets.Box(
        list(items),
        layout=widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="10px", margin="0 0 8px 0"),
    )


WIDE = {"flex": "1 1 320px", "width": "auto", "min_width": "240px"}


def slider(label: str, low: int, high: int, value: int, **more: Any) -> widgets.IntSlider:
    """A whole-number slider that may be scrubbed; `more` goes to ipywidgets."""
    return widgets.IntSlider(
        value=value, min=low, max=high, description=label, style=LABEL, layout=WIDE, **more
    )


def fine_slider(
    label: str, low: float, high: float, value: float, step: float, **more: Any
) -> widgets.FloatSlider:
    """A slider for numbers in between; `more` goes to ipywidgets."""
    return widgets.FloatSlider(
        value=value, min=low, max=high, step=step, description=label, style=LABEL, layout=WIDE, **more
    )


def choice(label: str, options: Sequence[str | tuple[str, str]], value: str) -> widgets.Dropdown:
    """A drop-down list; an option is a value, or a pair of what is shown and the value."""
    return widgets.Dropdown(
        options=list(options), value=value, description=label, style=LABEL, layout={"width": "auto"}
    )


def buttons(label: str, options: Sequence[str], value: str) -> widgets.ToggleButtons:
    """A row of buttons of which one is down."""
    return widgets.ToggleButtons(
        options=list(options),
        value=value,
        description=label,
        style={"description_width": "initial", "button_width": "auto"},
    )


def prompt_field(label: str, known: Sequence[str], value: str) -> widgets.Combobox:
    """A field for any text that proposes the known prompts."""
    return widgets.Combobox(
        value=value,
        options=list(known),
        ensure_option=False,
        description=label,
        style=LABEL,
        layout={"width": "190px"},
    )


def text_field(label: str, value: str, width: str = "420px") -> widgets.Text:
    """A field for a prompt of any words; it answers once it is typed (Enter, or a click elsewhere)."""
    return widgets.Text(
        value=value, description=label, continuous_update=False, style=LABEL, layout={"width": width}
    )


def letters_field() -> widgets.Text:
    """A field for a few letters; it answers once they are all typed (Enter, or a click elsewhere)."""
    return widgets.Text(
        description="or your letters", continuous_update=False, style=LABEL, layout={"width": "200px"}
    )


def seed_box(value: int = 7) -> widgets.BoundedIntText:
    """A field for the seed, 0..999,999."""
    return widgets.BoundedIntText(
        value=value, min=0, max=999_999, description=tr("seed"), style=LABEL, layout={"width": "150px"}
    )


def tick(label: str, value: bool = False) -> widgets.Checkbox:
    """A box to tick."""
    return widgets.Checkbox(value=value, description=label, indent=False, layout={"width": "auto"})


def player(
    label: str, last: int, interval: int = 60, step: int = 1
) -> tuple[widgets.Play, widgets.IntSlider]:
    """A play button and a slider 0..last that move together in the browser."""
    play = widgets.Play(min=0, max=last, step=step, interval=interval, layout={"width": "auto"})
    scrub = slider(label, 0, last, 0)
    widgets.jslink((play, "value"), (scrub, "value"))
    return play, scrub


def start(play: widgets.Play) -> None:
    """Set a player going; ipywidgets 7 has another name for it."""
    setattr(play, "playing" if play.has_trait("playing") else "_playing", True)


def set_last(play: widgets.Play, scrub: widgets.IntSlider, last: int) -> None:
    """Give a run of another length to a player and go to its start."""
    for control in (play, scrub):
        control.value = 0
        control.max = last


def follow(control: widgets.Widget, *targets: tuple[widgets.Widget, str], trait: str = "value") -> None:
    """Let traits of views follow a control in the browser, without the kernel."""
    for view, name in targets:
        setattr(view, name, getattr(control, trait))
        widgets.jslink((control, trait), (view, name))


Shown = Panel | Reveal  # a panel, or one that waits for a guess


def drawing(figure: Figure, alt: str) -> Drawing:
    """The view of a figure; `alt` says in words what is to be seen."""
    return Drawing(svg=plots.svg(figure), alt=alt)


def drawn(alt: str, figures: Mapping[str, Figure], after: Guess | None = None) -> Shown:
    """A panel of drawings that never move, its still the same ones; `figures` by what each shows in words.

    Drawings `after` a guess would give its answer away: they stay closed until the answer is open.
    """
    if after:
        svgs = [(words, plots.svg(figure)) for words, figure in figures.items()]
        return after.seal("", _about(after), drawn=svgs, still=plots.png(*figures.values()))
    shown = [drawing(figure, words) for words, figure in figures.items()]
    return Panel([views(*shown)], alt=alt, still=lambda: plots.png(*figures.values()))


def _about(guess: Guess) -> str:
    return tr("What was measured on: {question}", question=guess.question)


class Verdict:
    """A sentence whose figures the run computed, set apart from the text that was written beforehand.

    Three figures or more stand in a `table` below it. A verdict `after` a guess would give its answer away:
    it stays closed until the answer is open.
    """

    def __init__(self, sentence: str, after: Guess | None = None, table: Table | None = None) -> None:
        self.sentence, self.table = sentence, table
        lines = (table.head, table.rows) if table else ()
        self._sealed = after and after.seal(sentence, _about(after), *lines)

    def __repr__(self) -> str:
        if self._sealed:
            return self._sealed.in_words()
        return f"{tr('Measured')}: {self.sentence}" + (f"\n{self.table!r}" if self.table else "")

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        if self._sealed:
            return self._sealed._repr_mimebundle_()
        style = f"border-left:6px solid {LIGHT['muted']};padding:8px 14px;font-size:18px;line-height:1.45"
        said = f'<div role="note" style="{style}"><b>{tr("Measured")}</b> {html.escape(self.sentence)}</div>'
        said += self.table.html() if self.table else ""
        return {"text/plain": repr(self), "text/html": said}, {}


def judged(
    sentence: str, which: str = "first", after: Guess | None = None, table: Table | None = None
) -> Verdict:
    """A verdict that rests on what a judge saw, with how often that judge is right."""
    from course_utils import judge  # brings torch along

    return Verdict(f"{sentence} {judge.credentials(which)}", after, table)
