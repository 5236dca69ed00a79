"""The course's palette and type scale: the one place where a colour or a size is chosen.

Each colour has one meaning, which `MEANINGS` states, and the same meaning has the same colour in every view,
plot and notebook. What has no meaning of its own (a measure, a sampler, a setting) is drawn in a colour of a
series, which says only what the legend beside it says.

The hues descend from Okabe and Ito's colour-blind-safe set (2008), darkened for white paper and lightened for
dark paper so that each one stands out from it by at least 3:1 (WCAG 2.2, 1.4.11). Colour never speaks
alone: see `SHAPES`, the mark that goes with each badge's word, and the marks and dashes of `marks`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

Theme = Mapping[str, str]

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "signal": "the signal level: how much of the clean picture is left",
        "noise": "the noise level, and static that nothing has worked on yet",
        "learned": "badge, and points painted by a trained network",
        "exact": "badge, and points painted by what knows the target",
        "replay": "badge, and points that go back the way they came",
        "recorded": "badge of what was painted elsewhere",
        "target": "the shape that should be painted, behind what was",
        "good": "an answer or a page judged right",
        "bad": "an answer or a page judged wrong",
        "lit": "what the last change has reached",
        "accent": "what can be operated or answered: focus, sliders, what is chosen, a question's edge",
        "ink": "letters, markers, and points or curves that stand for nothing else",
        "muted": "what stands back: remarks, axes, reference lines, what stays constant",
        "paper": "the ground",
        "raised": "the ground of buttons and boxes",
        "line": "frames and grids",
    }
)
LIGHT: Theme = MappingProxyType(
    {
        "signal": "#0072B2",
        "noise": "#CC5500",
        "learned": "#008F69",
        "exact": "#8F3A80",
        "replay": "#8A5A00",
        "recorded": "#44607A",
        "target": "#BCC3CE",
        "good": "#00707C",
        "bad": "#B8400E",
        "lit": "#FFE58A",
        "accent": "#4A4FC9",
        "ink": "#1B2430",
        "muted": "#55606F",
        "paper": "#FFFFFF",
        "raised": "#F3F5F8",
        "line": "#D5DAE2",
    }
)
DARK: Theme = MappingProxyType(
    {
        "signal": "#5AA9E6",
        "noise": "#F28444",
        "learned": "#4FDDB0",
        "exact": "#DA86C8",
        "replay": "#F0C84E",
        "recorded": "#9DB8D0",
        "target": "#4C5666",
        "good": "#52C5D0",
        "bad": "#FF936B",
        "lit": "#5C4B00",
        "accent": "#A6A8FF",
        "ink": "#EDF0F5",
        "muted": "#A9B2C0",
        "paper": "#171B22",
        "raised": "#222832",
        "line": "#39414E",
    }
)

# A hole marked in a picture: veil and stripes lie on any colour, in either theme.
ON_PICTURES: Theme = MappingProxyType({"veil": "#FFFFFF", "stripe": "#141030"})

# For curves and bars that carry no meaning of their own, in the order of use. None is a named colour; any two
# differ for the colour-blind as well, and have the marks, dashes and hatches of `marks` besides.
SERIES_LIGHT: tuple[str, ...] = (
    *("#2562BF", "#D30411", "#00523E", "#A2078C", "#896E42"),
    *("#051F28", "#9A70FF", "#D66A79", "#486E03", "#369CBA"),
)
SERIES_DARK: tuple[str, ...] = (
    *("#648EEA", "#DA7D64", "#03FDF0", "#D6BBFB", "#E8C685"),
    *("#B4A399", "#7D62EF", "#CB4463", "#8EBF0F", "#08B6C2"),
)
# Badges say who painted, and so never colour a curve of what was measured; right and wrong neither.
CURVE_ROLES: tuple[str, ...] = (
    *("signal", "noise", "ink", "muted"),
    *(f"series{index}" for index in range(len(SERIES_LIGHT))),
)

BADGES: tuple[str, ...] = ("learned", "exact", "replay", "recorded")
SHAPES: Mapping[str, str] = MappingProxyType({"learned": "●", "exact": "◆", "replay": "⟲", "recorded": "▣"})

# Sizes in CSS pixels; the last row of a classroom reads `base` from a projector.
TYPE: Mapping[str, int] = MappingProxyType({"base": 16, "large": 20, "figure": 28})

# Where each home of a notebook says that it is dark: JupyterLab and Voila, VS Code, Colab.
_DARK_HOMES = (
    'body[data-jp-theme-light="false"]',
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    'html[theme="dark"]',
)
# A page that says nothing about its theme follows the reader's system.
_SILENT_HOME = 'html:not([theme]) body:not([data-jp-theme-light]):not([class*="vscode-"])'
_SCOPES = (".cu-view", ".cu-panel")


def colours(dark: bool = False) -> dict[str, str]:
    """Return every named colour of one theme as "#RRGGBB", `series0` ... `series9` included."""
    named, series = (DARK, SERIES_DARK) if dark else (LIGHT, SERIES_LIGHT)
    return {**ON_PICTURES, **named, **{f"series{index}": colour for index, colour in enumerate(series)}}


def series_place(role: str | None) -> int | None:
    """Return k for `series<k>`, and None for every other role."""
    place = (role or "").removeprefix("series")
    return int(place) if role != place and place.isdigit() else None


def on_shade(share: float) -> str:
    """Return the colour of letters that can be read on cividis, the map of shares 0..1 from dark to light.

    White and black stand out by at least 4.5:1 (WCAG 2.2, 1.4.3); a lighter black would not in the middle.
    """
    return "#FFFFFF" if share < 0.475 else "#000000"


def css_variables(scopes: Sequence[str] = _SCOPES) -> str:
    """Return the style sheet that defines `--cu-<name>`, `--cu-size-<name>` and `--cu-shape-<badge>`.

    `scopes` are the selectors below which they hold, by default views and panels.
    """
    sizes = {f"size-{name}": f"{pixels}px" for name, pixels in TYPE.items()}
    shapes = {f"shape-{badge}": f'"{shape}"' for badge, shape in SHAPES.items()}
    light = _block(", ".join(scopes), {**colours(), **sizes, **shapes, "scheme": "light"})
    dark_values = {**colours(dark=True), "scheme": "dark"}
    homes = ", ".join(f"{home} {scope}" for home in _DARK_HOMES for scope in scopes)
    silent = ", ".join(f"{_SILENT_HOME} {scope}" for scope in scopes)
    system = f"@media (prefers-color-scheme: dark) {{\n{_block(silent, dark_values)}}}\n"
    return light + _block(homes, dark_values) + system


def _block(selector: str, values: Mapping[str, str]) -> str:
    lines = "".join(f"  --cu-{name}: {value};\n" for name, value in values.items())
    return f"{selector} {{\n{lines}}}\n"
