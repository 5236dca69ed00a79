"""The views' Python side: traits, checks, encoding, names and the joined scripts."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from course_utils import widgets
from course_utils.runtime import CourseError
from course_utils.widgets import (
    ArrowField,
    Badge,
    CurveView,
    Guess,
    LossView,
    ParticlePlayer,
    PictureDrowner,
    Upload,
    palette,
)

VIEWS = [getattr(widgets, name) for name in widgets.__all__]


@pytest.mark.parametrize("view", VIEWS)
def test_repr_is_the_class_and_the_alt_text(view):
    assert repr(view(alt="a cat sinking into static")) == f"{view.__name__}('a cat sinking into static')"


def test_where_no_front_end_is_a_view_speaks_in_words():
    data, _ = Guess(question="Is 1 < 2?", low=0, high=9, unit="dB")._repr_mimebundle_()
    assert (
        data["text/plain"] == "Is 1 < 2? (0 to 9 dB)"
        and data["text/html"] == "<p>Is 1 &lt; 2? (0 to 9 dB)</p>"
    )
    assert repr(Guess(question="Is 1 < 2?")) == "Guess('Is 1 < 2?')"
    assert LossView(alt="the loss")._repr_mimebundle_()[0]["text/plain"] == "the loss"


@pytest.fixture
def upload():
    """An upload button, with the files it handed on as its `taken`; it refuses a file called "bad"."""
    button = Upload(max_bytes=8)
    button.taken = []

    def take(name, data):
        if name == "bad":
            raise CourseError("That one is bad.")
        button.taken.append((name, data))

    button.on_file(take)
    return button


def test_every_file_is_handed_on_the_same_one_twice(upload):
    assert [upload.answer({"name": "a.png"}, [memoryview(b"abc")]) for _ in range(2)] == ["", ""]
    assert upload.taken == [("a.png", b"abc")] * 2
    assert not any(b"abc" in value for value in upload.get_state().values() if isinstance(value, bytes))


@pytest.mark.parametrize(
    ("content", "buffers", "sentence"),
    [
        ({"name": "a.png"}, [b"123456789"], "The file has more than"),
        ({"name": "bad"}, [b"1"], "That one is bad."),
        ({"name": 3}, [b"1"], "The file did not arrive complete"),
        ({"name": "a.png"}, [], "The file did not arrive complete"),
        (None, [b"1"], "The file did not arrive complete"),
    ],
)
def test_a_refused_file_is_one_sentence_and_the_next_one_is_taken(upload, content, buffers, sentence):
    said = upload.answer(content, buffers)
    assert said.startswith(sentence) and said.endswith(".") and not upload.taken
    assert upload.answer({"name": "a.png"}, [b"abc"]) == "" and upload.taken == [("a.png", b"abc")]


@pytest.mark.parametrize("view", VIEWS)
def test_joined_script_declares_each_name_once_and_exports_once(view):
    names = re.findall(r"^(?:function|const|class|let)\s+(\w+)", view._esm, flags=re.MULTILINE)
    assert len(names) == len(set(names))
    assert not re.search(
        r"^\s*(//|/\*)", view._esm + view._css, flags=re.MULTILINE
    )  # each saved view holds them
    assert view._esm.count("export default") == 1
    assert "getElementById" not in view._esm


@pytest.mark.parametrize("view", VIEWS)
def test_front_end_reads_only_traits_that_exist(view):
    asked = set(re.findall(r'model\.get\("(\w+)"\)', view._esm))
    assert asked and asked <= set(view(alt="").keys)


@pytest.mark.parametrize("view", VIEWS)
def test_every_colour_a_script_names_is_in_the_palette(view):
    asked = set(re.findall(r'look\("([\w-]+)"\)', view._esm))
    assert asked and asked <= set(palette.colours())


@pytest.mark.parametrize("view", VIEWS)
def test_style_defines_both_themes(view):
    assert f"--cu-signal: {palette.LIGHT['signal']}" in view._css
    assert f"--cu-signal: {palette.DARK['signal']}" in view._css


def _luminance(colour: str) -> float:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("dark", [False, True])
def test_meaning_stands_out_from_paper(dark):
    colours = palette.colours(dark)
    quiet = {"paper", "raised", "line", "target", "lit", "veil", "stripe"}  # the last two lie on pictures
    for name in set(colours) - quiet:
        lighter, darker = sorted((_luminance(colours[name]), _luminance(colours["paper"])), reverse=True)
        least = 4.5 if name in {"ink", "muted"} else 3
        assert (lighter + 0.05) / (darker + 0.05) >= least, name


def test_themes_name_the_same_colours_and_badges_differ_by_shape():
    assert palette.colours().keys() == palette.colours(dark=True).keys()
    assert len(set(palette.SHAPES.values())) == len(palette.BADGES)


@pytest.fixture
def drowner():
    view = PictureDrowner(alt="cat")
    view.set_picture(np.full((4, 5, 3), 200, np.uint8))
    return view


def test_drowner_encodes_picture_noise_and_schedule(drowner):
    noise = np.random.default_rng(7).normal(size=(4, 5, 3))
    level = np.linspace(0, 1, 1001)
    drowner.set_noise(noise)
    drowner.set_schedule("straight path", 1 - level, level)
    assert (drowner.width, drowner.height) == (5, 4)
    assert drowner.picture == bytes([200]) * 60
    decoded = np.frombuffer(drowner.noise, "<i2").reshape(4, 5, 3) / 4096
    assert np.abs(decoded - noise).max() <= 0.5 / 4096
    assert np.frombuffer(drowner.noise_level, "<f4")[500] == pytest.approx(0.5)
    assert drowner.schedule_name == "straight path"


def test_drowner_drops_noise_of_another_size(drowner):
    drowner.set_noise(np.zeros((4, 5, 3)))
    drowner.set_picture(np.zeros((6, 5, 3), np.uint8))
    assert drowner.noise == b""
    assert drowner.height == 6


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (lambda view: view.set_picture(np.zeros((4, 5, 3))), "picture .*uint8"),
        (lambda view: view.set_picture(np.zeros((4, 5), np.uint8)), "picture must have the shape"),
        (lambda view: view.set_noise(np.zeros((5, 4, 3))), "noise must have the shape"),
        (lambda view: view.set_noise(np.full((4, 5, 3), np.nan)), "noise must hold finite"),
        (lambda view: view.set_schedule("short", np.ones(1000), np.ones(1001)), "signal curve .* shape"),
        (lambda view: setattr(view, "picture", b"12345"), "picture has 5 bytes"),
        (lambda view: setattr(view, "noise", b"12345"), "noise has 5 bytes"),
        (lambda view: setattr(view, "signal", b"1234"), "'signal' has 4 bytes"),
        (lambda view: setattr(view, "t", 1001), "timestep t lies"),
    ],
)
def test_drowner_refuses_in_one_sentence_and_keeps_its_picture(drowner, mistake, sentence):
    before = drowner.picture
    with pytest.raises(CourseError, match=sentence) as error:
        mistake(drowner)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)
    assert drowner.picture == before


def test_player_encodes_a_run_and_keeps_the_step():
    frames = np.random.default_rng(7).uniform(-2, 2, (3, 4, 2))
    view = ParticlePlayer(alt="points")
    view.set_run(frames, aims=frames, target=frames[0], labels=["a", "b", "c"], figures=["1", "2", "3"])
    assert (view.n_frames, view.count) == (3, 4)
    decoded = np.frombuffer(view.frames, "<i2").reshape(3, 4, 2) / 8192
    assert np.abs(decoded - frames).max() <= 0.5 / 8192
    view.step = 2
    view.set_run(frames)
    assert (view.step, view.labels, view.aims) == (2, [], b"")
    view.set_run(frames[:2])
    assert view.step == 1


def test_player_clips_points_that_fly_away():
    view = ParticlePlayer(alt="points")
    view.set_run(np.array([[[100.0, -100.0]]]))
    assert list(np.frombuffer(view.frames, "<i2")) == [32767, -32768]


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        (lambda view: view.set_run(np.zeros((3, 4))), "frames must have the shape"),
        (lambda view: view.set_run(np.zeros((3, 4, 2)), aims=np.zeros((3, 5, 2))), "aims must have"),
        (lambda view: view.set_run(np.zeros((3, 4, 2)), labels=["only one"]), "needs 3 labels, not 1"),
        (lambda view: view.set_run([["words"]]), "array of numbers"),
        (lambda view: setattr(view, "frames", b"1234"), "frames must hold 0 frames"),
        (lambda view: setattr(view, "target", b"123"), "target has 3 bytes"),
        (lambda view: setattr(view, "badge", "guessed"), "not 'guessed'"),
        (lambda view: setattr(view, "extent", 0.0), "extent lies above 0"),
    ],
)
def test_player_refuses_what_does_not_fit(mistake, sentence):
    with pytest.raises(CourseError, match=sentence):
        mistake(ParticlePlayer(alt="points"))


def test_curves_are_completed_and_rounded():
    view = CurveView(alt="c", series=[{"name": "a", "x": np.arange(3), "y": [1, 1 / 3, 0]}], marker=1.5)
    assert view.series == [
        {
            "name": "a",
            "role": "series0",
            "x": [0.0, 1.0, 2.0],
            "y": [1.0, 0.333333, 0.0],
            "err": [],
            "dash": False,
            "points": False,
            "place": 0,
        }
    ]
    assert CurveView(alt="c").marker is None


@pytest.mark.parametrize(
    ("curve", "sentence"),
    [
        ({"name": "a", "x": [0, 1]}, "curve needs"),
        ({"name": "a", "x": [0, 1], "y": [0]}, "y values of 'a' must have the shape"),
        ({"name": "a", "x": [1, 0], "y": [0, 1]}, "rise from left to right"),
        ({"name": "a", "x": [0, 1], "y": [0, float("nan")]}, "y values of 'a' must hold finite"),
        ({"name": "a", "x": [0, 1], "y": [0, 1], "role": "mauve"}, "not 'mauve'"),
        ({"name": "a", "x": [0, 1], "y": [0, 1], "err": [1]}, "error bars of 'a'"),
        ({"name": "a", "x": [0, 1], "y": [0, 1], "colour": "red"}, "curve needs"),
    ],
)
def test_curves_that_cannot_be_drawn_are_refused(curve, sentence):
    with pytest.raises(CourseError, match=sentence):
        CurveView(alt="c", series=[curve])


def test_range_and_reference_are_checked():
    with pytest.raises(CourseError, match="range of an axis"):
        CurveView(alt="c", x_range=[3, 1])
    with pytest.raises(CourseError, match="reference line needs"):
        CurveView(alt="c", reference=[{"name": "floor"}])
    assert CurveView(alt="c", y_range=(0, 1)).y_range == [0.0, 1.0]


def test_losses_are_appended_and_restarted():
    view = LossView(alt="loss")
    view.restart(10, target=np.zeros((5, 2)))
    view.push([1.0, 0.5], status="training")
    view.push([0.25], cloud=np.ones((2, 2)))
    assert list(np.frombuffer(view.losses, "<f4")) == [1.0, 0.5, 0.25]
    assert (view.status, view.total, len(view.cloud)) == ("training", 10, 8)
    view.restart(3)
    assert (view.losses, view.cloud, view.target, view.status) == (b"", b"", b"", "")
    with pytest.raises(CourseError, match="losses must hold finite"):
        view.push([float("inf")])


def test_a_guess_needs_a_range():
    with pytest.raises(CourseError, match="must lie above the lowest"):
        Guess(low=5, high=5)


def test_badge_knows_three_kinds():
    assert Badge(kind="replay").kind == "replay"
    with pytest.raises(CourseError, match="not 'real'"):
        Badge(kind="real")


def test_arrows_come_in_equal_numbers():
    view = ArrowField(alt="arrows")
    view.set_arrows(np.zeros((3, 2)), np.ones((3, 2)), np.ones((3, 2)), target=np.zeros((7, 2)))
    assert (len(view.points), len(view.conditional), len(view.target)) == (12, 12, 28)
    with pytest.raises(CourseError, match="unconditional ends must have"):
        view.set_arrows(np.zeros((3, 2)), np.ones((2, 2)), np.ones((3, 2)))


def test_no_widget_dresses_the_parts_of_another():
    """Style sheets hold for a whole page, so a class that one widget's sheet names is its own."""
    folder = Path(widgets.__file__).parent

    def classes(path):
        return set(re.findall(r"cu-[a-z-]+", path.read_text()))

    shared = set().union(*(classes(folder / f"{name}.css") for name in ("look", "question", "busy")))
    assert len(shared) > 5 and len(list(folder.glob("*.js"))) >= len(VIEWS)
    for sheet in folder.glob("*.css"):
        for script in folder.glob("*.js"):
            assert script.stem == sheet.stem or not (classes(sheet) - shared) & classes(script), sheet.name
