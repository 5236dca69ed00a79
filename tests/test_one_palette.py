"""Colours are chosen in one place, and each has one meaning: who changes one has changed it everywhere."""

from __future__ import annotations

import ast
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from course_utils.widgets import palette

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
    for room in ("widgets", "panels", "challenges", "charts", "plots.py")
    for path in ([PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.*")))
    if path.suffix in {".py", ".js", ".css"} and path != PALETTE
]
WEB = PACKAGE.parent / "web"
SHOWING += [path for pattern in ("*.css", "*.js", "front/*.js") for path in sorted(WEB.glob(pattern))]
# What a picture file's transparent parts are laid on is no colour of a view.
PAPER_OF_PICTURES = {"upload.js": {'Style = "white'}, "drawing_pad.js": {'Style = "white'}}


def test_no_colour_is_written_out():
    found = {
        f"{path.name}: {colour}"
        for path in SHOWING
        for colour in WRITTEN_OUT.findall(path.read_text(encoding="utf-8"))
        if colour not in PAPER_OF_PICTURES.get(path.name, set())
    }
    assert not found, f"name a colour of widgets/palette.py instead of {', '.join(sorted(found))}"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_two_names_share_a_colour(dark):
    found = palette.colours(dark)
    alike = [pair for pair in combinations(found, 2) if found[pair[0]].lower() == found[pair[1]].lower()]
    # The veil over a hole in a picture is white on either paper.
    assert alike == ([] if dark else [("veil", "paper")])


def test_every_named_colour_says_what_it_stands_for():
    assert set(palette.MEANINGS) == set(palette.LIGHT) == set(palette.DARK)
    assert all(palette.MEANINGS.values()) and len(set(palette.MEANINGS.values())) == len(palette.MEANINGS)


# What the eye gets where one kind of cone is missing (Machado, Oliveira and Fernandes 2009), on linear RGB.
COLOUR_BLIND = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}
TO_XYZ = np.array(
    ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.072175), (0.0193339, 0.119192, 0.9503041))
)
JUST_SEEN = 2.3  # CIE 1976 units


def lab(linear):
    """CIE L*a*b* of linear RGB, (n, 3)."""
    x = np.cbrt(np.clip(linear, 0, 1) @ TO_XYZ.T / TO_XYZ.sum(axis=1))
    return np.stack([116 * x[:, 1] - 16, 500 * (x[:, 0] - x[:, 1]), 200 * (x[:, 1] - x[:, 2])], axis=1)


@pytest.mark.parametrize("seen", [None, *COLOUR_BLIND])
@pytest.mark.parametrize("colours", [palette.SERIES_LIGHT, palette.SERIES_DARK], ids=["light", "dark"])
def test_any_two_series_can_be_told_apart(colours, seen):
    values = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in colours]) / 255
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    found = lab(linear @ np.array(COLOUR_BLIND[seen]).T if seen else linear)
    least = min(np.linalg.norm(one - other) for one, other in combinations(found, 2))
    assert least > 4 * JUST_SEEN


# Where a colour with a meaning of its own may be asked for by name: by what shows just that.
MAY_ASK = {
    "signal": {"panels/forward/drowning.py"},
    "noise": {"panels/forward/drowning.py", "panels/steering/steered_points.py"},  # levels; bare static
    **{role: set() for role in ("good", "bad", "lit", "accent")},
}


def roles_of(path):
    """The roles that a file gives by name: `role="..."` and `{"role": "..."}`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        pairs = list(zip(node.keys, node.values, strict=True)) if isinstance(node, ast.Dict) else []
        given = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "role"]
        given += [node.value] if isinstance(node, ast.keyword) and node.arg == "role" else []
        yield from (value.value for value in given if isinstance(value, ast.Constant))


def test_colours_of_signal_and_noise_are_asked_for_where_these_are_shown():
    asked = {
        (role, str(path.relative_to(PACKAGE)))
        for path in SHOWING
        if path.suffix == ".py" and path.parent.name != "widgets"
        for role in roles_of(path)
        if role in MAY_ASK
    }
    assert asked == {(role, place) for role, places in MAY_ASK.items() for place in places}


# The same in the browser: by name of the script or style.
DRESSES = {
    **{name: {"picture_drowner.js", "picture_drowner.css"} for name in ("signal", "noise")},
    **{name: {"challenge_card.css", "gallery.css", "reveal.css"} for name in ("good", "bad")},
    "learned": {"look.css", "loss_view.js"},  # the badge; the points that a network would paint now
    **{name: {"look.css"} for name in ("exact", "replay", "recorded")},
}


def test_views_take_colours_for_what_they_mean():
    asking = re.compile(r'(?:--cu-|look\(")(' + "|".join(DRESSES) + r")\b")
    found = {
        (name, path.name)
        for path in SHOWING
        if path.suffix in {".js", ".css"}
        for name in asking.findall(path.read_text(encoding="utf-8"))
    }
    assert found == {(name, place) for name, places in DRESSES.items() for place in places}
