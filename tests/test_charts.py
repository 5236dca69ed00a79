"""Charts: one drawing for the page and its still, in the colours of either theme, told apart without them."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.font_manager import weight_dict
from matplotlib.text import Text
from panel_tools import views_of
from PIL import Image

from course_utils import charts, plots
from course_utils.charts import frame
from course_utils.panels.base import drawn
from course_utils.panels.forward import drowning
from course_utils.runtime import CourseError
from course_utils.widgets import CurveView, Drawing, chart_series, marks, palette

X, Y = [1, 2, 4], [1.0, 0.5, 0.25]
MANY = 10


def curve(name, **more):
    return {"name": name, "x": X, "y": Y, **more}


def drawn_lines(figure):
    """The lines of a figure's chart: curves first, then reference lines."""
    return figure.axes[0].get_lines()


def look(line):
    marker = line.get_marker()
    return (
        str(None if marker == "None" else marker.vertices.round(3).tolist()),
        str(line.get_linestyle()),
        str(line._dash_pattern),
    )


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize("points", [True, False], ids=["points", "lines"])
def test_ten_curves_differ_by_colour_and_without_it(points):
    figure = charts.chart([curve(f"curve {k}", points=points) for k in range(MANY)])
    lines = drawn_lines(figure)[:MANY]
    assert len({line.get_color() for line in lines}) == len(set(map(look, lines))) == MANY
    assert legend(figure) == [f"curve {k}" for k in range(MANY)]


def test_curves_of_one_colour_differ_and_so_do_reference_lines():
    series = [
        *(curve(f"points {k}", role="ink", points=True) for k in range(4)),
        *(curve(f"line {k}", role="ink") for k in range(2)),
        curve("dashed", role="ink", dash=True),
    ]
    lines = drawn_lines(charts.chart(series, reference=[{"name": "one", "y": 1}, {"name": "two", "y": 2}]))
    curves, references = lines[: len(series)], lines[len(series) :]
    assert len(set(map(look, curves))) == len(series) and len(set(map(look, references))) == 2


def test_ten_bars_differ_by_hatch():
    figure = charts.bars({"w = 1": {f"answer {k}": 0.1 for k in range(MANY)}})
    assert len({(bar.get_hatch()) for bar in figure.axes[0].patches}) == MANY
    assert len({bar.get_facecolor() for bar in figure.axes[0].patches}) == MANY


@pytest.mark.parametrize(
    "shares",
    [
        {"to the nearest training page": {"from a painting": 1.0, "from an unseen real page": 0.96}},
        {"w = 1": {"meadow": 0.2, "forest": 0.1}, "w = 4": {"meadow": 0.7}},
        {"none": {"cat": 0.0}},
    ],
    ids=["distances", "settings", "nothing"],
)
def test_what_stands_beside_a_bar_ends_within_the_chart(shares):
    """In a browser's letters, too, which are a tenth wider."""
    figure = charts.bars(shares, "a share")
    figure.draw_without_rendering()
    for note in figure.axes[0].texts:
        box = note.get_window_extent()
        assert box.x0 + 1.1 * box.width <= figure.bbox.x1


def test_an_answer_has_one_colour_in_every_group():
    figure = charts.bars({"a": {"red": 0.5, "blue": 0.5}, "b": {"blue": 1.0}})
    _, blue, alone = figure.axes[0].patches
    assert blue.get_facecolor() == alone.get_facecolor() and blue.get_hatch() == alone.get_hatch()


def test_a_view_and_a_drawing_give_a_curve_the_same_look():
    series = [curve("a", role="series3", points=True), curve("b", points=True), curve("c")]
    view = CurveView(alt="c", series=series)
    assert [entry["place"] for entry in view.series] == [3, 0, 1]
    assert [entry["role"] for entry in view.series] == ["series3", "series0", "series1"]
    for line, entry in zip(drawn_lines(charts.chart(series)), view.series, strict=False):
        assert line.get_color() == palette.LIGHT.get(entry["role"], palette.colours()[entry["role"]])
        wanted = marks.MARKS[entry["place"]] if entry["points"] else None
        shown = line.get_marker().vertices if entry["points"] else None
        assert wanted is None or np.allclose(shown[:-1], wanted)


def test_the_browser_has_the_tables_of_python():
    for k, polygon in enumerate(marks.MARKS):
        x, y = polygon[0]
        assert f"M{x:g} {-y:g}L" in CurveView._esm, k
    assert "const DASHES = [[], [2, 6]" in CurveView._esm and "const DASHED = [10, 7]" in CurveView._esm
    tables = (marks.MARKS, marks.DASHES, marks.HATCHES, palette.SERIES_LIGHT, palette.SERIES_DARK)
    assert {len(table) for table in tables} == {len(set(table)) for table in tables} == {MANY}


