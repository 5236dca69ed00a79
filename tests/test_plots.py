"""Still pictures, read without colour."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageColor

from course_utils import plots
from course_utils.widgets.palette import colours


def test_lines_differ_by_more_than_their_colour():
    _, (axes,) = plots.panes(1)
    x, y = [0, 1], [1, 2]
    series = [
        *({"name": f"points {k}", "role": "learned", "x": x, "y": y, "points": True} for k in range(4)),
        *({"name": f"line {k}", "role": "learned", "x": x, "y": y} for k in range(2)),
        {"name": "dashed", "role": "learned", "x": x, "y": y, "dash": True},
    ]
    plots.curves(axes, series, reference=[{"name": "one", "y": 1}, {"name": "two", "y": 2}])
    looks = [(line.get_marker(), line.get_linestyle()) for line in axes.get_lines()]
    curves, references = looks[: len(series)], looks[len(series) :]
    assert len(set(curves)) == len(series) and len(set(references)) == 2


def test_bars_differ_by_more_than_their_colour():
    _, (axes,) = plots.panes(1)
    names = ("forest", "snow", "sea")
    plots.bars(axes, {"w = 1": dict.fromkeys(names, 0.3)}, dict.fromkeys(names, "learned"))
    assert len({bar.get_hatch() for bar in axes.patches}) == len(names)


def test_a_palette_packs_points_and_keeps_their_colour():
    figure, (axes,) = plots.panes(1)
    plots.cloud(axes, np.random.default_rng(0).normal(size=(1200, 2)), role="learned")
    image = Image.open(io.BytesIO(plots.png(figure)))
    assert image.mode == "P" and len(image.getcolors()) <= plots.COLOURS
    seen = np.asarray(image.convert("RGB")).reshape(-1, 3).astype(int)
    wanted = np.array(ImageColor.getrgb(colours()["learned"]))
    assert np.abs(seen - wanted).max(axis=1).min() <= 4


def test_words_stand_in_boxes_that_do_not_meet():
    _, axes = plots.mosaic((("a", "b"), ("c", "c")))
    plots.words(
        axes["a"], ["start", "a", "green", "owl", "with", "a", "hat", "in", "the", "forest", "22 × end"]
    )
    figure = axes["a"].figure
    figure.canvas.draw()
    boxes = [text.get_window_extent().padded(2) for text in axes["a"].texts]
    assert len(boxes) == 11
    assert not any(one.overlaps(other) for k, one in enumerate(boxes) for other in boxes[k + 1 :])


def test_arrows_lead_beside_below_and_above():
    figure, axes = plots.mosaic((("a", "b"), ("c", "c")))
    for one, other in (("a", "b"), ("a", "c"), ("c", "b")):
        plots.link(axes[one], axes[other])
    ways = [(arrow.xy1, arrow.xy2) for arrow in figure.artists]
    across, down, up = ([end[k] - start[k] for k in (0, 1)] for start, end in ways)
    assert across[1] == 0 and across[0] < 0, "out on the right, in on the left"
    assert down[0] == up[0] == 0 and down[1] == -up[1] > 0
