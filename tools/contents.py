"""The contents of each notebook with its reading times, computed from the notebook itself.

    python tools/contents.py notebooks            prints them
    python tools/contents.py --write notebooks    writes them into the cell tagged "contents"

A section whose heading ends in "(deeper)" may be skipped; all others are core. Times: 200 words a minute, one
minute a panel, half a minute a guess, four seconds a line of visible code. Cells tagged "challenge" or
"class" are not counted: they take as long as they take, and whoever only reads passes them by.
"""

import argparse
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat

WORDS_A_MINUTE, PANEL, GUESS, CODE_LINE = 200, 1.0, 0.5, 4 / 60  # minutes, but for the first
VIEW = "application/vnd.jupyter.widget-view+json"
DEEPER = " (deeper)"
UNCOUNTED = {"bootstrap", "challenge", "class"}  # tags
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
MARKUP = re.compile(r"<[^>]*>|\]\([^)]*\)|[#*_`|>\[\]$\\{}]")


@dataclass
class Section:
    """A section of a notebook and how many minutes it takes."""

    title: str
    minutes: float = 0.0

    @property
    def deeper(self) -> bool:
        """Whether it may be skipped without loss."""
        return self.title.endswith(DEEPER)


def anchor(title: str) -> str:
    """What JupyterLab and GitHub both link a heading by."""
    return title.replace(" ", "-")


def words(text: str) -> int:
    """How many words there are to read in markdown or HTML."""
    return len(MARKUP.sub(" ", text).split())


def code_minutes(cell: nbformat.NotebookNode) -> float:
    """How long a code cell takes: its lines where they are seen, its instrument, the words that it prints."""
    hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
    minutes = 0.0 if hidden else CODE_LINE * sum(bool(line.strip()) for line in cell.source.splitlines())
    if "Guess(" in cell.source:
        return minutes + GUESS
    for output in cell.outputs:
        data = output.get("data", {})
        folded = data.get("text/html", "").startswith("<details>")  # a verdict that waits for a guess
        if VIEW in data and not folded:
            minutes += 0.0 if "reveal" in cell.source else PANEL
        else:
            said = data.get("text/markdown") or data.get("text/html") or output.get("text", "")
            minutes += words(said) / WORDS_A_MINUTE
    return minutes


def sections(notebook: nbformat.NotebookNode) -> list[Section]:
    """The sections of a notebook with their times; the first is what stands before the first heading."""
    found = [Section("")]
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code":
            found[-1].minutes += 0.0 if UNCOUNTED & set(tags) else code_minutes(cell)
        elif "contents" not in tags:
            before, *rest = HEADING.split(cell.source)
            found[-1].minutes += words(before) / WORDS_A_MINUTE
            for title, text in zip(rest[::2], rest[1::2], strict=True):
                found.append(Section(title.strip(), words(title + text) / WORDS_A_MINUTE))
    return found


def table(found: list[Section], say: Callable[[str], str] = str) -> str:
    """The contents as a learner reads them; `say` translates."""
    core = sum(section.minutes for section in found if not section.deeper)
    every = sum(section.minutes for section in found)
    time = say(
        "**Reading time:** about {core} minutes for the core, {every} with all that goes deeper. *Deeper* "
        "sections may be skipped without loss."
    )
    lines = [
        time.format(core=round(core), every=round(every)),
        "",
        f"| | {say('section')} | {say('minutes')} |",
        "|---|---|---|",
    ]
    for section in found[1:]:
        title = say(section.title)
        kind = say("*deeper*") if section.deeper else say("core")
        minutes = max(1, round(section.minutes))
        lines.append(f"| {kind} | [{title.removesuffix(say(DEEPER))}](#{anchor(title)}) | {minutes} |")
    return "\n".join(lines)


def main() -> int:
    """Print the contents of notebooks, or write them there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, help="notebooks, or folders of them")
    parser.add_argument("--write", action="store_true", help="write them into the notebooks")
    asked = parser.parse_args()
    for given in asked.paths:
        for path in sorted(given.glob("*.ipynb")) if given.is_dir() else [given]:
            notebook = nbformat.read(path, as_version=4)
            contents = table(sections(notebook))
            print(f"{path.name}\n{contents}\n")
            cells = [cell for cell in notebook.cells if "contents" in cell.metadata.get("tags", [])]
            if asked.write and cells:
                cells[0].source = contents
                path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
