"""Translations: whole, up to date with the English, and the same in all that is no word."""

from __future__ import annotations

import ast
import gettext
import re
import shutil
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils import languages

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
            begins = notebook_texts.LANGUAGE.format(code=code)
            assert other.source.count(begins) == ("bootstrap" in cell.metadata.get("tags", []))
            assert silent(cell.source) == silent(other.source.replace(begins, ""))
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


@pytest.mark.long
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


@pytest.mark.long
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
