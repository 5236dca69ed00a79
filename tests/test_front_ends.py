"""Views are guests of many front ends: none leans on JupyterLab's look, its classes, or another's view."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from test_notebook_hygiene import ROOT, code_cells, every_notebook, read

from course_utils import widgets
from course_utils.widgets import Guess, Reveal
from course_utils.widgets.base import View

FRONT = ROOT / "course_utils" / "widgets"
VIEWS = [one for one in vars(widgets).values() if isinstance(one, type) and issubclass(one, View)]
STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
REFERENCE = re.compile(r"IPY_MODEL_([0-9a-f]+)")

# What belongs to one front end: its variables, its classes, its objects.
FOREIGN = re.compile(r"--(?:jp|vscode|colab|lm)-|\.(?:jp|lm|p|vscode|colab)-|jupyterapp|acquireVsCodeApi")
# Where it is named all the same, and what happens in another one.
GRANTED = {
    '[data-jp-deck-mode="presenting"] .jp-OutputArea-promptOverlay': "there is none to hide",
    ":has(.cu-panel) > .jp-Cell-inputWrapper": "slides with code beside them are JupyterLab's alone",
    '[data-jp-deck-mode="presenting"] .jp-NotebookPanel': "and so is the bar below them",
    '[data-jp-deck-mode="presenting"] .jp-RenderedHTML': "and larger letters, which slides need",
    '[data-jp-deck-mode="presenting"] .jp-RenderedImage': "and larger pictures",
    ".jp-deck-mod-visible": "the key asks for a panel with the focus",
    'closest(".jp-Notebook") ?? document': "the whole page instead",
    ".jp-NotebookPanel .cu-panel.jupyter-widgets-disconnected::before": "it says nothing of a lost kernel",
}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_no_style_takes_a_variable_that_another_front_end_lacks(view):
    sheet = re.sub(r"/\*[\s\S]*?\*/", "", view._css)
    used = set(re.findall(r"var\((--(?:jp|vscode|colab)-[\w-]+)\)", sheet))  # and nothing to fall back on
    assert used - set(re.findall(r"(--[\w-]+)\s*:", sheet)) == set()


@pytest.mark.parametrize(
    "path", sorted([*FRONT.glob("*.js"), *FRONT.glob("*.css")]), ids=lambda path: path.name
)
def test_no_view_needs_what_one_front_end_has(path):
    text = path.read_text(encoding="utf-8")
    for granted in GRANTED:
        text = text.replace(granted, "")
    own = re.sub(r"^\s*--jp-[\w-]+:", "", text, flags=re.MULTILINE)  # set here, for the controls
    own = own.replace("var(--jp-widgets-inline-height)", "")  # and taken from here
    assert FOREIGN.findall(own) == []
    # What a widget manager has besides differs: each step to it may end in nothing.
    assert re.findall(r"widget_manager\.", text) == []


def shown(name: str) -> Iterator[tuple[str, set[str]]]:
    """For each view that a notebook's outputs show, its model, and all models that it is made of."""
    models = read(name).metadata.widgets[STATE]["state"]

    def visit(model: str, found: set[str]) -> set[str]:
        if model in found or model not in models:
            return found
        found.add(model)
        for other in REFERENCE.findall(str(models[model]["state"])):
            visit(other, found)
        return found

    for cell in code_cells(name):
        for output in cell.outputs:
            if VIEW in output.get("data", {}):
                model = output.data[VIEW]["model_id"]
                yield model, visit(model, set())


@every_notebook
def test_an_output_shows_no_model_of_another_cell(name):
    """On Colab every output is a page of its own, with models of its own."""
    seen: set[str] = set()
    for model, parts in shown(name):
        assert not seen & parts, f"{model} stands in two outputs"
        seen |= parts
    assert seen


@every_notebook
def test_only_a_guess_and_its_answers_are_linked_from_output_to_output(name):
    """They are linked through the kernel as well (below); everything else stays within its output."""
    models = read(name).metadata.widgets[STATE]["state"]
    home = {part: model for model, parts in shown(name) for part in parts}
    for link in models.values():
        if "LinkModel" in link["model_name"]:
            ends = REFERENCE.findall(str([link["state"]["source"], link["state"]["target"]]))
            if len({home.get(end) for end in ends}) > 1:
                source, target = (models[end]["state"] for end in ends)
                assert "choices" in source and "sealed" in target


def test_a_guess_and_its_answers_find_each_other_through_the_kernel(monkeypatch):
    """As on Colab: what one page sets reaches the kernel, and the kernel tells the other page."""
    guess = Guess(question="Which one, on a page of its own?", choices=["one", "two"])
    answer, sealed = guess.reveal("one", "It is one."), guess.seal("One it is.")
    guess.set_state({"guess": "two", "opened": True})  # as a message of the browser does
    assert [(one.opened, one.guess) for one in (answer, sealed)] == [(True, "two")] * 2
    said: list[dict] = []
    monkeypatch.setattr(answer, "_send", lambda message, **_: said.append(message))
    answer.set_state({"guess": "one"})  # by a page that links the two itself
    assert {"method": "update", "state": {"guess": "one"}, "buffer_paths": []} in said
    other = Guess(question="And the other way?", choices=["one", "two"])
    late = other.reveal("one", "It is one.")
    late.set_state({"opened": True})
    assert other.opened and isinstance(late, Reveal)
