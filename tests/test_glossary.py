"""The glossary: each term once, the page as the data says, and links that lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from course_utils import glossary
from course_utils.runtime import CourseError

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
# The words that the course promises to define.
PROMISED = """
attention, caption dropout, classifier-free guidance (CFG), conditioning, cross-attention, denoiser,
distillation, exact, flow matching, forward process, Fréchet distance (FID), image-to-image,
inpainting, judge, latent, learned, negative prompt, network evaluations (NFE), noise prediction
(eps), noise schedule, page, painter, prompt, recorded, rectified flow, replay, reverse process,
sampler, seed, signal-to-noise ratio (SNR), static, step, teacher and student, text encoder,
timestep, token, tokenizer, transformer (DiT), U-Net, VAE, velocity (v)
"""


def prose(path):
    cells = nbformat.read(path, as_version=4).cells
    return [
        cell.source
        for cell in cells
        if cell.cell_type == "markdown" and "contents" not in cell.metadata.get("tags", [])
    ]


def headings(path):
    return {
        line.lstrip("#").strip()
        for source in prose(path)
        for line in source.splitlines()
        if line.startswith("#")
    }


def dangling(texts):
    """The anchors that links of these texts name and the glossary has not."""
    named = {anchor for text in texts for anchor in re.findall(r"GLOSSARY\.md(?:#([^)\s\"]*))?", text)}
    return sorted(named - set(glossary.terms()) - {""})


def test_every_promised_term_is_defined_once():
    names = [term.name for term in glossary.terms().values()]
    assert names == sorted(names, key=str.casefold) and len(set(names)) == len(names)
    assert set(names) == {name.strip() for name in " ".join(PROMISED.split()).split(",")}


def test_the_page_is_what_the_data_says():
    assert (FOLDER / "GLOSSARY.md").read_text(encoding="utf-8") == glossary.page(), (
        "run `python -m course_utils.glossary > notebooks/GLOSSARY.md`"
    )


@pytest.mark.parametrize("term", glossary.terms().values(), ids=glossary.terms())
def test_a_definition_is_short_whole_and_met_where_it_says(term):
    assert term.text[0].isupper() and term.text.endswith(".")
    assert len(term.text.split()) <= 60
    number, heading = term.met
    assert heading in headings(FOLDER / glossary.NOTEBOOKS[number][0]), f"no heading {heading!r} any more"
    if term.source:
        assert re.fullmatch(r"arXiv \d{4}\.\d{4,5}", term.source[1]), term.source


def test_links_to_the_page_are_found_by_their_anchor():
    assert re.findall(r'<a id="([^"]+)"></a>', glossary.page()) == list(glossary.terms())
    assert dangling(["[x](GLOSSARY.md#u-net) [y](GLOSSARY.md)", "[z](GLOSSARY.md#unet)"]) == ["unet"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_link_to_the_glossary_leads_to_a_term(path):
    assert dangling(prose(path)) == []


# How terms are spoken of where that is not their name; and what is no term but an everyday word: the badges.
SPOKEN = {"cfg": "guidance", "nfe": "(?:network )?evaluations?", "teacher-student": "teachers?|students?"}


def first_uses_without_link(texts, notebook=5):
    """Terms that a notebook's prose uses before it links them, of those met up to that notebook."""
    text = re.sub(r"\$\$.*?\$\$", "", "\n\n".join(texts), flags=re.DOTALL)
    text = re.sub(r"^#.*$|\$[^$\n]+\$|`[^`\n]+`", "", text, flags=re.MULTILINE)  # headings, formulas, code
    text = re.sub(r"\[[^\]]*\]\(GLOSSARY\.md#([^)]*)\)", r"<\1>", text)
    text = re.sub(r"\[[^\]]*\]\([^)]*\)", "", text)
    found = []
    for anchor, term in glossary.terms().items():
        name = SPOKEN.get(anchor, re.escape(term.name.partition(" (")[0]) + "s?")
        used = re.search(rf"(?<![\w<-])(?:{name})(?![\w>-])", text, re.IGNORECASE)
        due = used and anchor not in glossary.BADGES and term.met[0] <= notebook
        if due and f"<{anchor}>" not in text[: used.start()]:
            found.append(anchor)
    return found


def test_a_first_use_is_told_from_what_only_looks_like_one():
    linked = "An [old page](GLOSSARY.md#page). Pages; `seed`; $step$; [the latent room](x.ipynb); U-Nets"
    assert first_uses_without_link(["## Samplers", linked]) == ["u-net"]
    assert first_uses_without_link(["A seed, then [seeds](GLOSSARY.md#seed). Guidance."]) == ["cfg", "seed"]
    assert first_uses_without_link(["Guidance in small steps."], notebook=1) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_links_each_term_where_it_first_uses_it(path):
    assert first_uses_without_link(prose(path), int(path.name[:2])) == []


def test_an_unknown_term_is_one_sentence():
    with pytest.raises(CourseError, match=r"^The glossary has no 'unet': .*\.$"):
        glossary.define("unet")


def test_every_badge_is_defined():
    counted = Counter(badge for badge in glossary.BADGES if glossary.define(badge).startswith("A badge: "))
    assert len(counted) == len(glossary.BADGES) == 4
