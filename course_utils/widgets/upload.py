"""A button that takes a learner's picture: made small in the browser, so that any photo can travel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from traitlets import Int, Unicode, default

from course_utils.languages import tr
from course_utils.runtime import CourseError
from course_utils.widgets.base import View

SIDE = 512
# A notebook's server drops the connection of whoever sends it a message of more than 10 MB.
MAX_BYTES = 4_000_000

Take = Callable[[str, bytes], None]


class Upload(View):
    """A button to choose a picture; whoever asked with `on_file` is handed its name and its bytes.

    What the browser can decode arrives upright, as the centre square, at most `side` pixels wide, on white,
    as PNG or JPEG. Any other file arrives as it is, up to `max_bytes`. What goes wrong is said beside the
    button, and the next file is taken as if nothing had happened. Files travel as messages, so that a saved
    notebook holds none.
    """

    _front = ("upload",)

    description = Unicode(help="The words on the button.").tag(sync=True)
    side = Int(SIDE, help="Pixels along a side of what is sent, at most.").tag(sync=True)
    max_bytes = Int(MAX_BYTES, help="Bytes of what is sent, at most.").tag(sync=True)

    @default("description")
    def _default_description(self) -> str:
        return tr("upload a picture")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self._takers: list[Take] = []
        self.on_msg(self._receive)

    def on_file(self, take: Take) -> None:
        """Call `take(name, data)` for every file; a `CourseError` it raises is said beside the button."""
        self._takers.append(take)

    def answer(self, content: Any, buffers: Sequence[Any]) -> str:
        """Hand on a file as the browser sends it; return what went wrong as one sentence, or nothing."""
        try:
            name, data = self._checked(content, buffers)
            for take in self._takers:
                take(name, data)
        except CourseError as error:
            return str(error)
        return ""

    def _receive(self, _view: Any, content: Any, buffers: Sequence[Any]) -> None:
        self.send({"problem": self.answer(content, buffers)})

    def _checked(self, content: Any, buffers: Sequence[Any]) -> tuple[str, bytes]:
        name = content.get("name") if isinstance(content, dict) else None
        if not isinstance(name, str) or len(buffers) != 1:
            raise CourseError(tr("The file did not arrive complete; choose it again."))
        data = bytes(buffers[0])
        if len(data) > self.max_bytes:
            raise CourseError(
                tr("The file has more than {size:.0f} MB; choose a smaller one.", size=self.max_bytes / 1e6)
            )
        return name, data
