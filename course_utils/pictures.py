"""Pictures in and out: the bundled ones, a learner's upload, and the two number ranges of the course.

A picture is a uint8 array (size, size, 3), RGB, 0..255. The mathematics of diffusion uses the same numbers
stretched to -1..1 (`to_unit`, `to_uint8`). Uploads enter through `decode_upload` and nowhere else.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import sys
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

from course_utils.languages import N_, tr
from course_utils.runtime import DATA, CourseError

PICTURES = DATA / "pictures"
PHOTO = N_("cat")  # the photograph that scikit-image brings along
DRAWING = N_("page")  # a page of the picture book, drawn for this course

MAX_BYTES = 20_000_000
MAX_PIXELS = 40_000_000
MAX_SIZE = 4096

# Pillow's decoders that an upload may reach, in the order in which a message names them.
FORMATS = ("PNG", "JPEG", "WebP", "GIF")

# (offset, bytes, name): the first bytes decide what a file is; its name decides nothing. The formats that
# are refused stand here so that the sentence can name them: an iPhone photo is HEIC, a scan often TIFF.
_SIGNATURES = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (8, b"WEBP", "WebP"),
    (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\0\0\0\x0cJXL ", "JPEG XL"),
    *((4, b"ftyp" + brand, "AVIF") for brand in (b"avif", b"avis")),
    *(
        (4, b"ftyp" + brand, "HEIC")
        for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
    ),
    *((4, atom, "MOV") for atom in (b"ftypqt", b"moov", b"mdat", b"wide")),
    (4, b"ftyp", "MP4"),  # films share their container with the two above
)
HEAD = 4096  # bytes in which a text says what it is
_TEXTS = ((b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<svg", "SVG"))
_WITH_AN = ("AVIF", "HTML", "MP4", "SVG")
# More of a JPEG's pixels than it may lack: were any missing, they would be read from here.
_FURTHER = b"\x55\xaa\x33\x66" * 500


def names() -> list[str]:
    """Return the names `load` knows: the cat photo first, then the drawings in data/pictures."""
    return [PHOTO, *sorted(path.stem for path in PICTURES.glob("*.png"))]


def load(name: str = PHOTO, size: int = 256) -> NDArray[np.uint8]:
    """Return a bundled picture as uint8 (size, size, 3), cropped to its centre square.

    "cat" is the photograph chelsea.png by Stefan van der Walt, CC0, from the installed scikit-image; where
    that is missing, the drawing "page" takes its place, and a line on stderr says so. The other names are
    drawings in data/pictures.

    Raises `CourseError` for a name that is not in `names()`, or a size outside 1..4096.
    """
    photo = _photo_path() if name == PHOTO else None
    if name == PHOTO and photo is None:
        print(
            tr("A drawing stands in for the cat photo: `pip install scikit-image` brings the photo."),
            file=sys.stderr,
        )
        name = DRAWING
    path = photo or PICTURES / f"{name}.png"
    if photo is None and name not in names()[1:]:
        raise CourseError(
            tr(
                "There is no picture {name!r}; choose one of: {names}.",
                name=_clean(name),
                names=", ".join(names()),
            )
        )
    return decode_upload(path.read_bytes(), path.name, size)


def decode_upload(data: bytes | memoryview, filename: str = "", size: int = 256) -> NDArray[np.uint8]:
    """Return an uploaded picture as uint8 (size, size, 3): turned upright, cropped to its centre, resized.

    Reads PNG, JPEG, WebP and GIF (of an animation the first frame), told apart by content, not by name.
    16-bit grey, CMYK and palettes are converted; transparent parts become white; EXIF rotation is applied; a
    JPEG may lack its end, but no pixel.
    Size limits are `MAX_BYTES` and `MAX_PIXELS`, both checked before any pixel is decoded.

    Raises `CourseError`, one sentence, for anything else.
    """
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_SIZE:
        raise CourseError(
            tr(
                "A picture's side is a whole number of pixels from 1 to {most}, not {size!r}.",
                most=MAX_SIZE,
                size=size,
            )
        )
    who = tr("The file {name!r}", name=_clean(filename)) if filename else tr("The uploaded file")
    data = memoryview(data)
    if data.nbytes == 0:
        raise CourseError(tr("{who} is empty; choose another one.", who=who))
    if data.nbytes > MAX_BYTES:
        raise CourseError(
            tr("{who} has more than {size:.0f} MB; choose a smaller one.", who=who, size=MAX_BYTES / 1e6)
        )
    kind = _kind(bytes(data[:HEAD]))
    if kind not in FORMATS:
        raise CourseError(_refused(who, kind))
    try:
        # Pillow's warnings (a broken EXIF block, many pixels) say nothing that the sentences here do not.
        with warnings.catch_warnings(action="ignore"):
            image = _flat(_upright(_opened(data, kind)), _depth(data, kind))
            return np.array(ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS))
    except Image.DecompressionBombError:  # Pillow itself raises it for sizes beyond its own limit
        raise CourseError(
            tr(
                "{who} has more than {limit:.0f} million pixels; make it smaller and upload it again.",
                who=who,
                limit=MAX_PIXELS / 1e6,
            )
        ) from None
    except Exception:  # Pillow's decoders raise a dozen kinds of exception on damaged bytes
        raise CourseError(
            tr("{who} is a damaged {kind} picture; save or download it again.", who=who, kind=kind)
        ) from None


def to_unit(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a uint8 picture of any shape as float32 in [-1, 1]: 0 becomes -1, 255 becomes 1."""
    picture = np.asarray(picture)
    if picture.dtype != np.uint8:
        raise CourseError(
            tr("A picture holds uint8 numbers 0..255, not {kind}; use `to_uint8`.", kind=picture.dtype)
        )
    return picture.astype(np.float32) / np.float32(127.5) - np.float32(1)


