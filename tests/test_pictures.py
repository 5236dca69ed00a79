"""Pictures: the bundled ones, and the one door through which a learner's upload comes in."""

from __future__ import annotations

import importlib.util
import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from course_utils import pictures
from course_utils.runtime import CourseError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def encoded(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise_picture(size: int = 64) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8))


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_of_claimed_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def webp_of_claimed_size(width: int, height: int) -> bytes:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    small = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    return small[:24] + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little") + small[30:]


def gif_of_claimed_size(width: int, height: int) -> bytes:
    small = encoded(Image.new("P", (4, 4)), "GIF")
    return small[:6] + struct.pack("<HH", width, height) + small[10:]


def refusal(data: bytes, filename: str = "") -> str:
    """Return the message of the refused upload, having checked that it is one sentence of bearable length."""
    with pytest.raises(CourseError) as caught:
        pictures.decode_upload(data, filename)
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".") and len(message) < 200
    return message


# --- bundled pictures -------------------------------------------------------------------------------


def test_the_cat_is_the_photo_and_its_face_is_in_the_square():
    cat = pictures.load("cat", 256)
    assert cat.shape == (256, 256, 3) and cat.dtype == np.uint8
    assert 60 < cat.mean() < 190 and cat.std() > 25
    assert cat[..., 0].mean() > cat[..., 2].mean()  # a ginger cat: more red than blue


def test_loading_the_cat_runs_no_code_of_scikit_image():
    code = "import sys; from course_utils.pictures import load; load(); assert 'skimage' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_without_scikit_image_a_drawing_stands_in_with_one_line(monkeypatch, tmp_path, capsys):
    Image.new("RGB", (32, 32), BLUE).save(tmp_path / "page.png")
    monkeypatch.setattr(pictures, "PICTURES", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert (pictures.load("cat", 16) == BLUE).all()
    notice = capsys.readouterr().err
    assert "scikit-image" in notice and notice.count("\n") == 1


def test_drawings_are_found_by_name(monkeypatch, tmp_path):
    Image.new("RGB", (32, 32), GREEN).save(tmp_path / "meadow.png")
    monkeypatch.setattr(pictures, "PICTURES", tmp_path)
    assert pictures.names() == ["cat", "meadow"]
    assert (pictures.load("meadow", 8) == GREEN).all()


@pytest.mark.parametrize("name", ["dog", "../pictures/page", "", "x" * 999])
def test_an_unknown_name_gets_the_list_of_known_ones(name):
    with pytest.raises(CourseError, match="choose one of: cat"):
        pictures.load(name)


@pytest.mark.parametrize("size", [0, -1, 2.5, "256", True, 10**6])
def test_an_impossible_size_is_refused(size):
    with pytest.raises(CourseError, match="whole number of pixels"):
        pictures.load("cat", size)


# --- uploads that are right -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_format_is_read_whatever_the_file_is_called(kind):
    result = pictures.decode_upload(
        encoded(Image.new("RGB", (50, 40), (200, 100, 50)), kind), "picture.txt", 32
    )
    assert result.shape == (32, 32, 3) and result.dtype == np.uint8
    assert np.abs(result.astype(int) - (200, 100, 50)).max() <= 6  # JPEG, WebP and the palette of GIF round


def test_the_centre_square_is_kept():
    wide = Image.new("RGB", (90, 30), RED)
    wide.paste(GREEN, (30, 0, 60, 30))
    assert (pictures.decode_upload(encoded(wide), size=30) == GREEN).all()


def test_a_memoryview_is_accepted():
    data = encoded(Image.new("RGB", (8, 8), RED))
    assert (pictures.decode_upload(memoryview(data), size=4) == RED).all()


def test_exif_rotation_turns_the_picture_upright():
    picture = Image.new("RGB", (40, 40), RED)
    picture.paste(BLUE, (0, 0, 40, 20))  # stored: blue above red
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to show: what is stored on top ends on the right
    result = pictures.decode_upload(encoded(picture, "JPEG", exif=exif, quality=95), size=40).astype(int)
    assert result[20, 35, 2] > 200 > 50 > result[20, 35, 0]
    assert result[20, 5, 0] > 200 > 50 > result[20, 5, 2]


@pytest.mark.filterwarnings("error")
def test_a_broken_exif_block_does_not_cost_the_picture():
    data = encoded(Image.new("RGB", (16, 16), RED), "JPEG", exif=b"Exif\0\0MM\0*\0\0\xff\xff nonsense")
    assert pictures.decode_upload(data, size=8)[..., 0].min() > 240


def test_an_animated_gif_gives_its_first_frame():
    first, second = Image.new("RGB", (16, 16), RED), Image.new("RGB", (16, 16), BLUE)
    data = encoded(first, "GIF", save_all=True, append_images=[second])
    assert (pictures.decode_upload(data, size=8) == RED).all()


def test_sixteen_bit_grey_is_scaled_not_clipped():
    ramp = np.linspace(0, 65535, 64).astype(np.uint16)
    result = pictures.decode_upload(encoded(Image.fromarray(np.tile(ramp, (64, 1)))), size=64)
    assert result[:, 0].max() == 0 and result[:, -1].min() == 255
    assert abs(int(result[0, 32, 0]) - 129) <= 2
    assert (result[..., 0] == result[..., 2]).all()


def test_sixteen_bit_colour_is_read():
    row = b"\0" + struct.pack(">HHH", 65535, 32768, 0) * 4
    header = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * 4)) + chunk(b"IEND", b"")
    assert (pictures.decode_upload(b"\x89PNG\r\n\x1a\n" + body, size=4) == (255, 128, 0)).all()


