"""Lessons as pages: what the builder makes of cells, of saved widgets, and of what no page can show."""

from __future__ import annotations

import html
import io
import json
import re
from pathlib import Path

import ipywidgets
import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from programs import needs

from course_utils import glossary, pictures, widgets
from course_utils.panels.forward import drowning
from course_utils.runtime import CourseError
from course_utils.site import (
    bundle,
    lesson_cells,
    lesson_panels,
    lesson_recordings,
    lesson_state,
    lessons,
    npm,
)
from course_utils.site.lesson_cells import LessonPage, PictureFiles
from course_utils.site.lesson_panels import Calls, wired
from course_utils.site.lesson_recordings import recordings
from course_utils.site.lesson_state import STATE, SavedWidgets
from course_utils.site.lesson_text import Formulas, adapted, rendered
from course_utils.widgets import Film, Guess

FOLDED = {"jupyter": {"source_hidden": True}}


def cell(source: str, shown: object, **metadata: object) -> nbformat.NotebookNode:
    """A code cell that gave something, as the kernel hands it out."""
    data, about = DisplayFormatter().format(shown)
    if not data:  # a widget of ipywidgets 7 shows itself
        view = {"version_major": 2, "version_minor": 0, "model_id": shown.model_id}
        data = {"application/vnd.jupyter.widget-view+json": view}
    return new_code_cell(
        source, outputs=[new_output("display_data", data, metadata=about)], metadata=metadata
    )


