"""Colours are chosen in one place: whoever changes one there has changed it everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "course_utils"
PALETTE = PACKAGE / "widgets" / "palette.py"
# Colours written out: #rrggbb, rgb(...), and names where a style, a canvas or a chart takes them.
WRITTEN_OUT = re.compile(
    r"#[0-9A-Fa-f]{6}\b|\b(?:rgb|hsl)a?\([\d\s.,%]+\)"
    r"|(?:colou?r|fill|stroke|background|border(?:-\w+)?|Style|ink)\s*[:=][^;,)\n]*?"
    r"\b(?:white|black|gr[ae]y|red|green|blue|orange|yellow|purple)\b"
)
SHOWING = [
    path
    for room in ("widgets", "panels", "challenges", "plots.py")
    for path in ([PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.*")))
    if path.suffix in {".py", ".js", ".css"} and path != PALETTE
]
# What a picture file's transparent parts are laid on is no colour of a view.
PAPER_OF_PICTURES = {"upload.js": {'Style = "white'}}


@pytest.mark.parametrize("path", SHOWING, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_colour_is_written_out(path):
    found = set(WRITTEN_OUT.findall(path.read_text(encoding="utf-8"))) - PAPER_OF_PICTURES.get(
        path.name, set()
    )
    assert not found, (
        f"{path.name} writes {', '.join(sorted(found))}: name a colour of widgets/palette.py instead"
    )
