"""A table of text that needs no front end."""

from __future__ import annotations

import html
from collections.abc import Sequence


class Table:
    """A small table of text, the same in a notebook, an export and on GitHub; it names each row first."""

    def __init__(self, rows: Sequence[Sequence[str]], head: Sequence[str] = ()) -> None:
        self.rows, self.head = rows, head

    def __repr__(self) -> str:
        return "\n".join("  ".join(line) for line in (self.head, *self.rows) if line)

    def _repr_html_(self) -> str:
        return self.html()

    def html(self) -> str:
        """The table for a page, everything in it escaped."""
        head = "".join(_header(title, "col") for title in self.head)
        lines = [f"<tr>{head}</tr>"] if head else []
        for name, *cells in self.rows:
            data = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
            lines.append(f"<tr>{_header(name, 'row')}{data}</tr>")
        # A notebook's own tables are too small for a projector.
        return f'<table class="cu-table" style="font-size:16px">{"".join(lines)}</table>'


def _header(text: str, scope: str) -> str:
    """What names a row or a column; an empty corner names nothing, and a screen reader would announce it."""
    return f'<th scope="{scope}">{html.escape(text)}</th>' if text else "<td></td>"
