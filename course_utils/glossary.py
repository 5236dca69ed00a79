"""The course's terms, each defined once: for `notebooks/GLOSSARY.md` and for what views say on hover.

The definitions stand in `glossary.toml`. The page is written by
`python -m course_utils.glossary > notebooks/GLOSSARY.md`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
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

_HEAD = N_(
    "# Glossary\n\n"
    "The field's terms, as this course uses them, and the few words of its own. Each notebook links here "
    "where a\nterm first matters.\n"
)


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


def page(anchors: Collection[str] | None = None, translated: Collection[int] = tuple(NOTEBOOKS)) -> str:
    """The glossary in Markdown, of all terms or of some; each has an anchor that every front end finds.

    `translated` are the notebooks that have their headings in the language spoken.
    """
    chosen = [term for term in terms().values() if anchors is None or term.anchor in anchors]
    in_order = sorted(chosen, key=lambda term: tr(term.name).casefold())
    return "\n".join([tr(_HEAD), *(_entry(term, term.met[0] in translated) for term in in_order)])


def _entry(term: Term, translated: bool) -> str:
    number, heading = term.met
    file, title = NOTEBOOKS[number]
    section = tr(heading) if translated else heading
    lines = [f'<a id="{term.anchor}"></a>', f"**{tr(term.name)}**: {tr(term.text)}", ""]
    if term.formula:
        lines += [f"$${term.formula}$$", ""]
    met = tr(
        "Met in notebook {number}, {title}: [{section}]({place}).",
        number=number,
        title=tr(title),
        section=section,
        place=f"{file}#{quote(section.replace(' ', '-'), safe=',')}",
    )
    lines.append(f"{met}{_reference(term)}")
    return "\n".join([*lines, ""])


def _reference(term: Term) -> str:
    if term.source is None:
        return ""
    authors, identifier = term.source
    link = f"[{authors}, {identifier}](https://arxiv.org/abs/{identifier.removeprefix('arXiv ')})"
    return f" {tr('Source: {link}.', link=link)}"


if __name__ == "__main__":
    import sys

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # whatever the terminal's code page
    print(page(), end="")
