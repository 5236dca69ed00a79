"""What a voice is given to read: a notebook's sections, in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course_utils.challenges import opening_panel
from course_utils.panels import read_aloud
from course_utils.widgets import Reader

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("A [page](GLOSSARY.md#page) is **small**, and *not* `big`.", "A page is small, and not big."),
        ("* One jump reaches any t.", "One jump reaches any t."),
        ("$$x_t = 1$$", "(Here stands a formula.)"),
        (r"It keeps $\sqrt{1 - \beta_t}$ of it.", "It keeps √ 1 - β t of it."),
        (r"Here $\hat\varepsilon$, $x_0$.", "Here ε, x 0."),
    ],
)
def test_prose_is_read_without_its_signs(markdown, plain):
    assert read_aloud.plain(markdown) == plain


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_section_of_every_notebook_can_be_read(path):
    found = read_aloud.sections(path)
    titles = re.findall(r"^ +\"##? (.+?)(?:\\n)?\",?$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(found) >= 8 and {one["title"] for one in found} <= {read_aloud.plain(one) for one in titles}
    for one in found:
        assert not re.search(r"[\\*`{}$]|\]\(|\|---", one["text"]), one


def test_the_opening_of_a_notebook_brings_its_sections(monkeypatch):
    (reader,) = (one for one in opening_panel("01_forward_process").root.children if isinstance(one, Reader))
    assert reader.language == "en" and reader.sections[1]["title"] == "One line of arithmetic"
    monkeypatch.setenv("COURSE_LANGUAGE", "de")
    (reader,) = (one for one in opening_panel("01_forward_process").root.children if isinstance(one, Reader))
    assert reader.language == "de" and reader.sections[1]["title"] == "Eine Zeile Rechnung"


def test_a_notebook_that_is_not_there_has_no_sections(tmp_path):
    assert read_aloud.sections(tmp_path / "01.ipynb") == []
    (tmp_path / "02.ipynb").write_text("{")
    assert read_aloud.sections(tmp_path / "02.ipynb") == []
