"""A drawing that never moves: what matplotlib drew, as sharp as the screen, in the colours of its theme."""

from __future__ import annotations

from traitlets import Unicode

from course_utils.widgets.base import View


class Drawing(View):
    """One picture of lines and letters; `plots.svg` makes it."""

    _front = ("svg", "drawing")

    svg = Unicode("", help="An SVG element whose colours are variables of the palette.").tag(sync=True)