def test_cmyk_becomes_rgb():
    data = encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG", quality=95)
    result = pictures.decode_upload(data, size=8).astype(int)
    assert result[..., 0].min() > 230 and result[..., 1:].max() < 30


def test_a_palette_with_transparency_is_laid_on_white():
    picture = Image.new("P", (16, 16), 0)
    picture.putpalette([*RED, *BLUE])
    picture.paste(1, (8, 0, 16, 16))
    result = pictures.decode_upload(encoded(picture, transparency=0), size=16)
    assert (result[:, :6] == WHITE).all() and (result[:, 10:] == BLUE).all()


def test_half_transparent_pixels_mix_with_white():
    result = pictures.decode_upload(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 128))), size=8)
    assert np.abs(result.astype(int) - 127).max() <= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGBA", "P"])
def test_every_mode_a_png_can_have_gives_rgb(mode):
    assert pictures.decode_upload(encoded(noise_picture().convert(mode)), size=16).shape == (16, 16, 3)


# --- uploads that are not ---------------------------------------------------------------------------


def test_zero_bytes_are_refused():
    assert "empty" in refusal(b"", "nothing.png")


def test_text_renamed_png_is_refused():
    assert "is not a picture" in refusal(b"Dear diary, today I painted.", "diary.png")


def test_the_limit_on_bytes_holds_before_anything_is_read():
    assert "more than 20 MB" in refusal(bytes(200_000_000), "holiday.png")


@pytest.mark.parametrize(
    "giant", [png_of_claimed_size, webp_of_claimed_size, gif_of_claimed_size], ids=["png", "webp", "gif"]
)
@pytest.mark.parametrize("side", [6400, 12_000, 16_000])
def test_a_decompression_bomb_is_refused_by_its_header(giant, side, monkeypatch):
    data = giant(side, side)
    monkeypatch.setattr(Image.Image, "load", lambda image: pytest.fail("pixels were decoded"))
    assert "million pixels" in refusal(data, "big")


def test_twenty_thousand_by_twenty_thousand_is_refused():
    data = png_of_claimed_size(20_000, 20_000)
    assert len(data) < 200
    assert "40 million pixels" in refusal(data, "giant.png")


def test_a_picture_just_below_the_limit_is_read():
    data = encoded(Image.new("L", (6300, 6300)))
    assert pictures.decode_upload(data, size=8).shape == (8, 8, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("kept", [20, 60, 0.5, 0.9])
def test_a_truncated_picture_is_refused(kind, kept):
    data = encoded(noise_picture(), kind)
    cut = data[: kept if isinstance(kept, int) else int(len(data) * kept)]
    assert "damaged" in refusal(cut, "cut")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_damaged_bytes_give_a_picture_or_one_sentence(kind):
    data = encoded(noise_picture(32), kind)
    rng = np.random.default_rng(7)
    for _ in range(60):
        broken = bytearray(data)
        for place in rng.integers(4, len(data), 8):
            broken[place] = rng.integers(256)
        try:
            assert pictures.decode_upload(bytes(broken), size=8).shape == (8, 8, 3)
        except CourseError as error:
            assert str(error).endswith(".")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (encoded(Image.new("RGB", (4, 4)), "TIFF"), "TIFF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"8BPS\0\1" + bytes(40), "Photoshop"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
        (encoded(Image.new("RGB", (4, 4)), "BMP"), "not a picture that can be read"),
    ],
)
def test_other_formats_are_named_and_the_right_ones_offered(data, word):
    message = refusal(data, "picture.png")
    assert word in message and "PNG, JPEG, WebP or GIF" in message


