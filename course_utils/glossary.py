"""The course's terms, each defined once: for `notebooks/GLOSSARY.md` and for what views say on hover.

The definitions stand in `glossary.toml`. The page is written by
`python -m course_utils.glossary > notebooks/GLOSSARY.md`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from course_utils.languages import N_, tr
from course_utils.runtime import CourseError

# The honest labels that instruments wear.
BADGES = ("learned", "exact", "replay", "recorded")

NOTEBOOKS = {
    1: ("01_forward_process.ipynb", N_("Forward process")),
    2: ("02_reverse_process.ipynb", N_("Reverse process")),
    3: ("03_prompt_steering.ipynb", N_("Prompt steering")),
    4: ("04_steps_vs_quality.ipynb", N_("Steps vs quality")),
    5: ("05_guidance.ipynb", N_("Guidance")),
}

_HEAD = """# Glossary

The field's terms, as this course uses them, and the few words of its own. Each notebook links here where a
term first matters.
"""


@dataclass(frozen=True)
class Term:
    """A term, what it means, where it is met (notebook, heading), its LaTeX formula and source, if any.

    A source is (authors and year, arXiv identifier).
    """

    anchor: str
    name: str
    text: str
    met: tuple[int, str]
    source: tuple[str, str] | None = None
    formula: str = ""


@cache
def terms() -> dict[str, Term]:
    """All terms by their anchor, in the order of their names."""
    data = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    found = [
        Term(
            anchor,
            entry["name"],
            entry["text"],
            (entry["met"][0], entry["met"][1]),
            tuple(entry["source"]) if "source" in entry else None,
            entry.get("formula", ""),
        )
        for anchor, entry in data.items()
    ]
    return {term.anchor: term for term in sorted(found, key=lambda term: term.name.casefold())}


def define(anchor: str) -> str:
    """What a term means, in one to three sentences. Raises `CourseError` for a term that is not there."""
    if anchor not in terms():
        raise CourseError(f"The glossary has no {anchor!r}: add it to course_utils/glossary.toml.")
    return tr(terms()[anchor].text)


def page() -> str:
    """The glossary in Markdown. Each term has an anchor that GitHub, JupyterLab and exports all find."""
    return "\n".join([_HEAD, *map(_entry, terms().values())])


def _entry(term: Term) -> str:
    number, heading = term.met
    file, title = NOTEBOOKS[number]
    place = f"{file}#{quote(heading.replace(' ', '-'), safe=',')}"
    lines = [f'<a id="{term.anchor}"></a>', f"**{term.name}**: {term.text}", ""]
    if term.formula:
        lines += [f"$${term.formula}$$", ""]
    lines.append(f"Met in notebook {number}, {title}: [{heading}]({place}).{_reference(term)}")
    return "\n".join([*lines, ""])


def _reference(term: Term) -> str:
    if term.source is None:
        return ""
    authors, identifier = term.source
    return f" Source: [{authors}, {identifier}](https://arxiv.org/abs/{identifier.removeprefix('arXiv ')})."


if __name__ == "__main__":
    import sys

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever the terminal's code page
    print(page(), end="")
