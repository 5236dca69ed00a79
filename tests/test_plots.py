"""Still pictures, read without colour."""

from __future__ import annotations

import io
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
from panel_tools import views_of
from PIL import Image, ImageColor

from course_utils import plots
from course_utils.panels import large_models
from course_utils.widgets import Gallery
from course_utils.widgets.palette import colours


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


def test_long_titles_stay_off_each_other():
    figure, axes = plots.panes(3)
    for axis in axes:
        plots.picture(axis, np.zeros((8, 8, 3), np.uint8), "a cat astronaut floating in space, oil painting")
    plots.jpeg(figure)
    boxes = [axis.title.get_window_extent() for axis in axes]
    assert boxes[0].x0 >= 0 and boxes[-1].x1 <= figure.bbox.width
    assert all(one.x1 < other.x0 for one, other in pairwise(boxes))


def test_the_still_of_a_large_model_says_what_stands_below_its_pictures(monkeypatch):
    painter = SimpleNamespace(
        title="a model", defaults=lambda **request: SimpleNamespace(**request), paint=Painted
    )
    panel = large_models.gallery(painter, guidance=[1, 7])
    (shown,) = views_of(panel, Gallery)
    titles = []
    monkeypatch.setattr(plots, "picture", lambda _axis, _image, title: titles.append(title))
    panel._still()
    assert titles == list(shown.captions) and titles[1].startswith("guidance 7: 14 evaluations")


class Painted(SimpleNamespace):
    """What a painter that paints gray makes of its settings."""

    def __init__(self, settings):
        pixels = np.full((8, 8, 3), 128, np.uint8)
        super().__init__(settings=settings, pixels=pixels, evaluations=14, seconds=0.5, remark="")