def test_names_in_messages_are_clipped_and_clean():
    message = refusal(b"", "/home/me/" + "very" * 100 + "\x1b[31m\u202e\n.png")
    assert "home" not in message and "\x1b" not in message and "\u202e" not in message
    assert "..." in message and len(message) < 90


# --- number ranges and PNG --------------------------------------------------------------------------


def test_unit_range_round_trips_every_grey_level():
    levels = np.arange(256, dtype=np.uint8)
    unit = pictures.to_unit(levels)
    assert unit.dtype == np.float32 and unit[0] == -1 and unit[255] == 1
    assert (pictures.to_uint8(unit) == levels).all()


def test_numbers_outside_the_unit_range_are_clipped():
    assert pictures.to_uint8([-9, 9]).tolist() == [0, 255]


def test_numbers_that_are_no_picture_are_refused():
    with pytest.raises(CourseError, match="nan"):
        pictures.to_uint8([0, float("nan")])
    with pytest.raises(CourseError, match="uint8"):
        pictures.to_unit(np.zeros(3))


def one_colour_transparent(depth, colour, rows, key):
    """A PNG of 2 x 1 pixels that names a transparent colour, as an encoder writes it."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, depth, colour, 0, 0, 0))
        + chunk(b"tRNS", key)
        + chunk(b"IDAT", zlib.compress(b"\0" + rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "data",
    [
        one_colour_transparent(16, 0, struct.pack(">HH", 1000, 1000), struct.pack(">H", 1000)),
        one_colour_transparent(
            16, 2, struct.pack(">6H", *(1000, 2000, 60000) * 2), struct.pack(">3H", 1000, 2000, 60000)
        ),
        one_colour_transparent(8, 2, bytes([1, 2, 3, 1, 2, 3]), struct.pack(">3H", 1, 2, 3)),
        one_colour_transparent(4, 0, b"\x33", struct.pack(">H", 3)),
        one_colour_transparent(2, 0, b"\x50", struct.pack(">H", 1)),
        one_colour_transparent(1, 0, b"\x00", struct.pack(">H", 0)),
    ],
    ids=["16 bits", "16 bits each", "8 bits each", "4 bits", "2 bits", "1 bit"],
)
def test_one_transparent_colour_is_white_at_any_depth(data):
    assert (pictures.decode_upload(data, size=1) == 255).all()


def test_colours_beside_the_transparent_one_stay():
    data = one_colour_transparent(16, 0, struct.pack(">HH", 1001, 1001), struct.pack(">H", 1000))
    assert (pictures.decode_upload(data, size=1) == 3).all()


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_may_lack_its_end_but_no_pixel(progressive):
    whole = encoded(noise_picture(), "JPEG", progressive=progressive)
    assert whole.endswith(b"\xff\xd9")
    expected = pictures.decode_upload(whole, size=16)
    for lost in (1, 2):
        assert (pictures.decode_upload(whole[:-lost], size=16) == expected).all()
    for lost in (4, 12, 100, len(whole) // 2):
        with pytest.raises(CourseError, match="damaged JPEG"):
            pictures.decode_upload(whole[:-lost], size=16)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\0\0\0\x20ftypisom", "an MP4 file"),
        (b"\0\0\0\x20ftypmp42", "an MP4 file"),
        (b"\0\0\0\x14ftypqt  ", "a MOV file"),
        (b"\0\0\0\x08wide\0\0", "a MOV file"),
        (b"\0\0\0\x18ftypheic", "a HEIC file"),
        (b"\0\0\0\x18ftypmif1", "a HEIC file"),
        (b"\0\0\0\x18ftypavif", "an AVIF file"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL file"),
        (b"\xff\x0a\xfa\x1f", "a JPEG XL file"),
        (b"<svg xmlns='x'/>", "an SVG file"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- Inkscape -->\n<!DOCTYPE svg>\n<svg/>", "an SVG file"),
        (b"\n <!DOCTYPE html>\n<html><svg></svg>", "an HTML file"),
        (b"<?xml version='1.0'?><note/>", "not a picture that can be read here"),
    ],
)
def test_films_and_drawings_are_called_by_their_names(data, what):
    with pytest.raises(CourseError, match=f"is {what}; choose"):
        pictures.decode_upload(data + bytes(64), "file")
