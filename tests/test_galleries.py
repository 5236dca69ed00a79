"""Recorded galleries: tiny models of every class are recorded, read and shown; bad files are a sentence."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest
import tiny_models
from panel_tools import views_of

from course_utils import painters, pictures
from course_utils.galleries import command, container, recorder, shelf
from course_utils.galleries.beginnings import BEGUN
from course_utils.galleries.container import MOST_BYTES, Made, Shot, pack
from course_utils.galleries.experiments import EXPERIMENTS, NEGATIVE, PROMPT
from course_utils.galleries.reading import READ_BYTES, read
from course_utils.galleries.recorded import RecordedPainter
from course_utils.painters.hub.table import CARD, MODELS
from course_utils.panels import large_models
from course_utils.panels.forward import small_room
from course_utils.runcards.settings import Settings
from course_utils.runtime import CourseError, threads
from course_utils.widgets import Film, Gallery

ROOT = Path(__file__).resolve().parent.parent
SIDE = tiny_models.SIDE
NAMES = list(MODELS)
pytestmark = pytest.mark.long  # pipelines of eight classes
MADE = Made("2026-11-26", "a test's machine", "torch, diffusers")


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """These networks are too small to be shared by cores, which would wait for each other."""
    with threads(1):
        yield


@pytest.fixture(autouse=True)
def shelves(monkeypatch, tmp_path):
    """No gallery of this machine, no GPU, and no large model but those of a test."""
    monkeypatch.setattr(shelf, "HOME", tmp_path / "home")
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "data"))
    monkeypatch.delenv(shelf.VARIABLE, raising=False)
    monkeypatch.setattr(painters, "large", lambda order: (None, "The built-in painter: there is no GPU."))


def small(name: str):
    """A tiny painter of a model of the table, which is meant for few steps and small pictures."""
    made = tiny_models.painter(name)
    return replace(made, row=replace(made.row, side=SIDE, steps=min(made.row.steps, 4)))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """What records a tiny model once; the file that it wrote."""
    files = {}

    def one(name: str) -> Path:
        if name not in files:
            target = tmp_path_factory.mktemp(name) / f"{name}.gallery"
            painter = small(name)
            recorder.record(painter, command.described(painter, name), target)
            files[name] = target
        return files[name]

    return one


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_every_class_is_recorded_and_read(recorded, name):
    path, live = recorded(name), small(name)
    recording, row = read(path), MODELS[name]
    assert path.stat().st_size <= MOST_BYTES and [one.name for one in path.parent.iterdir()] == [path.name]
    model, made = recording.model, recording.made
    assert (model.name, model.title, model.revision) == (name, row.title, row.revision)
    assert model.licence == row.licence and model.terms == f"{row.terms} {CARD.format(row.repositories[0])}"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", made.date) and "processor" in made.machine
    assert "torch" in made.software and "diffusers" in made.software
    plan = recorder.plan(live, live.title)
    assert {one.settings for one in recording.shots} == set(plan.wanted) and recording.shots
    assert recording.left_out == plan.left_out
    asked = {live.defaults(**request) for one in EXPERIMENTS for request in one.requests}
    assert asked == plan.wanted.keys() | plan.left_out.keys()


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_picture_is_what_a_live_paint_with_its_settings_gives(recorded, name):
    painter, live = RecordedPainter(read(recorded(name))), small(name)
    for settings in [live.defaults(PROMPT), *list(recorder.plan(live, live.title).wanted)[1:4]]:
        there, here = painter.paint(settings), live.paint(settings)
        assert there.settings == here.settings and there.evaluations == here.evaluations
        assert np.array_equal(there.pixels, here.pixels)
    there, here = (one.paint(one.defaults(PROMPT)) for one in (painter, live))
    assert [state.t for state in there.trajectory] == [state.t for state in here.trajectory]
    for one, other in zip(there.trajectory, here.trajectory, strict=True):
        assert np.array_equal(one.picture("clean"), other.picture("clean"))


@pytest.mark.parametrize("name", NAMES)
def test_the_vae_of_a_recorded_model_makes_the_round_trips_of_notebook_1(recorded, name):
    painter, live = RecordedPainter(read(recorded(name))), small(name)
    for picture in ("cat", "page"):
        there, here = (small_room.round_trip(small_room.shown(picture, SIDE), one) for one in (painter, live))
        for measure in ("sizes", "lost", "decibels", "numbers", "places"):
            assert getattr(there, measure) == pytest.approx(getattr(here, measure), rel=1e-6)
        assert np.array_equal(there.after, here.after)
    with pytest.raises(CourseError, match="choose cat or page"):
        painter.round_trip(np.zeros((SIDE, SIDE, 3), np.uint8))


def test_what_has_no_meaning_for_a_model_is_left_out_and_said(recorded):
    turbo, plain, klein = (read(recorded(name)) for name in ("sd-turbo", "sd15", "flux2-klein"))
    steps = {one.settings.steps for one in turbo.shots}
    assert steps == {1, 2, 3, 4} and all(one.settings.guidance == 1 for one in turbo.shots)
    said = set(turbo.left_out.values())
    assert any("was distilled to a few steps" in one for one in said)
    assert any("takes no negative prompt" in one or "paints without guidance" in one for one in said)
    assert {one.settings.steps for one in plain.shots} >= {60, 20, 8, 3}
    assert {one.settings.guidance for one in plain.shots} >= {1, 7, 20}
    assert sum(bool(one.settings.negative) for one in plain.shots) == 2
    assert all("was not distilled" in one for one in plain.left_out.values())
    with pytest.raises(CourseError, match="was distilled"):
        RecordedPainter(klein).paint(RecordedPainter(klein).defaults(PROMPT, guidance=7))


def test_a_gallery_shows_itself_with_its_badge_machine_date_and_licence(recorded):
    painter = RecordedPainter(read(recorded("sd15")))
    side, title = large_models.side(painter), large_models.title(painter)
    panels = [
        large_models.gallery(painter, guidance=[1, 7, 20]),
        large_models.pairs(painter, [{"prompt": PROMPT}, {"prompt": PROMPT, "negative": NEGATIVE}]),
        large_models.film(painter),
        small_room.round_trip_panel(("cat", "page"), painter, side, title),
    ]
    for panel in panels:
        view = next(iter([*views_of(panel, Gallery), *views_of(panel, Film)]))
        assert view.badge == "recorded" and "Stable Diffusion 1.5" in view.title and view.n_frames > 1
        message = panel._message.value
        made = painter.recording.made
        for word in (f"Recorded on {made.machine}, {made.date}", "OpenRAIL-M", "claims no rights", "451f4fe"):
            assert word in message
        assert panel._still()[:2] == b"\xff\xd8"
    assert views_of(panels[0], Gallery)[0].captions[1].startswith("guidance 7")


def test_what_was_not_recorded_is_a_sentence_below_the_others(recorded):
    painter = RecordedPainter(read(recorded("sd15")))
    panel = large_models.gallery(painter, guidance=[7, 11])
    assert views_of(panel, Gallery)[0].n_frames == 1
    assert "holds no picture" in panel._message.value and "w = 11" in panel._message.value


def cells() -> list[tuple[str, list[str]]]:
    """Each notebook's name, and its code cells from the one that imports `large_models` on that use it."""
    found = []
    for path in sorted((ROOT / "notebooks").glob("0*.ipynb")):
        sources = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        found.append((path.stem, [one for one in sources if "large_models" in one]))
    return found


