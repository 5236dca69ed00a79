"""Translations: whole, up to date with the English, alike in what is no word, and heard in every panel."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
import sys
from pathlib import Path

import ipywidgets
import nbformat
import pytest
import torch
from panel_tools import all_widgets, control
from test_challenges import WRONG

from course_utils import glossary, languages, logbook
from course_utils.challenges import challenge_panel, closing_panel, opening_panel, path
from course_utils.challenges.catalogue import BY_NOTEBOOK, CHALLENGES
from course_utils.panels.base import Verdict
from course_utils.panels.forward import drowning, small_room
from course_utils.pictures import decode_upload, load
from course_utils.runtime import CourseError
from course_utils.schedules import add_noise, clean_from_noise, schedule
from course_utils.widgets import ChallengeCard, Guess, Upload

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import notebook_texts  # noqa: E402
import translate  # noqa: E402

NOTEBOOK = "01_forward_process"
CODES = languages.translated_into()
COMMAND = "run `python tools/translate.py {code}`, and see CONTRIBUTING, Translate a notebook"


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    """Every text that is to be translated, with a file that it stands in."""
    return {text: place for place, text in reversed(list(translate.english()))}


@pytest.mark.parametrize("code", CODES)
def test_everything_said_in_english_is_said_in_the_language_and_nothing_else(code, english):
    found = list(translate.complaints(translate.load(code)))
    assert CODES == ["de"] and len(english) > 400
    assert not found, "; ".join([*found, COMMAND.format(code=code)])


@pytest.mark.parametrize("code", CODES)
def test_what_follows_from_the_catalogue_is_up_to_date(code, english):
    catalogue = translate.load(code)
    with translate.catalogue_file(code).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert all(compiled.gettext(text) == catalogue[text].string for text in english)
    folder = ROOT / "notebooks" / code
    written = (folder / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8")
    assert written == translate.notebook(catalogue, code, NOTEBOOK), COMMAND.format(code=code)
    assert (folder / "GLOSSARY.md").read_text(encoding="utf-8") == translate.glossary_page(code)
    assert written.isascii() is False and "cu-" not in written  # no outputs: nothing that goes stale


class Silent(ast.NodeTransformer):
    """Code without its strings."""

    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        return ast.Constant("")


def silent(source):
    return ast.dump(Silent().visit(ast.parse(notebook_texts.MAGIC.sub(r"\1pass", source))))


@pytest.mark.parametrize("code", CODES)
def test_code_is_the_same_but_for_strings_and_remarks(code):
    original = translate.read(NOTEBOOK)
    twin = nbformat.read(ROOT / "notebooks" / code / f"{NOTEBOOK}.ipynb", as_version=4)
    nbformat.validate(twin)
    assert [cell.id for cell in original.cells] == [cell.id for cell in twin.cells]
    for cell, other in zip(original.cells, twin.cells, strict=True):
        if cell.cell_type == "code":
            spoken = other.source.replace(
                'import os\nimport sys\n\nos.environ["COURSE_LANGUAGE"] = "de"\n', ""
            )
            assert silent(cell.source.replace("import sys\n\n", "", 1)) == silent(
                spoken.replace("import sys\n\n", "", 1)
            )
            assert cell.source.count("#") == other.source.count("#")


@pytest.mark.parametrize("code", CODES)
def test_links_of_a_translated_notebook_lead_somewhere(code):
    folder = ROOT / "notebooks" / code
    twin = nbformat.read(folder / f"{NOTEBOOK}.ipynb", as_version=4)
    prose = "\n".join(cell.source for cell in twin.cells if cell.cell_type == "markdown")
    page = (folder / "GLOSSARY.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (.+)$", prose, re.MULTILINE)
    anchors = {heading.replace(" ", "-") for heading in headings}
    assert len(headings) == 12 and set(re.findall(r"\]\(#(.+?)\) \|", prose)) == anchors
    for file, anchor in re.findall(r"\]\(([\w./]+)#?([\w-]*)\)", prose):
        assert (folder / file).is_file(), file
        assert file != "GLOSSARY.md" or f'<a id="{anchor}"></a>' in page
    assert all((folder / file).is_file() for file in re.findall(r"\]\(([\w./]+\.ipynb)#", page))


@pytest.fixture
def apart(tmp_path, monkeypatch):
    """The tool writes into folders of the test's own."""
    shutil.copytree(languages.FOLDER, tmp_path / "locale")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks", ignore=shutil.ignore_patterns("0[2-5]*"))
    (tmp_path / "notebooks" / "02_reverse_process.ipynb").touch()
    monkeypatch.setattr(languages, "FOLDER", tmp_path / "locale")
    monkeypatch.setattr(translate, "NOTEBOOKS", tmp_path / "notebooks")
    yield tmp_path
    languages.forget()


