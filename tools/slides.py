"""The slide path of each notebook: what a class sees of it on a projector, by one rule.

    python tools/slides.py notebooks            prints it
    python tools/slides.py --write notebooks    writes it into the metadata of the cells

Core sections are shown, and of the deeper ones those that the plans in TEACHING.md link to. A heading begins
a slide; instruments, guesses, polls, code that is the lesson, and formulas are one each: a clicker has one
way on. What was measured comes on the slide of its answer, at the next press; a table needs the room of one
of its own where code or an instrument stands above it. Other prose is for reading: it
becomes the speaker's notes. Plumbing and challenges are left out.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from contents import DEEPER, HEADING

SLIDE, SAME, NOTES, LEFT_OUT = "slide", "fragment", "notes", "skip"
PLUMBING = {"bootstrap", "contents", "check", "challenge"}  # tags
CLASS = "class"  # the tag of a poll
PLAN = "TEACHING.md"
TITLE = re.compile(r"^##? ", re.MULTILINE)
LINK = re.compile(r"\]\((\w+\.ipynb)#((?:[^()\s]|\([^()\s]*\))+)\)")


def linked(plan: str) -> set[tuple[str, str]]:
    """The sections that a text links to, as (file of the notebook, anchor)."""
    return set(LINK.findall(plan))


def place(cell: nbformat.NotebookNode) -> str:
    """Where a cell stands that belongs to a section which is shown."""
    tags = set(cell.metadata.get("tags", []))
    if PLUMBING & tags:
        return LEFT_OUT
    if cell.cell_type == "markdown":
        return SLIDE if TITLE.match(cell.source) or "$$" in cell.source else NOTES
    shows = any(output.get("data") for output in cell.outputs)
    folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
    if not folded:
        return SLIDE
    if not shows:
        return LEFT_OUT
    of_its_own = CLASS in tags or "Guess(" in cell.source or ".reveal(" in cell.source
    return SLIDE if of_its_own else SAME


def has_table(cell: nbformat.NotebookNode) -> bool:
    """Whether a table stands among a cell's outputs."""
    return any("<table" in output.get("data", {}).get("text/html", "") for output in cell.outputs)


def slide_path(
    notebook: nbformat.NotebookNode, visited: set[str]
) -> Iterator[tuple[nbformat.NotebookNode, str]]:
    """Every cell with its place; `visited` holds the anchors of deeper sections that are shown as well."""
    shown, below_prose = True, True
    for cell in notebook.cells:
        heading = HEADING.match(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            title = heading.group(1).strip()
            shown = not title.endswith(DEEPER) or title.replace(" ", "-") in visited
        kind = place(cell) if shown else LEFT_OUT
        if kind == SAME and not below_prose and has_table(cell):
            kind = SLIDE
        if kind == SLIDE:
            below_prose = cell.cell_type == "markdown"
        yield cell, kind


def main() -> int:
    """Print the slide path of notebooks, or write it there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder of the notebooks and of TEACHING.md")
    parser.add_argument("--write", action="store_true", help="write it into the notebooks")
    asked = parser.parse_args()
    links = linked((asked.folder / PLAN).read_text(encoding="utf-8"))
    for file in sorted(asked.folder.glob("*.ipynb")):
        notebook = nbformat.read(file, as_version=4)
        print(file.name)
        for cell, kind in slide_path(notebook, {anchor for name, anchor in links if name == file.name}):
            cell.metadata["slideshow"] = {"slide_type": kind}
            print(f"  {kind:9} {cell.source.strip().splitlines()[0]}")
        if asked.write:
            file.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
