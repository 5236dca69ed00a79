"""Many small pictures as one encoded picture: a film or a gallery travels once and stays small."""

from __future__ import annotations

import io
import math
from typing import Any

from PIL import Image
from traitlets import Bool, Bytes, Int, Unicode, validate

from course_utils.runtime import CourseError
from course_utils.widgets.base import View
from course_utils.widgets.encode import picture_bytes

QUALITY = 90  # of 100: edges of drawings stay clean, at about 4 kB a page of 128 x 128
# Format, its MIME type, how it is packed. A notebook keeps what is shown, small; a sketch must be there soon.
Packing = tuple[str, str, dict[str, Any]]
SMALL: Packing = ("WEBP", "image/webp", {"method": 2, "use_sharp_yuv": True})
SOON: Packing = ("JPEG", "image/jpeg", {"subsampling": 0})


class SheetView(View):
    """A view that shows tiles of one encoded sheet; tiles run along its rows."""

    sheet = Bytes(b"", help="The encoded sheet.").tag(sync=True)
    mime = Unicode(SMALL[1]).tag(sync=True)
    width = Int(0, help="Pixels of a tile.").tag(sync=True)
    height = Int(0).tag(sync=True)
    columns = Int(1).tag(sync=True)
    n_frames = Int(0).tag(sync=True)
    busy = Bool(False, help="Another sheet is being painted.").tag(sync=True)

    def _encode(self, pictures: Any, quality: int, packing: Packing = SMALL) -> None:
        """Set the sheet's traits from uint8 (n, height, width, 3)."""
        data, (count, height, width, _) = picture_bytes(pictures, (None, None, None, 3), "pictures")
        if not count:
            raise CourseError("A film or gallery needs at least one picture.")
        columns = math.ceil(math.sqrt(count))
        page = Image.new("RGB", (columns * width, math.ceil(count / columns) * height))
        size = height * width * 3
        for k in range(count):
            tile = Image.frombytes("RGB", (width, height), data[k * size : (k + 1) * size])
            page.paste(tile, (k % columns * width, k // columns * height))
        target = io.BytesIO()
        kind, mime, more = packing
        page.save(target, kind, quality=quality, **more)
        self.n_frames, self.height, self.width, self.columns = count, height, width, columns
        self.sheet, self.mime = target.getvalue(), mime

    @validate("n_frames", "width", "height", "columns")
    def _valid_size(self, proposal: Any) -> int:
        if proposal["value"] < 0:
            raise CourseError(f"The {proposal['trait'].name} of a sheet cannot be negative.")
        return int(proposal["value"])
