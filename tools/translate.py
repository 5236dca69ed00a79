"""Keep translations: gather what is to be translated, and write what follows from a catalogue.

    python tools/translate.py de

`course_utils/locale/de/LC_MESSAGES/course.po` is what a translator edits, as text or with a program such as
Poedit. Of it come the `.mo` beside it, which the package reads, and `notebooks/de`. Run the tool after
English texts have changed: new ones are added, those that were reworded are marked fuzzy, keep the old
translation and wait for the translator; until then they are said in English. A language that has no
catalogue yet gets one, empty.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import notebook_texts
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from course_utils import glossary, languages
from course_utils.widgets.base import texts_in

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, NOTEBOOKS = ROOT / "course_utils", ROOT / "notebooks"
TRANSLATED = ("01_forward_process",)
MARKS = ("tr", "N_")  # functions whose first argument is a text
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)[^)#\s]+")  # to a file; none within the page or out on the web


def english() -> Iterator[tuple[str, str]]:
    """Everything that is to be translated, each with the file it stands in; some of it more than once."""
    for name in TRANSLATED:
        place, notebook = f"notebooks/{name}.ipynb", read(name)
        yield from ((place, text) for text in notebook_texts.texts(notebook))
    yield from (("tools/contents.py", text) for text in _marked(ROOT / "tools" / "contents.py", "say"))
    yield ("tools/contents.py", notebook_texts.contents.DEEPER)
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from ((_named(path), text) for text in _marked(path, *MARKS))
    for path in sorted((PACKAGE / "widgets").glob("*.js")):
        yield from ((_named(path), text) for text in texts_in(path.read_text(encoding="utf-8")))
    yield from (("course_utils/challenges/challenges.toml", text) for text in _challenges())
    for anchor in terms():
        term = glossary.terms()[anchor]
        yield from (("course_utils/glossary.toml", text) for text in (term.name, term.text))


def read(name: str) -> nbformat.NotebookNode:
    """An English notebook of the course."""
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def terms() -> list[str]:
    """Anchors of the terms that a translated glossary holds: what its notebooks link, and the badges."""
    text = "\n".join((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8") for name in TRANSLATED)
    linked = {*re.findall(r"GLOSSARY\.md#([\w-]+)", text), *glossary.BADGES}
    return [anchor for anchor in glossary.terms() if anchor in linked]


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _marked(path: Path, *functions: str) -> Iterator[str]:
    """The texts that a Python file hands to these functions, also inside strings with values."""
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in functions and node.args
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        first = call.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _challenges() -> Iterator[str]:
    """The words of the challenges that stand in a translated notebook, without their code."""
    words = tomllib.loads((PACKAGE / "challenges" / "challenges.toml").read_text(encoding="utf-8"))
    for name in TRANSLATED:
        for key in re.findall(
            r"challenge_panel\(\\\"(\w+)", (NOTEBOOKS / f"{name}.ipynb").read_text("utf-8")
        ):
            one = words[key]
            yield from (text.strip("\n") for text in (one["title"], one["task"]))
            yield from (*one["hints"], *([one["par"]["unit"]] if "par" in one else []))


def catalogue_file(code: str) -> Path:
    """Where a translator finds the catalogue of a language."""
    return languages.FOLDER / code / "LC_MESSAGES" / f"{languages.DOMAIN}.po"


def load(code: str) -> Catalog:
    """The catalogue of a language as it is kept; an empty one where there is none."""
    path = catalogue_file(code)
    if not path.is_file():
        return Catalog(
            code,
            project="how image generators paint",
            copyright_holder="The course authors",
            last_translator="The course authors",
            language_team="The course authors",
            fuzzy=False,
        )
    with path.open("rb") as file:
        return read_po(file, locale=code)


def updated(catalogue: Catalog) -> Catalog:
    """The same catalogue with the English texts as they are now; what was reworded is fuzzy in it."""
    template = Catalog(creation_date=catalogue.creation_date)
    for place, text in english():
        template.add(text, locations=[(place, None)])
    catalogue.update(template, update_header_comment=False)
    return catalogue


def said(catalogue: Catalog, text: str) -> str:
    """The translation of a text; the text itself as long as there is none that holds."""
    message = catalogue.get(text)
    return message.string if message and message.string and not message.fuzzy else text


def relinked(markdown: str, here: Path) -> str:
    """Relative links of the folder above `here`, written for `here`, where a file may have its twin."""
    return LINK.sub(lambda link: link[0] if (here / link[0]).exists() else f"../{link[0]}", markdown)


def notebook(catalogue: Catalog, code: str, name: str) -> str:
    """A translated notebook as it is written."""
    folder = NOTEBOOKS / code
    found = notebook_texts.translated(read(name), lambda text: said(catalogue, text), code)
    for cell in found.cells:
        if cell.cell_type == "markdown":
            cell.source = relinked(cell.source, folder)
    ruff = [sys.executable, "-m", "ruff", "format", "--stdin-filename", f"{name}.ipynb", "-"]
    text = (nbformat.writes(found) + "\n").encode()
    return subprocess.run(ruff, input=text, capture_output=True, check=True, cwd=ROOT).stdout.decode()


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """The package speaks a language for a while, from its catalogue as it is now."""
    before = os.environ.get(languages.SWITCH)
    os.environ[languages.SWITCH] = code
    languages.forget()
    try:
        yield
    finally:
        os.environ.pop(languages.SWITCH) if before is None else os.environ.update({languages.SWITCH: before})


def glossary_page(code: str) -> str:
    """The terms of the translated notebooks, as a page."""
    with spoken(code):
        return relinked(glossary.page(terms(), [int(name[:2]) for name in TRANSLATED]), NOTEBOOKS / code)


def write(code: str) -> Catalog:
    """Bring everything of a language up to date, and return its catalogue."""
    path, catalogue = catalogue_file(code), updated(load(code))
    path.parent.mkdir(parents=True, exist_ok=True)
    (NOTEBOOKS / code).mkdir(exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, include_lineno=False)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    for name in (*(f"{one}.ipynb" for one in TRANSLATED), "GLOSSARY.md"):
        (NOTEBOOKS / code / name).touch()  # so that links between them stay in the folder
    for name in TRANSLATED:
        (NOTEBOOKS / code / f"{name}.ipynb").write_text(notebook(catalogue, code, name), encoding="utf-8")
    (NOTEBOOKS / code / "GLOSSARY.md").write_text(glossary_page(code), encoding="utf-8")
    return catalogue


def complaints(catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue as it is kept, one sentence a text."""
    said_in = {text: place for place, text in reversed(list(english()))}
    for text, place in said_in.items():
        message = catalogue.get(text)
        if message is None or not (message.string or message.fuzzy):
            yield f"“{text}” of {place} is not translated"
        elif message.fuzzy:
            yield f"“{text}” of {place} was reworded, and its translation not: “{message.string}”"
        elif unlike := notebook_texts.unlike(text, message.string):
            yield f"“{message.string}” and its English differ in {', '.join(unlike)}"
    for message in (*catalogue, *catalogue.obsolete.values()):
        if message.id and message.id not in said_in:
            yield f"“{message.id}” is translated, but no longer said"


def main() -> int:
    """Read the command line, write, and say what is left to a translator."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("language", help='its code, for example "de"')
    code = parser.parse_args().language
    write(code)
    left = list(complaints(load(code)))
    print(*(f"{complaint}." for complaint in left), sep="\n", end="\n" if left else "")
    print(f"{len(left)} texts are left to do in {catalogue_file(code).relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
