"""The front page's words: lessons named by the notebooks themselves, colours out of the one palette."""

from __future__ import annotations

import nbformat
import pytest

from course_utils import prompts
from course_utils.picturebook.captions import KNOWN_WORDS
from course_utils.runtime import CourseError
from course_utils.site import front
from course_utils.widgets import palette


def test_lessons_are_named_as_their_notebooks_are():
    found = front.lessons()
    assert [(one.page, one.number) for one in found] == [
        ("01_forward_process.html", "1"),
        ("02_reverse_process.html", "2"),
        ("03_prompt_steering.html", "3"),
        ("04_steps_vs_quality.html", "4"),
        ("05_guidance.html", "5"),
    ]
    assert found[0].name == "Forward process"
    for one in found:
        assert one.motto and one.gain.endswith(".") and not set("[]*#") & set(one.gain)


def test_every_example_is_made_of_words_that_the_painters_learned():
    assert prompts.out_of_vocabulary(" ".join(front.EXAMPLES), KNOWN_WORDS) == {}


@pytest.mark.parametrize("text", ["# Forward process", "# 1 · Forward process: drown a picture\n\nBe glad."])
def test_a_notebook_without_title_or_aim_is_refused_in_a_sentence(tmp_path, text):
    cells = [nbformat.v4.new_markdown_cell(text)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "01_x.ipynb")
    with pytest.raises(CourseError, match=r"01_x\.ipynb has no"):
        front.lessons(tmp_path)


def test_the_page_has_the_palette_of_both_themes_and_no_colour_of_its_own():
    style = front.colours()
    for theme in (palette.LIGHT, palette.DARK):
        assert all(f"--cu-{name}: {colour};" in style for name, colour in theme.items())