def written(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


def test_running_the_tool_again_changes_nothing(apart):
    translate.write("de")
    once = written(apart)
    translate.write("de")
    assert written(apart) == once and len(once) >= 5


def test_what_was_reworded_is_said_in_english_until_the_translator_has_looked(apart, english, monkeypatch):
    old, new = "Fine detail is lost first.", "Fine detail is lost first of all."
    reworded = {new if text == old else text: place for text, place in english.items()}
    monkeypatch.setattr(translate, "english", lambda: ((place, text) for text, place in reworded.items()))
    catalogue = translate.write("de")
    assert translate.said(catalogue, new) == new and translate.load("de").get(new).fuzzy
    (found,) = translate.complaints(translate.load("de"))
    assert found == (
        f"“{new}” of course_utils/panels/forward/small_room.py was reworded, and its translation not: "
        "“Feine Einzelheiten gehen zuerst verloren.”"
    )


def test_a_language_nobody_has_begun_gets_an_empty_catalogue_and_speaks_english(apart):
    catalogue = translate.write("fr")
    assert all(not message.string for message in catalogue if message.id)
    text = (apart / "notebooks" / "fr" / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8")
    assert "One line of arithmetic" in text and 'COURSE_LANGUAGE\\"] = \\"fr' in text


def test_a_text_keeps_its_values_formulas_and_links():
    text = "At t = {t:g} $x$ is [here](a.md), `eps`."
    assert notebook_texts.unlike(text, "Hier ist [das](a.md) $x$ bei t = {t}, im Code `eps` und `x0`.") == []
    assert notebook_texts.unlike(text, "Bei t = {s} ist $y$ [hier](b.md).") == [
        *("{t}", "$x$", "`eps`", "a.md"),
        *("{s}", "$y$", "b.md"),
    ]


# --- a language in which every text is marked: what is not marked was never looked up -----------------------


class Marking(gettext.NullTranslations):
    def gettext(self, message):
        return f"⟦{message}⟧"


@pytest.fixture
def marked(monkeypatch, tmp_path):
    """The package speaks a language that puts every text in brackets."""
    monkeypatch.setenv(languages.SWITCH, "marked")
    monkeypatch.setattr(languages, "_catalogue", lambda _code: Marking())
    monkeypatch.setenv(logbook.SWITCH, str(tmp_path))


TRAITS = (
    *("description", "tooltip", "placeholder", "alt", "title", "labels", "captions", "question", "badge"),
    *("x_label", "y_label", "schedule_name", "picture_name", "task", "said", "record", "hints", "note"),
)
NO_WORD = {"eps", "learned", "dB", "par", "lt", "gt", "amp"}  # names of code; badges, which the view says


def shown_by(widget):
    """Every text that a widget shows."""
    for name in TRAITS:
        value = getattr(widget, name, None) or ""
        yield from [value] if isinstance(value, str) else map(str, value)
    yield from (str(curve["name"]) for curve in getattr(widget, "series", ()))
    yield from (str(label) for label in getattr(widget, "_options_labels", ()))
    if isinstance(widget, ipywidgets.HTML):
        yield re.sub(r"<[^>]*>", " ", widget.value)


def unmarked(text):
    """What of a text stands in no brackets, as far as it is a word."""
    while "⟦" in text:
        text, before = re.sub(r"⟦[^⟦⟧]*⟧", " ", text), text
        if text == before:
            break
    return [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NO_WORD]


PANELS = {
    "drown": drowning.drown_panel,
    "schedule": drowning.schedule_panel,
    "pairs": lambda: drowning.pairs_panel(drowning.training_pairs(load("cat", 32))),
    "two ways": lambda: drowning.two_ways_panel(drowning.two_ways(load("cat", 32))),
    "round trip": small_room.round_trip_panel,
    "drowning latents": small_room.drowning_panel,
    "opening": lambda: opening_panel(NOTEBOOK),
    "closing": lambda: closing_panel(NOTEBOOK),
}


@pytest.mark.parametrize("name", PANELS)
def test_whatever_a_panel_of_the_notebook_shows_was_looked_up(name, marked, painter, monkeypatch):
    monkeypatch.setattr(small_room.page_painting, "painter", lambda: painter)
    panel = PANELS[name]()
    missed = {text for one in all_widgets(panel.root) for text in shown_by(one) if unmarked(text)}
    assert missed == set() and not unmarked(panel.alt)


@pytest.mark.parametrize("task", BY_NOTEBOOK[NOTEBOOK], ids=lambda task: task.name)
def test_whatever_a_challenge_shows_was_looked_up(task, marked):
    panel = challenge_panel(task.name, lambda: ...)
    panel.check()
    for _ in range(4):
        panel.hint()
    panel.solve()
    card = panel.card
    assert "⟦" in card.said and len(card.hints) == 3
    missed = {text for one in all_widgets(panel.root) for text in shown_by(one) if unmarked(text)}
    assert missed == set()


MINE = [one.name for one in BY_NOTEBOOK[NOTEBOOK]]


@pytest.mark.parametrize(
    ("name", "which"), [(name, which) for name in MINE for which in range(len(WRONG[name]))]
)
def test_whatever_a_judge_says_was_looked_up(name, which, marked):
    _kind, answer = WRONG[name][which]
    outcome = CHALLENGES[name].check(lambda: answer)
    assert outcome.sentence[0] == "⟦" and outcome.sentence[-1] == "⟧", outcome.sentence


@pytest.mark.parametrize("name", MINE)
def test_praise_is_looked_up(name, marked):
    names = {"torch": torch, "schedule": schedule}
    exec(CHALLENGES[name].stub + "\n" + CHALLENGES[name].solution, names)
    outcome = CHALLENGES[name].check(lambda: names[CHALLENGES[name].answer])
    assert outcome.reached and outcome.sentence[0] == "⟦", outcome.sentence


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: decode_upload(b"", "a.png"),
        lambda: decode_upload(b"%PDF-1.4", "a.pdf"),
        lambda: decode_upload(b"II*\0", "a.tif"),
        lambda: decode_upload(b"words", "a.txt"),
        lambda: decode_upload(b"\x89PNG\r\n\x1a\n", "a.png"),
        lambda: load("dog"),
        lambda: schedule("quadratic"),
        lambda: add_noise(0.0, 0.0, 1001, schedule()),
        lambda: clean_from_noise(0.0, 0.0, 1000, schedule("straight path")),
        lambda: Upload()._checked(None, []),
    ],
)
def test_a_mistake_is_told_in_the_language(mistake, marked):
    with pytest.raises(CourseError, match=r"^⟦.*⟧$"):
        mistake()