def test_a_drawing_takes_its_colours_from_the_page():
    figure = charts.chart(
        [curve("a", points=True, err=[0.1] * 3), curve("b", dash=True)],
        reference=[{"name": "floor", "y": 0.1}],
        marker=2,
        title="t",
        x_label="x",
        y_label="y",
    )
    for drawing in (plots.svg(figure), plots.svg(charts.bars({"a": {"red": 0.5, "blue": 0.5}}))):
        assert not re.search(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3};", drawing)
        named = set(re.findall(r"var\(--cu-([\w-]+)\)", drawing))
        assert {"series0", "series1", "ink"} <= named <= set(palette.colours())
    assert "<style" not in plots.svg(figure) and "font-family" not in plots.svg(figure)


def test_a_drawing_is_small_well_formed_and_always_the_same():
    figure = charts.chart([curve("a < b & c", points=True)], title="<img src=x onerror=alert(1)>")
    drawing = plots.svg(figure)
    root = ElementTree.fromstring(drawing)
    assert root.tag.endswith("svg") and root.get("viewBox")
    letters = [text.text for text in root.iter() if text.tag.endswith("text")]
    assert "a < b & c" in letters and any("onerror" in text for text in letters if text)
    assert "<img" not in drawing and len(drawing) < 12_000
    assert drawing == plots.svg(
        charts.chart([curve("a < b & c", points=True)], title="<img src=x onerror=alert(1)>")
    )


def test_the_still_is_what_is_shown_live():
    figures = {"One.": charts.chart([curve("first")]), "Two.": charts.chart([curve("second")])}
    panel = drawn("Both.", figures)
    live = views_of(panel, Drawing)
    assert [view.alt for view in live] == ["One.", "Two."]
    assert [view.svg for view in live] == [plots.svg(figure) for figure in figures.values()]
    assert panel._still() == plots.png(*figures.values())


def test_the_still_of_a_chart_that_moves_has_its_data_and_its_marker(monkeypatch):
    panel = drowning.schedule_panel()
    levels, decibels = views_of(panel, CurveView)
    levels.marker = decibels.marker = 700.0
    asked = []
    monkeypatch.setattr(charts, "chart", lambda **chart: asked.append(chart) or "a figure")
    monkeypatch.setattr(plots, "png", lambda *figures: b"a still")
    assert panel._still() == b"a still"
    assert asked == [levels.chart, decibels.chart] and asked[0]["marker"] == 700.0
    assert asked[0]["series"] == levels.series and asked[0]["y_range"] == levels.y_range


def test_a_marker_reads_each_curve_where_it_stands():
    figure = charts.chart([curve("a"), curve("later", role="ink") | {"x": [3, 4, 5]}], marker=3, y_log=True)
    values = [text.get_text() for text in figure.axes[0].texts]
    assert values == ["0.354", "1.00"]  # between 0.5 and 0.25, on an axis of powers


def test_values_at_a_marker_do_not_lie_on_each_other():
    figure = charts.chart([curve(f"{k}") | {"y": [1 + k / 100] * 3} for k in range(4)], marker=2)
    plots.svg(figure)
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert len(boxes) == 4
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[k + 1 :])


def test_a_long_axis_has_plain_numbers():
    figure = charts.chart([curve("a") | {"x": [1, 8, 60]}], x_log=True)
    plots.svg(figure)
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()][3:9] == [
        "1",
        "2",
        "5",
        "10",
        "20",
        "50",
    ]


def test_weights_of_letters_have_names():
    """matplotlib 3.10, which Colab has, writes no drawing with a weight that is a number."""
    figures = (
        charts.chart([curve("a")], marker=2),
        charts.bars({"a": {"red": 0.5}}),
        charts.table(("badge", "meaning"), [("learned", "guesses")]),
        charts.tally({"one": 3, "two": 1}),
    )
    weights = {text.get_fontweight() for figure in figures for text in figure.findobj(Text)}
    assert "semibold" in weights and weights <= set(weight_dict)


def test_figures_stand_beside_each_other_and_then_below():
    one = charts.chart([curve("a")])
    width, height = (Image.open(io.BytesIO(plots.png(one)))).size
    assert Image.open(io.BytesIO(plots.png(one, one))).size == (2 * width, height)
    assert Image.open(io.BytesIO(plots.jpeg(one, one, one))).size == (2 * width, 2 * height)


def test_a_table_is_as_large_as_letters_are_and_holds_all_words():
    long = "a trained network guesses: this is what an image generator is " * 2
    figure = charts.table(
        ("badge", "meaning"), [("learned", long), ("replay", "short")], ("learned", "replay")
    )
    size = palette.TYPE["base"] * 72 / frame.DPI
    assert {text.get_fontsize() for text in figure.axes[0].texts} == {size}
    image = Image.open(io.BytesIO(plots.png(figure)))
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(
        box.x0 >= 0 and box.x1 <= image.width and box.y0 >= 0 and box.y1 <= image.height for box in boxes
    )
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[k + 1 :])


@pytest.mark.parametrize("role", ["learned", "exact", "replay", "good", "bad", "lit", "accent", "target"])
def test_a_measure_is_not_drawn_in_a_colour_that_says_something_else(role):
    with pytest.raises(CourseError, match="role of 'contrast' is one of"):
        chart_series.complete([curve("contrast", role=role)])