@pytest.mark.parametrize(("notebook", "sources"), cells(), ids=[name for name, _ in cells()])
def test_every_notebook_shows_its_experiment_from_the_galleries(recorded, monkeypatch, notebook, sources):
    monkeypatch.setenv(shelf.VARIABLE, f"{recorded('sd15')}:{recorded('sd-turbo')}")
    names, shown = {"small_room": small_room}, []
    for source in sources:
        *before, last = source.strip().split("\n")
        ending = last if not last.startswith((" ", ")", "}", "]", "from", "model =", "quick =")) else None
        exec("\n".join(before if ending else [*before, last]), names)
        if ending:
            shown.append(eval(ending, names))
    assert shown, notebook
    for panel in shown:
        view = next(iter([*views_of(panel, Gallery), *views_of(panel, Film)]))
        assert view.badge == "recorded" and view.n_frames > 1
        lacks = "holds no" in panel._message.value
        assert not lacks, f"EXPERIMENTS in galleries/experiments.py lacks what {notebook} shows"


def test_the_best_gallery_of_an_order_stands_in_and_a_name_finds_its_own(recorded, monkeypatch, capsys):
    folder = recorded("sd15").parent
    (folder / "turbo.gallery").write_bytes(recorded("sd-turbo").read_bytes())
    monkeypatch.setenv(shelf.VARIABLE, str(folder))
    try:
        assert [large_models.model(order).name for order in ("auto", "guided", "quick")] == [
            "sd15",
            "sd15",
            "sd-turbo",
        ]
        assert "there is no GPU" in capsys.readouterr().out
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        monkeypatch.setattr(painters, "load", refusing)
        assert large_models.model("sd-turbo").title == MODELS["sd-turbo"].title
        assert capsys.readouterr().out == "It is too large. Instead of it, what was recorded.\n"
        with pytest.raises(CourseError, match="too large"):
            large_models.model("sd35-medium")
    finally:
        (folder / "turbo.gallery").unlink()


def refusing(name):
    raise CourseError("It is too large.")


