"""The plans for teachers: what they name exists, what they quote is said, and what they hand out prints."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from test_contents import contents
from test_notebook_hygiene import FOLDER, NAMES, ROOT, read
from test_slides import slides

WIDGETS = "application/vnd.jupyter.widget-state+json"
PLAN = (FOLDER / "TEACHING.md").read_text(encoding="utf-8")
HANDOUTS = ("worksheet", "exit_ticket", "key")
STEPS = re.findall(r"^### (\d+)–(\d+) (.+)$", PLAN, re.MULTILINE)
PARTS = ("Place", "Instrument", "Do", "Ask", "Expect", "They may think", "If it goes wrong")


def plain(text: str) -> str:
    """Text without line breaks and markdown's stars."""
    return re.sub(r"\s+", " ", text.replace("*", ""))


def said(name: str) -> str:
    """All that a notebook says: its cells, and what its run found, the answers to its guesses included."""
    notebook = read(name)
    found = [cell.source.replace('"\n    "', "") for cell in notebook.cells]
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            found.append(output.get("text", "") + output.get("data", {}).get("text/plain", ""))
    for model in notebook.metadata.widgets[WIDGETS].state.values():
        found += [model.state.get("question", ""), model.state.get("sealed", {}).get("text", "")]
    return plain("\n".join(found))


def headings(name: str) -> set[str]:
    """The anchors of a notebook's sections."""
    cells = (cell.source for cell in read(name).cells if cell.cell_type == "markdown")
    return {title.strip().replace(" ", "-") for text in cells for title in contents.HEADING.findall(text)}


def step(title: str) -> str:
    """What the plan says about a step of the hour."""
    return PLAN.split(f" {title}\n", 1)[1].split("\n##", 1)[0]


def test_the_plan_of_an_hour_fills_it_and_its_table_agrees():
    times = [(int(start), int(end)) for start, end, _ in STEPS]
    assert times[0][0] == 0 and times[-1][1] == 60
    assert all(one[1] == following[0] for one, following in pairwise(times))
    rows = re.findall(r"^\| (\d+)–(\d+) \| (.+?) \|", PLAN, re.MULTILINE)
    assert rows == STEPS


def test_every_section_that_the_plans_link_to_exists():
    links = slides.linked(PLAN)
    assert len(links) > 25
    for file, anchor in links:
        assert anchor in headings(file.removesuffix(".ipynb")), f"{file} has no section {anchor}"
    for file in re.findall(r"\]\(([^)#]+)", PLAN):
        assert (FOLDER / file).is_file(), file


@pytest.mark.parametrize("title", [title for _, _, title in STEPS[:-1]])
def test_a_step_says_all_that_a_teacher_needs(title):
    text = step(title)
    assert re.findall(r"^- (.+?):", text, re.MULTILINE) == list(PARTS)
    assert "**Cure:**" in text


@pytest.mark.parametrize("title", [title for _, _, title in STEPS[:-1]])
def test_the_instruments_of_a_step_stand_in_its_notebooks(title):
    text = step(title)
    files = sorted(set(re.findall(r"\]\((\w+)\.ipynb", text)))
    shown = [
        output.get("data", {}).get("text/plain", "")
        for name in files
        for cell in read(name).cells
        for output in cell.get("outputs", ())
    ]
    (named,) = re.findall(r"^- Instrument: (.+)$", text, re.MULTILINE)
    for instrument in named.split("; "):
        begins = re.compile(rf"(?:Panel\(['\"])?{re.escape(instrument)}\b")
        assert any(begins.match(panel) for panel in shown), f"no instrument {instrument!r} in {files}"


def test_the_challenges_that_the_plans_name_exist():
    catalogue = (ROOT / "course_utils" / "challenges" / "challenges.toml").read_text(encoding="utf-8")
    titles = set(re.findall(r'^title = "(.+)"$', catalogue, re.MULTILINE))
    lessons = re.findall(r"^\| \d \| .+ \| ([^|]+) \| [^|]+ \|$", PLAN, re.MULTILINE)
    assert len(lessons) == 5 and set(lessons) <= titles
    assert "*One step back*" in PLAN and "One step back" in titles


@pytest.mark.parametrize("file", ["notebooks/TEACHING.md", "docs/key.html"])
def test_what_is_quoted_is_what_a_notebook_says(file):
    quoted = re.findall("“(.+?)”", plain((ROOT / file).read_text(encoding="utf-8")))
    spoken = [said(name) for name in NAMES]
    assert len(quoted) > 4
    for quote in quoted:
        assert quote == "such quotes" or any(quote in text for text in spoken), quote


def test_the_key_counts_the_colours_that_the_notebook_counts():
    (colours, settings), *_ = re.findall(r"counts (\d+) colours and (\d+) settings", handout("key"))
    assert re.search(rf"a cat {colours} {settings} ", said("03_prompt_steering"))


def handout(name: str) -> str:
    return (ROOT / "docs" / f"{name}.html").read_text(encoding="utf-8")


class Balance(HTMLParser):
    """Notes tags that are closed in another order than they were opened in."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag, _attributes):
        if tag not in ("meta", "link"):
            self.opened.append(tag)

    def handle_endtag(self, tag):
        if self.opened.pop() != tag:
            self.wrong.append(tag)


@pytest.mark.parametrize("name", HANDOUTS)
def test_handouts_are_whole_pages_without_a_network(name):
    page = Balance()
    page.feed(handout(name))
    assert page.wrong == page.opened == []
    assert re.findall(r'(?:href|src)="([^"]+)"', handout(name)) == ["handout.css"]
    assert f"docs/{name}.html" in PLAN


def test_the_key_has_an_answer_to_every_question():
    asked = len(re.findall(r"<h2>\d · ", handout("worksheet")))
    (answers,) = re.findall(r"<ol>(.*?)</ol>", handout("key"), re.DOTALL)
    assert asked == answers.count("<li>") == 8
    (ticket, *_) = re.findall(r"<ol>(.*?)</ol>", handout("exit_ticket"), re.DOTALL)
    assert ticket.count("<li>") == len(re.findall(r"<tr><td>\d\. ", handout("key"))) == 3


@pytest.mark.browser
@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize(("name", "sheets"), [("worksheet", 2), ("exit_ticket", 1), ("key", 1)])
def test_handouts_print_on_one_sheet(browser, name, sheets, paper):
    page = browser.new_page()
    page.goto((ROOT / "docs" / f"{name}.html").as_uri())
    printed = page.pdf(format=paper)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == sheets  # the worksheet has two sides