def test_scripts_of_views_bring_their_words_along(marked):
    for kind in (Guess, ChallengeCard, Upload):
        assert "⟦" in kind()._esm.partition("\n")[0] and "⟦This panel is not connected" in kind()._css


# --- in German ----------------------------------------------------------------------------------------------


@pytest.fixture
def german(monkeypatch, tmp_path):
    monkeypatch.setenv(languages.SWITCH, "de_DE.UTF-8")
    monkeypatch.setenv(logbook.SWITCH, str(tmp_path))


def test_a_panel_speaks_german(german):
    panel = drowning.drown_panel()
    assert control(panel, "zurücksetzen") and control(panel, "Rauschplan").value == "scaled-linear"
    control(panel, "Bild").value = "page"  # the name in code
    assert repr(Verdict("So.")) == "Gemessen: So." and glossary.define("learned").startswith("Ein Abzeichen")


def test_a_guess_made_in_german_counts_in_english(german, monkeypatch):
    asked = next(stop for stop in path.stops(NOTEBOOK) if stop.kind == "guess")
    guess = Guess(question=languages.tr(asked.key), low=0, high=1000)
    guess.commit(355)
    assert guess.question != asked.key
    monkeypatch.delenv(languages.SWITCH)
    assert asked.state(logbook.current()) == "reached"
    onward = opening_panel(NOTEBOOK).strip.onward
    assert onward["key"] != asked.key


def test_an_answer_given_in_german_is_right_in_english(german, monkeypatch):
    opening_panel(NOTEBOOK).asking.answer("all the noise in it")
    shown = opening_panel(NOTEBOOK)
    pressed = [one for one in all_widgets(shown.root) if getattr(one, "button_style", "") == "primary"]
    assert [one.description for one in pressed] == ["das ganze Rauschen darin"]


def test_links_between_notebooks_lead_from_where_the_notebook_stands(monkeypatch):
    for folder, code, file in (
        ("notebooks", "", "01_forward_process.ipynb"),
        ("notebooks", "de", "de/01_forward_process.ipynb"),
        ("notebooks/de", "de", "01_forward_process.ipynb"),
        ("tests", "de", "01_forward_process.ipynb"),
    ):
        monkeypatch.setenv(languages.SWITCH, code)
        monkeypatch.chdir(ROOT / folder)
        assert path.link(NOTEBOOK) == file
    monkeypatch.chdir(ROOT / "notebooks" / "de")
    assert path.link("02_reverse_process") == "../02_reverse_process.ipynb"


def test_a_language_that_is_not_there_is_said_once_and_english_goes_on(monkeypatch, capsys):
    monkeypatch.setenv(languages.SWITCH, "klingon")
    languages.forget()
    assert languages.tr("the noise") == languages.tr("{a}", a="the noise") == "the noise"
    (said,) = capsys.readouterr().err.splitlines()
    assert said == (
        "The course does not speak 'klingon', and goes on in English: set COURSE_LANGUAGE to one of en, de."
    )
