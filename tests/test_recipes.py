"""What a saved painting tells of itself: repainted as it says, and harmless whatever a file holds."""

from __future__ import annotations

import json
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from random_painter import CAT, apart

from course_utils import __main__, painters
from course_utils.painters import Canvas, Settings
from course_utils.runtime import CourseError

MEGABYTE = zlib.compress(bytes(1_000_000))
LETTERS = st.text('a1 ,{"\\\n\0\u0301\u732b\ud800\udfff\U0001f431', max_size=8)
SMALL = {"prompt": CAT, "interval": [0, 1], "steps": 2}


def png(*texts: bytes, width: int = 4, height: int = 4, kind: bytes = b"tEXt") -> bytes:
    """A PNG with these text chunks before its pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + b"\x80" * 12 for _ in range(4)))
    notes = b"".join(chunk(kind, text) for text in texts)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + notes + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def read(tmp_path, data: bytes):
    """What is read from such a file; it takes neither long nor much memory."""
    file = tmp_path / "strange.png"
    file.write_bytes(data)
    start = time.process_time()
    tracemalloc.start()
    try:
        return painters.recipe_of(file)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 150e6 and time.process_time() - start < 5


@pytest.mark.parametrize(
    "data",
    [
        png(b"painting\0" + b"[" * 100_000),
        png(b'painting\0{"a":' * 20_000),
        png(b'painting\0{"prompt": "x", "interval": [0, 1], "seed": ' + b"9" * 400 + b"}"),
        png(b'painting\0{"prompt": "x", "interval": [0, 1], "guidance": ' + b"9" * 400 + b"}"),
        png(b'painting\0{"prompt": "x", "interval": [0, 1], "guidance": ' + b"9" * 5000 + b"}"),
        png(b'painting\0{"prompt": "x", "interval": [0, 1], "guidance": 1e999}'),
        png(b'painting\0{"prompt": "x", "interval": [NaN, Infinity]}'),
        png(b'painting\0{"prompt": ' + json.dumps(["x"] * 100_000).encode() + b', "interval": [0, 1]}'),
        png(b'painting\0{"prompt": "x", "interval": [0, 1], "sampler": ["ddim"]}'),
        png(b'painting\0{"prompt": "x", "interval": {"a": 1, "b": 2}, "spacing": {}}'),
        png(b"painting\0\0" + zlib.compress(b" " * 20_000_000), kind=b"zTXt"),
        png(*[b"n%d\0\0" % k + MEGABYTE for k in range(80)], kind=b"zTXt"),
        png(b"painting\0{}", width=30_000, height=30_000),
        png(b"painting\0{}", width=2**31, height=1),
        png()[:40],
        b"",
        b"GIF89a" + bytes(100),
    ],
    ids=lambda data: f"{data[:2]!r}{len(data)}",
)
def test_a_strangers_file_ends_in_one_short_sentence(tmp_path, data):
    with pytest.raises(CourseError) as caught:
        read(tmp_path, data)
    assert len(str(caught.value)) < 400 and "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_what_is_no_file_is_not_waited_for(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path, tmp_path / "none.png", "nul\0.png", "\udcff.png"):
        with pytest.raises(CourseError, match="missing, or is no picture"):
            painters.recipe_of(path)


UNHURRIED = settings(  # a busy machine is no fault
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | LETTERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LETTERS, inner, max_size=3),
    max_leaves=6,
)
a_field = st.sampled_from(list(Settings.__dataclass_fields__))


@pytest.mark.long
@UNHURRIED
@given(st.dictionaries(a_field, json_values, max_size=4))
def test_any_values_are_settings_or_a_sentence(found):
    try:
        made = Settings.from_json(json.dumps({**SMALL, **found}))
    except CourseError as error:
        assert "\n" not in str(error) and len(str(error)) < 400
        str(error).encode()
    else:
        assert Settings.from_json(made.to_json()) == made and hash(made) == hash(
            Settings.from_json(made.to_json())
        )


@UNHURRIED
@given(LETTERS | st.binary(max_size=40).map(repr))
def test_any_text_is_settings_or_a_sentence(text):
    with pytest.raises(CourseError):
        Settings.from_json(text)


@UNHURRIED
@given(data=st.data())
def test_a_damaged_painting_is_a_painting_or_a_sentence(tmp_path, data):
    whole = bytearray(png(b"painting\0" + json.dumps(SMALL).encode(), b"painter\0picturebook"))
    for place, byte in data.draw(
        st.lists(st.tuples(st.integers(8, len(whole) - 1), st.integers(0, 255)), max_size=4)
    ):
        whole[place] = byte
    cut = data.draw(st.integers(0, len(whole)))
    file = tmp_path / "damaged.png"
    file.write_bytes(bytes(whole[:cut] if data.draw(st.booleans()) else whole))
    try:
        painters.recipe_of(file)
    except CourseError as error:
        assert "\n" not in str(error)


# --- paint --again --------------------------------------------------------------------------------


@pytest.fixture
def loads(painter, monkeypatch):
    """Every painter is the one with random weights; the names asked for are noted."""
    asked = []
    monkeypatch.setattr(painters, "load", lambda name: asked.append(str(name)) or painter, raising=False)
    return asked


def saved(painter, path, name="picturebook-flow", **changes):
    from dataclasses import replace

    done = replace(painter.paint(CAT, **{"steps": 2, "seed": 3, **changes}), painter=name)
    done.save(path)
    return done


def test_again_is_the_painter_that_painted(painter, loads, tmp_path):
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    before = saved(painter, first)
    assert __main__.main(["paint", "--again", str(first), "-o", str(second)]) == 0
    assert loads == ["picturebook-flow"]
    assert apart(Image.open(second), before.pixels) == 0
    assert painters.settings_of(second) == before.settings


def test_again_heeds_what_is_said_beside_it(painter, loads, tmp_path):
    first, second = tmp_path / "first.png", tmp_path / "second.png"
    before = saved(painter, first, negative="a hat")
    beside = ["a red boat", "--seed", "5", "--steps", "1", "--guidance", "2", "--sampler", "euler"]
    beside += ["--negative", "", "--painter", "another"]
    assert __main__.main(["paint", *beside, "--again", str(first), "-o", str(second)]) == 0
    assert loads == ["another"]
    assert painters.settings_of(second) == before.settings.but(
        prompt="a red boat", seed=5, steps=1, guidance=2.0, sampler="euler", negative=""
    )


@pytest.mark.long
def test_again_refuses_what_a_file_cannot_repeat(painter, loads, tmp_path, capsys):
    page, out = tmp_path / "page.png", tmp_path / "out.png"
    canvas = Canvas(painter.encode_image(np.full((128, 128, 3), 90, np.uint8)), 0.5)
    painter.paint(CAT, steps=2, canvas=canvas).save(page)
    assert painters.recipe_of(page).start == "a picture"
    assert __main__.main(["paint", "--again", str(page), "-o", str(out)]) == 2
    assert "was started from a picture" in capsys.readouterr().err
    for name in ("../../somewhere", "picturebook, pushed by CLIP", "auto", ""):
        saved(painter, page, name)
        assert __main__.main(["paint", "--again", str(page), "-o", str(out)]) == 2
        assert "--painter" in capsys.readouterr().err
    assert loads == [] and not out.exists()


# --- where a painting goes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["page.jpg", "page.jpeg", "page.txt", "none/page.png", ".", "page.png/x.png"]
)
def test_where_nothing_can_be_written_nothing_is_painted(tmp_path, loads, capsys, name):
    (tmp_path / "page.png").write_text("here before")
    assert __main__.main(["paint", CAT, "-o", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert loads == [] and said.count("\n") == 1 and ("cannot be written" in said or "'page.png'" in said)
    assert (tmp_path / "page.png").read_text() == "here before" and len(list(tmp_path.iterdir())) == 1


def test_a_painting_is_not_saved_under_a_false_name(painter, tmp_path):
    done = painter.paint(CAT, steps=1)
    with pytest.raises(CourseError, match=r"saved as PNG.*'page.png'"):
        done.save(tmp_path / "page.jpg")
    for wrong in ("page\0.png", "\ud800.png"):
        with pytest.raises(CourseError, match="cannot be written"):
            done.save(tmp_path / wrong)
    done.save(tmp_path / "PAGE.PNG")
    assert [path.name for path in tmp_path.iterdir()] == ["PAGE.PNG"]


def test_the_names_in_a_file_are_any(painter, tmp_path):
    saved(painter, tmp_path / "page.png", "\ud800 ma\u00df \u732b")
    assert painters.recipe_of(tmp_path / "page.png").painter == "\\ud800 ma\\xdf \\u732b"
    painter.paint(CAT + "\ud800 \u732b", steps=1).save(tmp_path / "page.png")
    assert painters.settings_of(tmp_path / "page.png").prompt == CAT + "\ud800 \u732b"