def to_uint8(x: ArrayLike) -> NDArray[np.uint8]:
    """Return numbers of any shape as uint8, undoing `to_unit`; what lies outside [-1, 1] is clipped."""
    x = np.asarray(x, dtype=np.float32)
    if not np.isfinite(x).all():
        raise CourseError(
            tr("A picture cannot show nan or infinity; look for a division by zero in what made it.")
        )
    return np.rint((np.clip(x, -1, 1) + 1) * 127.5).astype(np.uint8)


def _refused(who: str, kind: str | None) -> str:
    """Why a file of such a kind is no picture here, and which ones are."""
    known = tr("{formats} or {last}", formats=", ".join(FORMATS[:-1]), last=FORMATS[-1])
    if kind is None:
        return tr(
            "{who} is not a picture that can be read here; choose a picture saved as {known}.",
            who=who,
            known=known,
        )
    if kind in _WITH_AN:
        return tr(
            "{who} is an {kind} file; choose a picture saved as {known}.", who=who, kind=kind, known=known
        )
    return tr("{who} is a {kind} file; choose a picture saved as {known}.", who=who, kind=kind, known=known)


def _photo_path() -> Path | None:
    """Find chelsea.png in the installed scikit-image without running any of that package's code."""
    spec = importlib.util.find_spec("skimage")
    folders = spec.submodule_search_locations if spec else None
    paths = [Path(folder) / "data" / "chelsea.png" for folder in folders or ()]
    return next((path for path in paths if path.is_file()), None)


def _clean(filename: str) -> str:
    """Reduce a name to its last part, printable characters only and at most 40 of them."""
    last = str(filename).replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(character for character in last if character.isprintable())
    return printable if len(printable) <= 40 else printable[:28] + "..." + printable[-9:]


def _kind(head: bytes) -> str | None:
    found = next((name for offset, magic, name in _SIGNATURES if head[offset:].startswith(magic)), None)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if found or not text.startswith(b"<"):
        return found
    return next(
        (name for mark, name in _TEXTS if mark in text), None
    )  # a prologue or a remark may come first


def _opened(data: memoryview, kind: str) -> Image.Image:
    """The picture with its pixels, however many frames follow."""

    def decoded(file: bytes | memoryview) -> Image.Image:
        image = Image.open(io.BytesIO(file), formats=[kind.upper()])
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        image.load()
        return image

    try:
        return decoded(data)
    except OSError:
        if kind != "JPEG":
            raise
        rest = bytes(data).rstrip(b"\xff")  # perhaps half of the mark that ends it
        image, further = decoded(rest + b"\xff\xd9"), decoded(rest + _FURTHER + b"\xff\xd9")
        if image.tobytes() != further.tobytes():
            raise
        return image


def _depth(data: memoryview, kind: str) -> int:
    """Bits per sample, which Pillow does not report."""
    return data[24] if kind == "PNG" else 8


def _upright(image: Image.Image) -> Image.Image:
    """Apply the camera's EXIF rotation; a picture whose EXIF block is broken is shown as it is stored."""
    with contextlib.suppress(Exception):
        return ImageOps.exif_transpose(image)
    return image


def _flat(image: Image.Image, depth: int) -> Image.Image:
    """Convert any mode to RGB: 16-bit grey scaled down (Pillow would clip it), transparent parts on white.

    A PNG may name one colour that is transparent, in samples of its own `depth`; Pillow looks for that number
    among pixels it has brought to eight bits.
    """
    named = image.info.get("transparency")
    if image.mode.startswith("I"):
        deep = np.asarray(image).astype(np.uint32)
        grey = (deep >> 8).astype(np.uint8)
        grey[deep == (-1 if named is None else named)] = 255
        return Image.fromarray(grey).convert("RGB")
    if depth == 16 and isinstance(named, tuple):
        image.info["transparency"] = tuple(sample >> 8 for sample in named)
    elif image.mode == "L" and isinstance(named, int) and depth < 8:
        image.info["transparency"] = named * 255 // (2**depth - 1)
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