def test_without_a_gallery_the_built_in_painter_paints_and_a_line_says_how_to_get_one(capsys):
    assert large_models.model("auto").name == "picturebook"
    out = capsys.readouterr().out
    assert "there is no GPU" in out and "python -m course_utils record sd15" in out
    assert (ROOT / "docs" / "galleries.md").is_file() and "docs/galleries.md" in out


def test_a_place_that_is_not_there_is_a_sentence(monkeypatch, capsys):
    monkeypatch.setenv(shelf.VARIABLE, "/nowhere/at/all")
    assert shelf.best("auto") is None
    assert capsys.readouterr().out == (
        "COURSE_GALLERIES names '/nowhere/at/all', which is not there: correct it, or unset it.\n"
    )


def altered(path: Path, change) -> bytes:
    """A gallery's bytes with its index changed, as a file that was made by another program."""
    target = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            if entry == container.INDEX:
                index = json.loads(data)
                change(index)
                data = json.dumps(index).encode()
            new.writestr(entry, data)
    return target.getvalue()


def deflated(path: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, old.read(entry))
    return target.getvalue()


def flipped(path: Path) -> bytes:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    return bytes(data)


def edit(**keys):
    return lambda path: altered(path, lambda index: index.update(keys))


BAD = {
    "empty": lambda path: b"",
    "cut off": lambda path: path.read_bytes()[:-40],
    "one bit": flipped,
    "text": lambda path: b"not a gallery at all",
    "packed": deflated,
    "of another program": edit(format="something else"),
    "without pictures": edit(pictures=None),
    "a number for a name": lambda path: altered(path, lambda index: index["model"].update(title=7)),
    "several lines": lambda path: altered(path, lambda index: index["model"].update(title="a\nb")),
    "a book for a name": lambda path: altered(path, lambda index: index["model"].update(terms="x" * 9999)),
    "no model": lambda path: altered(path, lambda index: index.pop("model")),
    "nan": lambda path: altered(path, lambda index: index["pictures"][0].update(seconds=float("nan"))),
    "a path": lambda path: altered(path, lambda index: index["pictures"][0].update(file="../../etc/passwd")),
    "not a picture": lambda path: altered(
        path, lambda index: index["pictures"][0].update(file="gallery.json")
    ),
    "impossible settings": lambda path: altered(
        path, lambda index: index["pictures"][0]["settings"].update(steps=-1)
    ),
    "a list": lambda path: altered(path, lambda index: index.update(model=[])),
    "huge side": edit(side=100_000),
    "a thousand pictures": lambda path: altered(
        path, lambda index: index.update(pictures=index["pictures"][:1] * 1000)
    ),
    "a picture of nobody": lambda path: altered(
        path, lambda index: index["round_trips"][0].update(picture="../page")
    ),
    "frames without a time": lambda path: altered(
        path, lambda index: index["pictures"][0].update(timesteps=[2, 1])
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_damaged_or_foreign_file_is_one_sentence_and_the_notebook_goes_on(
    recorded, kind, tmp_path, monkeypatch, capsys
):
    bad = tmp_path / "bad.gallery"
    bad.write_bytes(BAD[kind](recorded("sd-turbo")))
    with pytest.raises(CourseError, match="is damaged, or is no recorded gallery of this course") as caught:
        read(bad)
    assert "\n" not in str(caught.value)
    monkeypatch.setenv(shelf.VARIABLE, str(bad))
    assert large_models.model("quick").name == "picturebook-fast"
    assert str(caught.value) in capsys.readouterr().out


def test_a_newer_a_huge_and_an_unreadable_file_are_a_sentence(recorded, tmp_path):
    new = tmp_path / "new.gallery"
    new.write_bytes(altered(recorded("sd-turbo"), lambda index: index.update(version=2)))
    with pytest.raises(CourseError, match="newer course than this one"):
        read(new)
    with new.open("ab") as file:
        file.truncate(READ_BYTES + 1)
    with pytest.raises(CourseError, match="has more than 6 MB"):
        read(new)
    with pytest.raises(CourseError, match="cannot be read"):
        read(tmp_path)


def test_a_gallery_of_loud_pictures_still_fits(recorded, monkeypatch):
    """Static is what WebP packs worst: quality gives way first, then the side."""
    monkeypatch.setattr(container, "MOST_BYTES", 150_000)
    dice, model = np.random.default_rng(7), read(recorded("sd15")).model
    pixels, frames = (dice.integers(0, 256, (*n, 160, 160, 3), np.uint8) for n in ((), (4,)))
    shots = [Shot(Settings("a", seed=k), 1, 1.0, "", pixels, frames, (4, 3, 2, 1)) for k in range(2)]
    packed = pack(model, MADE, shots, {}, {})
    assert 10_000 < len(packed) <= 150_000 and packed == pack(model, MADE, shots, {}, {})
    monkeypatch.setattr(container, "MOST_BYTES", 600)
    with pytest.raises(CourseError, match="record fewer"):
        pack(model, MADE, shots, {}, {})


def test_pictures_of_a_usual_size_lose_little(recorded, tmp_path, monkeypatch):
    monkeypatch.setattr(container, "MOST_BYTES", MOST_BYTES // 10)
    photo, still = pictures.load("cat", 512), np.zeros((0, 512, 512, 3), np.uint8)
    shots = [Shot(Settings("a", seed=k), 1, 1.0, "", photo, still, ()) for k in range(3)]
    path = tmp_path / "cats.gallery"
    path.write_bytes(pack(read(recorded("sd15")).model, MADE, shots, {}, {}))
    found = read(path)
    assert (
        path.stat().st_size <= MOST_BYTES // 10 and found.side == 512 and found.quality < container.LOSSLESS
    )
    assert np.abs(found.shots[0].pixels.astype(float) - photo).mean() < 4


class Interrupting:
    """A painter that somebody stops at its third picture."""

    def __init__(self, painter):
        self._painter, self.painted = painter, 0

    def __getattr__(self, name):
        return getattr(self._painter, name)

    def paint(self, settings):
        self.painted += 1
        if self.painted == 3:
            raise KeyboardInterrupt
        return self._painter.paint(settings)


def test_an_interrupted_recording_goes_on_where_it_stopped(monkeypatch, tmp_path, capsys, recorded):
    target = tmp_path / "made here" / "sd-turbo.gallery"
    stopped = Interrupting(small("sd-turbo"))
    monkeypatch.setattr(painters, "load", lambda name: stopped)
    asked = ["sd-turbo", "-o", str(target)]
    assert command.main(asked) == command.INTERRUPTED
    out = capsys.readouterr().out
    assert "Interrupted: what is painted is kept" in out and not target.exists()
    damaged = next((target.parent / f"{target.name}{BEGUN}").glob("*.npz"))
    damaged.write_bytes(b"cut off")
    with pytest.raises(CourseError, match="beginnings of another recording"):
        other = small("sd15")
        recorder.record(other, command.described(other, "sd15"), target)
    assert command.main(asked) == 0
    assert stopped.painted == 3 + len(read(target).shots) - 1  # one was kept, one was damaged
    assert [one.name for one in target.parent.iterdir()] == [target.name]
    for one, other in zip(read(target).shots, read(recorded("sd-turbo")).shots, strict=True):
        assert one.settings == other.settings and np.array_equal(one.pixels, other.pixels)
    printed = capsys.readouterr().out
    assert MODELS["sd-turbo"].terms in printed and "Left out: SD-Turbo" in printed and "MB" in printed


def test_a_picture_that_cannot_be_painted_ends_the_recording_and_keeps_the_others(monkeypatch, tmp_path):
    painter, target = small("sd-turbo"), tmp_path / "x.gallery"
    monkeypatch.setattr(painter, "encode_image", lambda picture: refusing(""))
    with pytest.raises(CourseError, match="too large"):
        recorder.record(painter, command.described(painter, "sd-turbo"), target)
    assert not target.exists() and len(list((tmp_path / f"x.gallery{BEGUN}").glob("*.npz"))) > 4


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (["picturebook"], "the built-in painters paint everywhere"),
        (["auto"], "choose one of sd15"),
        (["sd15", "-o", "sd15.zip"], "name it 'sd15.gallery'"),
        (["sd15", "-o", "/dev/null/x.gallery"], "cannot be written"),
    ],
)
def test_mistakes_of_the_command_are_a_sentence_before_anything_is_painted(monkeypatch, asked, sentence):
    monkeypatch.setattr(painters, "load", small)
    with pytest.raises(CourseError, match=sentence):
        command.main(asked)


def test_a_local_folder_is_recorded_under_its_licence(folder, tmp_path, monkeypatch):
    few = [replace(one, requests=one.requests[:1]) for one in EXPERIMENTS[:2]]
    monkeypatch.setattr(recorder, "EXPERIMENTS", few)
    target = tmp_path / "own.gallery"
    assert command.main([str(folder), "-o", str(target), "--licence", "CC BY 4.0"]) == 0
    model = read(target).model
    assert (model.name, model.licence) == (folder.name, "CC BY 4.0")
    assert re.fullmatch(r"[0-9a-f]{40}", model.revision) and "whoever made it" in model.terms
    monkeypatch.setenv(shelf.VARIABLE, str(target))
    assert shelf.best("auto").name == shelf.best("guided").name == folder.name
    assert shelf.best("quick") is None


def test_every_licence_of_the_table_says_what_it_asks_of_pictures():
    for row in MODELS.values():
        assert row.terms.endswith(".") and len(row.terms) <= 250
        described = command.described(small(row.name), row.name)
        assert len(described.terms) <= container.LONGEST
