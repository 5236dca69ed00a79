"""The course's palette and type scale: the one place where a colour or a size is chosen.

Each colour carries a meaning, and the same meaning has the same colour in every view, plot and notebook.
The hues descend from Okabe and Ito's colour-blind-safe set (2008), darkened for white paper and lightened
for dark paper so that each one stands out from it by at least 3:1 (WCAG 2.2, 1.4.11). Colour never speaks
alone: see `SHAPES`, the mark that goes with each badge's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Theme = Mapping[str, str]

LIGHT: Theme = MappingProxyType(
    {
        "signal": "#0072B2",
        "noise": "#CC5500",
        "learned": "#008F69",
        "exact": "#8F3A80",
        "replay": "#8A5A00",
        "target": "#BCC3CE",
        "good": "#00707C",
        "bad": "#B8400E",
        "lit": "#FFE58A",
        "ink": "#1B2430",
        "muted": "#55606F",
        "veil": "#FFFFFF",
        "stripe": "#141030",
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
        "target": "#4C5666",
        "good": "#52C5D0",
        "bad": "#FF936B",
        "lit": "#5C4B00",
        "ink": "#EDF0F5",
        "muted": "#A9B2C0",
        "veil": "#FFFFFF",
        "stripe": "#141030",
        "paper": "#171B22",
        "raised": "#222832",
        "line": "#39414E",
    }
)

# Qualitative colours for curves that carry no meaning of their own, in the order of use.
SERIES_LIGHT: tuple[str, ...] = ("#0072B2", "#CC5500", "#009A70", "#A5297F", "#6E4700", "#3B4656")
SERIES_DARK: tuple[str, ...] = ("#5AA9E6", "#F28444", "#5FE0B4", "#F0A6DC", "#F6DD7A", "#AAB3C0")

BADGES: tuple[str, ...] = ("learned", "exact", "replay")
SHAPES: Mapping[str, str] = MappingProxyType({"learned": "●", "exact": "◆", "replay": "⟲"})

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
    """Return every named colour of one theme as "#RRGGBB", `series0` ... `series5` included."""
    named, series = (DARK, SERIES_DARK) if dark else (LIGHT, SERIES_LIGHT)
    return {**named, **{f"series{index}": colour for index, colour in enumerate(series)}}


def on_shade(share: float) -> str:
    """Return the colour of letters that can be read on cividis, the map of shares 0..1 from dark to light."""
    return LIGHT["paper"] if share < 0.6 else LIGHT["ink"]


def css_variables() -> str:
    """Return the style sheet that defines `--cu-<name>`, `--cu-size-<name>` and `--cu-shape-<badge>`."""
    sizes = {f"size-{name}": f"{pixels}px" for name, pixels in TYPE.items()}
    shapes = {f"shape-{badge}": f'"{shape}"' for badge, shape in SHAPES.items()}
    light = _block(", ".join(_SCOPES), {**colours(), **sizes, **shapes, "scheme": "light"})
    dark_values = {**colours(dark=True), "scheme": "dark"}
    homes = ", ".join(f"{home} {scope}" for home in _DARK_HOMES for scope in _SCOPES)
    silent = ", ".join(f"{_SILENT_HOME} {scope}" for scope in _SCOPES)
    system = f"@media (prefers-color-scheme: dark) {{\n{_block(silent, dark_values)}}}\n"
    return light + _block(homes, dark_values) + system


def _block(selector: str, values: Mapping[str, str]) -> str:
    lines = "".join(f"  --cu-{name}: {value};\n" for name, value in values.items())
    return f"{selector} {{\n{lines}}}\n"
