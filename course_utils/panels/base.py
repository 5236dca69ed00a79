"""What all panels share: how one is shown, how it speaks to a learner, the controls that recur."""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import ipywidgets as widgets

from course_utils.runtime import CourseError

Still = Callable[[], bytes]

LABEL = {"description_width": "initial"}


class Panel:
    """An instrument: rows of controls and views, shown live, with a still picture for where nothing runs.

    `alt` says in words what is to be seen. `still` returns PNG bytes; a page on GitHub or an export
    without scripts shows them in place of the live panel.
    """

    def __init__(self, rows: Sequence[widgets.Widget], alt: str, still: Still) -> None:
        self.alt = alt
        self._still = still
        self._message = widgets.HTML()
        self.root = widgets.VBox([*rows, self._message])
        self.root.add_class("cu-panel")

    def __repr__(self) -> str:
        return f"Panel({self.alt!r})"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.root.model_id,
            },
            "image/png": base64.b64encode(self._still()).decode("ascii"),
            "text/plain": repr(self),
        }

    def say(self, sentence: str) -> None:
        """Show one sentence below the panel; the empty one clears it."""
        self._message.value = f'<p class="cu-message" role="status">{html.escape(sentence)}</p>' if sentence else ""

    def answers(self, react: Callable[[], None]) -> Callable[..., None]:
        """Make `react` an observer: a `CourseError` becomes a sentence and the old picture stays."""

        @wraps(react)
        def observer(_change: Any = None) -> None:
            try:
                react()
            except CourseError as error:
                self.say(str(error))
            else:
                self.say("")

        return observer

    def repaint_on(self, react: Callable[[], None], *controls: widgets.Widget) -> None:
        """Call `react` now, and again whenever one of the controls settles on a new value."""
        observer = self.answers(react)
        for control in controls:
            control.observe(observer, "value")
        react()


def row(*items: widgets.Widget) -> widgets.Box:
    """Items side by side that wrap onto the next line in a narrow window."""
    return widgets.Box(
        list(items), layout=widgets.Layout(display="flex", flex_flow="row wrap", align_items="center", grid_gap="6px 14px")
    )


def views(*items: widgets.Widget) -> widgets.Box:
    """Views side by side, sharing the width evenly, one below the other where it is too small."""
    for item in items:
        item.layout.flex = "1 1 260px"
        item.layout.min_width = "0"
    return widgets.Box(list(items), layout=widgets.Layout(display="flex", flex_flow="row wrap", grid_gap="10px"))


def slider(label: str, low: int, high: int, value: int, **more: Any) -> widgets.IntSlider:
    """A whole-number slider that may be scrubbed; `more` goes to ipywidgets."""
    layout = widgets.Layout(flex="1 1 320px", width="auto", min_width="240px")
    return widgets.IntSlider(
        value=value, min=low, max=high, description=label, style=LABEL, layout=layout, **more
    )


def choice(label: str, options: Sequence[str], value: str) -> widgets.Dropdown:
    """A drop-down list."""
    return widgets.Dropdown(options=list(options), value=value, description=label, style=LABEL, layout={"width": "auto"})


def buttons(label: str, options: Sequence[str], value: str) -> widgets.ToggleButtons:
    """A row of buttons of which one is down."""
    return widgets.ToggleButtons(
        options=list(options), value=value, description=label, style={"description_width": "initial", "button_width": "auto"}
    )


def seed_box(value: int = 7) -> widgets.BoundedIntText:
    """A field for the seed, 0..999,999."""
    return widgets.BoundedIntText(
        value=value, min=0, max=999_999, description="seed", style=LABEL, layout={"width": "150px"}
    )


def tick(label: str, value: bool = False) -> widgets.Checkbox:
    """A box to tick."""
    return widgets.Checkbox(value=value, description=label, indent=False, layout={"width": "auto"})


def player(label: str, last: int, interval: int = 60, step: int = 1) -> tuple[widgets.Play, widgets.IntSlider]:
    """A play button and a slider 0..last that move together in the browser."""
    play = widgets.Play(min=0, max=last, step=step, interval=interval, layout={"width": "auto"})
    scrub = slider(label, 0, last, 0)
    widgets.jslink((play, "value"), (scrub, "value"))
    return play, scrub


def set_last(play: widgets.Play, scrub: widgets.IntSlider, last: int) -> None:
    """Give a run of another length to a player and go to its start."""
    for control in (play, scrub):
        control.value = 0
        control.max = last


def follow(control: widgets.Widget, *targets: tuple[widgets.Widget, str], trait: str = "value") -> None:
    """Let traits of views follow a control in the browser, without the kernel."""
    for target in targets:
        widgets.jslink((control, trait), target)