def saved(*cells: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A notebook of cells with the state of all widgets that are there."""
    state = ipywidgets.Widget.get_manager_state()
    return new_notebook(cells=list(cells), metadata={"widgets": {STATE: state}})


def page_of(
    notebook: nbformat.NotebookNode, folder: Path, wirings: frozenset[str] = frozenset()
) -> LessonPage:
    page = LessonPage("a", PictureFiles(folder, "lessons"), Formulas(), wirings, SavedWidgets.of(notebook))
    page.write(notebook)
    return page


@pytest.fixture(scope="module")
def panels():
    """A panel whose choice waits for the kernel, and one that scrubs by itself."""
    pairs = drowning.training_pairs(pictures.load("page", 16), 2)
    return drowning.schedule_panel(), drowning.pairs_panel(pairs)


@pytest.fixture(scope="module")
def notebook(panels):
    guess = Guess(question="Which <i>falls</i>?", choices=["signal", "noise"])
    schedule, pairs = panels
    return saved(
        new_markdown_cell(
            "## The schedule\nA [denoiser](GLOSSARY.md#denoiser) in [2](02_reverse_process.ipynb#Recap)."
        ),
        cell("from course_utils.panels.forward import drowning\ndrowning.schedule_panel()", schedule),
        cell("drowning.pairs_panel(pairs)", pairs),
        cell("guess = Guess()\nguess", guess, **FOLDED),
        cell("guess.reveal()", guess.reveal("signal", "It does."), **FOLDED),
        new_code_cell("secret = 1", metadata=FOLDED),
        new_code_cell("!pip install", metadata={"tags": ["bootstrap"]}),
    )


def test_an_instrument_without_a_wiring_is_recorded_and_only_what_nothing_follows_waits(notebook, tmp_path):
    page = page_of(notebook, tmp_path)
    schedule, pairs, guess, answer = page.instruments.values()
    (waiting,) = schedule["waiting"]
    assert page.saved.kept[waiting]["kind"] == "Dropdown"
    assert schedule["recorded"] and schedule["panel"] == "drowning.schedule_panel"
    assert not pairs["recorded"] and pairs["panel"] == "drowning.pairs_panel"
    assert not guess["recorded"] and guess["panel"] == answer["panel"] == ""


def test_a_wired_instrument_is_not_recorded(notebook, tmp_path):
    page = page_of(notebook, tmp_path, frozenset({"drowning.schedule_panel"}))
    assert not any(one["recorded"] for one in page.instruments.values())


def test_links_lead_between_what_the_page_shows(notebook, tmp_path):
    page = page_of(notebook, tmp_path)
    names = set(page.saved.kept)
    links = page.saved.links()
    assert {end for link in links for end in (link[0], link[2])} <= names
    assert ["opened", "opened", True] in [[link[1], link[3], link[4]] for link in links]
    assert ["guess", "guess", False] in [[link[1], link[3], link[4]] for link in links]


def test_what_a_page_keeps_of_widgets_are_no_scripts_and_no_styles(notebook, tmp_path):
    kept = json.dumps(page_of(notebook, tmp_path).saved.kept)
    assert "_esm" not in kept and "--cu-ink" not in kept and "IPY_MODEL" not in kept
    assert len(kept) < 200_000


def test_folded_code_is_left_out_and_stills_have_words(notebook, panels, tmp_path):
    body = "\n".join(page_of(notebook, tmp_path).body)
    assert "secret" not in body and "pip install" not in body
    assert "schedule_panel" in body
    alts = [html.unescape(alt) for alt in re.findall(r'<img [^>]*alt="([^"]+)"', body)]
    assert alts == [panel.alt for panel in panels]
    assert len(list(tmp_path.glob("*.png"))) + len(list(tmp_path.glob("*.jpg"))) == 2
    assert "<details><summary>The answer to: Which &lt;i&gt;falls&lt;/i&gt;?</summary>" in body


def test_terms_bring_their_meaning_and_links_lead_to_pages(notebook, tmp_path):
    body = page_of(notebook, tmp_path).body[0]
    meaning = html.escape(glossary.define("denoiser"))
    assert f'href="glossary.html#denoiser" class="term" data-meaning="{meaning}"' in body
    assert 'href="02_reverse_process.html#Recap"' in body and 'id="The-schedule"' in body


def test_files_of_the_repository_are_linked_where_it_is():
    text = adapted(
        '<a href="../data/models/picturebook/MODEL_CARD.md">card</a> <a href="https://a.org/x.md">x</a>'
    )
    assert "/blob/main/data/models/picturebook/MODEL_CARD.md" in text and 'href="https://a.org/x.md"' in text
    assert 'href="..' not in text


def test_a_wide_table_moves_by_itself():
    text = rendered("| a | b |\n|---|---|\n| 1 | 2 |", Formulas())
    assert re.search(r'<div class="wide"><table>.*</table></div>', text, re.DOTALL)


def test_a_corner_of_a_table_that_says_nothing_is_no_head(tmp_path):
    markdown = new_markdown_cell("| | w |\n|---|---|\n| teacher | 4 |")
    shown = new_output("display_data", {"text/html": "<table><tr><th></th><th>w</th></tr></table>"})
    said = ipywidgets.HTML("<table><tr><th></th><th>w</th></tr></table>")
    notebook = saved(markdown, new_code_cell("1", outputs=[shown]), cell("said", ipywidgets.VBox([said])))
    page = page_of(notebook, tmp_path)
    body = "".join(page.body)
    assert body.count("<td></td>") == 2 and not re.search(r"<th[^>]*></th>", body)
    assert page.saved.kept[said.model_id]["traits"]["value"].startswith("<table><tr><td></td><th>w</th>")
    assert '<th scope="row">teacher</th>' in body and "<th>w</th>" in body


def test_a_poll_of_a_class_is_left_out(tmp_path):
    shown = new_output("display_data", {"text/html": "<p>one guess</p>"})
    poll = new_code_cell("poll.poll_panel(guess)", outputs=[shown], metadata={**FOLDED, "tags": ["class"]})
    assert page_of(new_notebook(cells=[poll]), tmp_path).body == []


def test_a_broad_picture_moves_by_itself(tmp_path):
    files = PictureFiles(tmp_path, "lessons")
    for width, broad in ((lesson_cells.BROAD, False), (lesson_cells.BROAD + 1, True)):
        target = io.BytesIO()
        Image.new("RGB", (width, 4)).save(target, "PNG")
        assert files.show(target.getvalue(), "image/png", "x").startswith('<div class="wide') == broad


BAD_OUTPUTS = {
    "gave application/json": new_output("display_data", {"application/json": {}, "text/plain": "x"}),
    "gave error": new_output("error", ename="E", evalue="", traceback=[]),
    "not said in words": new_output("display_data", {"image/png": "aGk="}),
}


@pytest.mark.parametrize("what", BAD_OUTPUTS)
def test_what_no_page_can_show_fails_and_names_the_cell(what, tmp_path):
    notebook = new_notebook(cells=[new_code_cell("1"), new_code_cell("2", outputs=[BAD_OUTPUTS[what]])])
    with pytest.raises(CourseError, match=f"a, cell 1: .*{what}"):
        page_of(notebook, tmp_path)


def test_a_widget_without_state_and_still_fails(tmp_path):
    view = new_output("display_data", {lesson_state.VIEW: {"model_id": "gone"}, "text/plain": "x"})
    with pytest.raises(CourseError, match="saved without its widgets"):
        page_of(new_notebook(cells=[new_code_cell("1", outputs=[view])]), tmp_path)


def test_a_widget_that_pages_do_not_know_fails(tmp_path):
    strange = ipywidgets.VBox([ipywidgets.ColorPicker()])
    with pytest.raises(CourseError, match="holds a ColorPicker"):
        page_of(saved(cell("strange", strange)), tmp_path)


def test_a_panel_without_state_shows_its_still_as_recorded(panels, tmp_path):
    notebook = new_notebook(cells=[cell("drowning.schedule_panel()", panels[0])])
    (body,) = page_of(notebook, tmp_path).body
    assert 'data-kind="recorded"' in body and "<img " in body


def test_cells_are_named_by_the_call_they_end_in():
    calls = Calls()
    assert (
        calls.name("from course_utils.panels.forward import drowning as d\nd.drown_panel()")
        == "drowning.drown_panel"
    )
    assert calls.name("from course_utils.challenges import challenge_panel") == ""
    assert calls.name('challenge_panel("loop", lambda: 1)') == "challenges.challenge_panel"
    assert calls.name("x = d.drown_panel()\nx") == ""
    assert calls.name("") == ""


def test_a_challenge_shows_its_words_and_no_dead_buttons(tmp_path):
    from course_utils.challenges import challenge_panel

    shown = cell(
        'challenge_panel("crossing", lambda: 1)', challenge_panel("crossing", lambda: 1), tags=["challenge"]
    )
    shown.source = "from course_utils.challenges import challenge_panel\n" + shown.source
    page = page_of(saved(shown), tmp_path)
    assert page.instruments == {}
    assert "<code>signal</code>" in page.body[0] and "<em>linear</em>" in page.body[0]
    assert "<summary>Hints</summary>" in page.body[0]


def test_a_wiring_that_no_notebook_shows_fails(notebook, tmp_path):
    page = page_of(notebook, tmp_path)
    with pytest.raises(CourseError, match=r"No notebook shows drowning\.gone"):
        lessons._check_used({"drowning.gone", "drowning.schedule_panel"}, [page])


def test_every_wiring_is_that_of_a_panel_of_its_module():
    modules = {path.stem: path for path in (lessons.ROOT / "course_utils" / "panels").rglob("*.py")}
    names = wired()
    assert "drowning.drown_panel" in names
    for name in names:
        module, panel = name.split(".")
        assert f"def {panel}(" in modules[module].read_text(encoding="utf-8"), name


def test_the_page_shows_every_control_that_the_builder_lets_through():
    text = (npm.WEB / "lesson" / "controls.js").read_text(encoding="utf-8")
    table = text[text.index("export const CONTROLS") :]
    shown = set(re.findall(r"^  (\w+):", table, re.MULTILINE))
    boxes = set(re.findall(r"(\w+): \"", re.search(r"const BOXES = .*", main_script())[0]))
    assert shown | boxes | lesson_state.VIEWS == lesson_state.SHOWN
    assert set(widgets.__all__) == lesson_state.VIEWS


def main_script() -> str:
    return (npm.WEB / "lesson" / "main.js").read_text(encoding="utf-8")


def test_every_instrument_module_says_what_it_does():
    for path in lesson_panels.INSTRUMENTS.glob("*.js"):
        assert path.read_text(encoding="utf-8").startswith("/**"), path.name


@pytest.fixture(scope="module")
def formulas():
    needs("node", "to typeset formulas")
    if not (npm.WEB / "node_modules" / "katex").is_dir():
        needs("npm", "to install the formulas' typesetter")
        npm.install()
    return Formulas()


def test_formulas_become_mathml_in_their_places(formulas):
    text = rendered(r"The $x_t$ and $$\frac{a < b}{c}$$", formulas)
    filled = formulas.fill(text)
    assert filled.count("<math") == 2 and 'display="block"' in filled and "<mfrac>" in filled
    assert "$" not in filled and "\x02" not in filled and "a &lt; b" in filled


def test_a_wrong_formula_fails_with_its_reason(formulas):
    wrong = Formulas()
    text = rendered(r"$\frac{a$", wrong)
    with pytest.raises(CourseError, match="A formula of the notebooks is wrong: ParseError"):
        wrong.fill(text)


def test_the_script_lands_below_the_folder_that_was_named(formulas, tmp_path, monkeypatch):
    """`make site` names a folder of where it runs; what bundles the script runs elsewhere."""
    monkeypatch.chdir(tmp_path)
    bundle.write_script(Path("lesson.js"))
    assert (tmp_path / "lesson.js").stat().st_size > 100_000 and not (npm.WEB / "lesson.js").exists()


def test_large_state_fails(monkeypatch, notebook, tmp_path):
    monkeypatch.setattr(lessons, "MOST_STATE", 10)
    (tmp_path / lessons.BESIDE).mkdir()
    page = page_of(notebook, tmp_path)
    with pytest.raises(CourseError, match=r"a keeps .* MB of widgets"):
        lessons._write_lesson(page, tmp_path)


def test_films_travel_as_they_were_saved(tmp_path):
    film = Film(alt="frames")
    film.set_pictures(pictures.load("page", 8)[None])
    page = page_of(saved(cell("film", film, **FOLDED)), tmp_path)
    (one,) = (one for one in page.saved.kept.values() if one["kind"] == "Film")
    assert [path for path, _ in one["buffers"]] == [["sheet"]] and one["traits"]["n_frames"] == 1


def test_no_style_of_a_view_reaches_beyond_views_and_panels():
    from course_utils.widgets.base import style

    fronts = {front for view in widgets.__all__ for front in getattr(widgets, view)._front}
    sheet = re.sub(r"/\*.*?\*/", "", style(tuple(sorted(fronts))), flags=re.DOTALL)
    selectors = [one.strip() for one in re.findall(r"(?:^|\})\s*([^{}@]+)\{", sheet)]
    assert len(selectors) > 100
    inside = ("&", ">", "body[data-jp-deck")  # nested rules; the presenter of JupyterLab, which no page has
    assert [one for one in selectors if ".cu-" not in one and not one.startswith(inside)] == []


def test_a_recorded_slider_leafs_and_the_other_controls_wait(tmp_path):
    recorded = recordings()["clip_guidance.pushed_panel"]
    assert len(recorded.frames) == 17
    slider = ipywidgets.FloatSlider(description="push", min=0, max=1.6, step=0.1, value=0.8)
    assert list(recorded.asked) == ["prompt", "seed"]
    words = ipywidgets.Text(description="prompt", value=recorded.asked["prompt"])
    seed = ipywidgets.BoundedIntText(description="seed", value=recorded.asked["seed"])
    films = [Film(alt="one"), Film(alt="other")]
    message = ipywidgets.HTML()
    root = ipywidgets.VBox(
        [
            ipywidgets.Box([words, slider, seed]),
            ipywidgets.Box(films),
            ipywidgets.Box([ipywidgets.Button(description="reset"), message]),
        ]
    )
    shown = cell("from course_utils.panels.steering import clip_guidance\nclip_guidance.pushed_panel()", root)
    notebook = saved(shown)
    page = LessonPage(
        "a",
        PictureFiles(tmp_path, "lessons"),
        Formulas(),
        frozenset(),
        SavedWidgets.of(notebook),
        {"clip_guidance.pushed_panel": recorded},
    )
    page.write(notebook)
    (one,) = page.instruments.values()
    assert page.saved.kept[one["leafed"]["slider"]]["traits"]["description"] == "push"
    assert [page.saved.kept[name]["traits"]["description"] for name in one["waiting"]] == ["prompt", "seed"]
    assert {name for frame in one["leafed"]["frames"] for name in frame} == {films[1].model_id}

    words.value = "another prompt"
    page.saved, page.instruments = SavedWidgets.of(saved(shown)), {}
    with pytest.raises(CourseError, match="not the one recorded"):
        page.write(notebook)


def test_a_large_recording_fails(tmp_path, monkeypatch):
    monkeypatch.setattr(lesson_recordings, "MOST", 10)
    (tmp_path / "a.b.json").write_text("[" + "0," * 20)
    with pytest.raises(CourseError, match=r"recording a\.b\.json has .* record less"):
        recordings(tmp_path)
