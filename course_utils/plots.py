"""Arrays in, Axes out: the still pictures a panel leaves where no kernel and no browser script runs."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import ConnectionPatch
from PIL import Image

from course_utils.widgets.palette import TYPE, colours, on_shade

# Matplotlib remembers fonts for a whole home folder; what it misses there of other environments is no
# learner's business.
logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)

DPI = 72
COLOURS = 128  # of a PNG
PANE = 3.0  # inches a side of one pane
LETTER = 0.62  # of its size: how wide a letter is, rather more than less
WIDEST = 1200  # pixels of a row of figures
# Of an SVG: what is not drawn, would hold for the page around it, or is said there; and finer decimals than
# anybody sees.
_NOT_DRAWN = re.compile(
    r"<metadata>[\s\S]*?</metadata>|<defs>\s*<style[\s\S]*?</defs>|<!--[\s\S]*?-->|(?<=<g)\s+id=\"[^\"]*\""
    r"|font-family:[^;\"]*;? ?|\s+transform=\"rotate\(-?0 [^\"]*\"|\s*\n(?=[LQCz\"])|(?<=>)\s+(?=<)"
)
_EMPTY = re.compile(r"<g ?/>|<g></g>")
_FRACTION = re.compile(r"(?<=[\d-])(\.\d\d)\d+(?=[^<>]*>)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b(?=[^<>]*>)")


def panes(count: int, width: float = PANE, height: float = PANE) -> tuple[Figure, list[Axes]]:
    """Return a figure with `count` axes side by side, each `width` x `height` inches."""
    figure = Figure(figsize=(count * width, height), dpi=DPI, layout="constrained")
    axes = figure.subplots(1, count, squeeze=False)[0]
    return figure, list(axes)


def mosaic(
    plan: Sequence[Sequence[str]], width: float = PANE, height: float = PANE
) -> tuple[Figure, dict[str, Axes]]:
    """Return a figure laid out as `plan`, rows of names, and its axes by name; sizes in inches a place."""
    room = ConstrainedLayoutEngine(w_pad=0.25, h_pad=0.25)  # for arrows
    figure = Figure(figsize=(len(plan[0]) * width, len(plan) * height), dpi=DPI, layout=room)
    return figure, figure.subplot_mosaic([list(line) for line in plan])


def link(start: Axes, end: Axes) -> None:
    """Draw an arrow between two axes of one figure that stand beside or above each other."""
    first, second = (axes.get_subplotspec().rowspan.start for axes in (start, end))  # type: ignore[union-attr]
    beside, below = ((1.02, 0.5), (-0.02, 0.5)), ((0.5, -0.02), (0.5, 1.3))
    out, into = beside if first == second else below if first < second else below[::-1]
    start.figure.add_artist(
        ConnectionPatch(
            out,
            into,
            "axes fraction",
            "axes fraction",
            axesA=start,
            axesB=end,
            arrowstyle="-|>",
            mutation_scale=16,
            color=colours()["muted"],
            linewidth=1.5,
        )
    )


def words(axes: Axes, boxes: Sequence[str], title: str = "", letters: int = 18) -> Axes:
    """Write words in small boxes, in lines of about `letters` letters."""
    lines: list[list[str]] = [[]]
    for word in boxes:
        if lines[-1] and sum(len(other) + 2 for other in lines[-1]) + len(word) > letters:
            lines.append([])
        lines[-1].append(word)
    box = {"boxstyle": "round,pad=0.2", "facecolor": colours()["raised"], "edgecolor": colours()["muted"]}
    for row, line in enumerate(lines):
        left = -sum(len(word) + 2 for word in line) / 2
        for word in line:
            at = 0.5 + (left + (len(word) + 2) / 2) / (letters + 2), 0.5 + 0.19 * ((len(lines) - 1) / 2 - row)
            axes.text(*at, fill(word, letters), ha="center", va="center", fontsize=9, bbox=box)
            left += len(word) + 2
    axes.set_axis_off()
    _title(axes, title)
    return axes


def png(*figures: Figure) -> bytes:
    """Return figures as PNG bytes: for lines and points; beside each other where they fit, else below.

    They have few colours, and a palette packs them to a third.
    """
    packed = io.BytesIO()
    image = _drawn(figures)
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def jpeg(*figures: Figure) -> bytes:
    """Return figures as JPEG bytes: for photographs and static, which PNG cannot pack."""
    target = io.BytesIO()
    _drawn(figures).save(target, "JPEG", quality=80)
    return target.getvalue()


def svg(figure: Figure) -> str:
    """Return the figure as an SVG element: its letters are text, its colours variables of the palette."""
    target = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "the same in every run"}):
        figure.savefig(target, format="svg", facecolor="none")
    drawn = target.getvalue()
    drawn = _EMPTY.sub("", _NOT_DRAWN.sub("", drawn[drawn.index("<svg") :]))
    # Letters of the size of the page's, in its own pixels, and no smaller where there is room for them.
    drawn = drawn.replace("<svg ", f'<svg style="--natural: {96 * figure.get_figheight():.0f}px" ', 1)
    drawn = _FRACTION.sub(r"\1", drawn)
    names = {colour.lower(): name for name, colour in colours().items()}
    return _COLOUR.sub(lambda found: f"var(--cu-{names[found[0]]})" if found[0] in names else found[0], drawn)


def _drawn(figures: Sequence[Figure]) -> Image.Image:
    """Figures on one sheet, in rows no wider than `WIDEST` or a single one of them."""
    images = []
    for figure in figures:
        target = io.BytesIO()
        figure.savefig(target, format="png")
        images.append(Image.open(target).convert("RGB"))
    places: list[tuple[int, int]] = []
    left = top = below = 0
    for image in images:
        if left and left + image.width > WIDEST:
            left, top = 0, below
        places.append((left, top))
        left, below = left + image.width, max(below, top + image.height)
    right = max(left + image.width for (left, _), image in zip(places, images, strict=True))
    sheet = Image.new("RGB", (right, below), colours()["paper"])
    for place, image in zip(places, images, strict=True):
        sheet.paste(image, place)
    return sheet


def picture(axes: Axes, image: Any, title: str = "") -> Axes:
    """Show a uint8 picture (h, w, 3) without axes."""
    axes.imshow(image, interpolation="antialiased")
    axes.set_axis_off()
    _title(axes, title)
    return axes


def cloud(
    axes: Axes,
    points: Any,
    target: Any | None = None,
    title: str = "",
    role: str = "learned",
    extent: float = 2.2,
) -> Axes:
    """Show points (n, 2) in the colour of `role` over a faint target cloud (m, 2)."""
    paint = colours()
    if target is not None:
        xs, ys = np.asarray(target).T
        axes.scatter(xs, ys, s=3, color=paint["target"], linewidths=0)
    xs, ys = np.asarray(points).T
    axes.scatter(xs, ys, s=4, color=paint[role], linewidths=0)
    axes.set(xlim=(-extent, extent), ylim=(-extent, extent), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_color(paint["line"])
    _title(axes, title)
    return axes


def arrows(
    axes: Axes, starts: Any, ends: Any, target: Any | None = None, title: str = "", extent: float = 3.0
) -> Axes:
    """Draw an arrow from each start (n, 2) to its end (n, 2)."""
    begin, move = np.asarray(starts), np.asarray(ends) - np.asarray(starts)
    cloud(axes, begin, target, title, extent=extent)
    axes.quiver(
        *begin.T, *move.T, angles="xy", scale_units="xy", scale=1, color=colours()["ink"], width=0.005
    )
    return axes


def heat_map(
    axes: Axes,
    shares: Any,
    columns: Sequence[Any],
    lines: Sequence[Any],
    x_label: str,
    y_label: str,
) -> Axes:
    """Show shares 0..1, (lines, columns), as squares with their percentage; light is more."""
    table = np.asarray(shares)
    axes.imshow(table, cmap="cividis", vmin=0, vmax=1, origin="lower", aspect="auto")
    for (line, column), share in np.ndenumerate(table):
        axes.text(
            column, line, f"{100 * share:.0f}", ha="center", va="center", color=on_shade(share), fontsize=9
        )
    axes.set_xticks(range(len(columns)), [f"{value:g}" for value in columns])
    axes.set_yticks(range(len(lines)), [f"{value:g}" for value in lines])
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    return axes


def _title(axes: Axes, title: str) -> None:
    """Write a title above one pane, in as many lines as keep it off its neighbours."""
    if not title:
        return
    spec, size = axes.get_subplotspec(), TYPE["base"] * DPI / 96
    columns = spec.get_gridspec().ncols if spec else 1
    pane = axes.figure.get_figwidth() / columns * DPI  # type: ignore[union-attr]
    axes.set_title(fill(title, int(pane / (LETTER * size))), fontsize=size, color=colours()["ink"])
