"""Episode 1, on latents: the small room a painter works in, what is lost on the way, noise inside."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils import charts, pictures, plots
from course_utils.galleries.recorded import RecordedPainter
from course_utils.languages import tr
from course_utils.metrics.round_trip import RoundTrip, measured_round_trip
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, choice, follow, player, row, seed_box, views
from course_utils.runtime import generator
from course_utils.schedules import add_noise, scaled_linear
from course_utils.widgets import Drawing, Film, Gallery

SIDE = 128
FRAMES = tuple(range(0, 1001, 50))


@lru_cache(maxsize=8)
def shown(name: str, side: int = SIDE) -> NDArray[np.uint8]:
    """A bundled picture (side, side, 3), by default at the side of a page."""
    return pictures.load(name, side)


def round_trip(picture: NDArray[np.uint8], painter: Any = None) -> RoundTrip:
    """Send a picture (side, side, 3) through a painter's VAE and back; measure what got lost, by its size."""
    painter = painter or page_painting.painter()
    if isinstance(painter, RecordedPainter):
        return painter.round_trip(picture)
    latent = painter.encode_image(picture)
    return measured_round_trip(picture, painter.decode(latent), tuple(latent.shape))


def drowned_latents(picture: NDArray[np.uint8], seed: int) -> torch.Tensor:
    """The picture's latent at every t of FRAMES, (frames, 4, 16, 16), one noise throughout."""
    painter, schedule = page_painting.painter(), scaled_linear()
    clean = painter.encode_image(picture)
    noise = torch.randn(clean.shape, generator=generator(seed))
    return torch.stack([add_noise(clean, noise, t, schedule).float() for t in FRAMES])


def round_trip_panel(
    names: Sequence[str] = ("page", "cat"), painter: Any = None, side: int = SIDE, title: str = ""
) -> Panel:
    """A picture on its way through the small room: before, after, what got lost, and of which size.

    `painter` brings the VAE, by default the built-in one; `side` is that of its pictures.
    """
    picture = choice(tr("picture"), [(tr(name), name) for name in names], names[0])
    recorded = isinstance(painter, RecordedPainter)
    gallery = Gallery(
        title=title,
        badge="recorded" if recorded else "",
        alt=tr("A picture, what came back from the VAE, and the difference."),
    )
    curve = Drawing(alt=tr("Fine detail is lost first."))
    arithmetic = widgets.HTML()

    def repaint() -> str:
        trip = round_trip(shown(picture.value, side), painter)
        gallery.set_pictures(
            np.stack([trip.before, trip.after, trip.missing]),
            [
                tr("the picture"),
                tr("back again: {decibels:.1f} dB", decibels=trip.decibels),
                tr("what changed (doubled, gray is nothing)"),
            ],
        )
        curve.svg = plots.svg(_lost_chart(trip))
        arithmetic.value = _arithmetic(trip)
        return painter.provenance if recorded else ""

    panel = Panel(
        [row(picture), gallery, arithmetic, curve],
        alt=tr("A VAE's round trip: fine detail goes first."),
        still=lambda: _round_trip_still(round_trip(shown(picture.value, side), painter)),
    )
    panel.repaint_on(repaint, picture)
    return panel


def _lost_chart(trip: RoundTrip) -> Figure:
    lost = {"name": tr("lost"), "x": trip.sizes, "y": trip.lost, "points": True}
    return charts.chart(
        [lost],
        tr("width of the detail in pixels"),
        title=tr("share of detail lost"),
        x_log=True,
        y_range=[0, 1],
    )


def _arithmetic(trip: RoundTrip) -> str:
    (pixels, numbers), (before, after) = trip.numbers, trip.places
    said = tr(
        "{before:,} places become {after:,}: <b>{times:.0f}x fewer positions</b>. "
        "{pixels:,} numbers become {numbers:,}: <b>{fewer:.0f}x fewer numbers</b>.",
        before=before,
        after=after,
        times=before / after,
        pixels=pixels,
        numbers=numbers,
        fewer=pixels / numbers,
    )
    return f"<p>{said}</p>"


def _round_trip_still(trip: RoundTrip) -> bytes:
    figure, axes = plots.panes(3)
    named = {tr("before"): trip.before, tr("after"): trip.after, tr("missing"): trip.missing}
    for axis, (name, picture) in zip(axes, named.items(), strict=True):
        plots.picture(axis, picture, name)
    return plots.jpeg(figure, _lost_chart(trip))


def drowning_panel(name: str = "page", seed: int = 7) -> Panel:
    """Drown a latent, and look at it twice: as the four channels are, and decoded."""
    picture, seed_field = (
        choice(tr("picture"), [(tr(one), one) for one in ("page", "cat")], name),
        seed_box(seed),
    )
    inside = Film(
        title=tr("in the small room: 16 x 16 places"), pixelated=True, alt=tr("The latent, drowning.")
    )
    outside = Film(title=tr("decoded to pixels"), badge="learned", alt=tr("The drowning latent, decoded."))
    play, scrub = player("t / 50", len(FRAMES) - 1, interval=150)
    follow(scrub, (inside, "index"), (outside, "index"))
    labels = [f"t = {t}" for t in FRAMES]

    def drowned() -> torch.Tensor:
        return drowned_latents(shown(picture.value), seed_field.value)

    def repaint() -> None:
        latents = drowned()
        inside.set_pictures(page_painting.false_colours(latents), labels)
        outside.set_pictures(page_painting.painter().decode(latents), labels)

    panel = Panel(
        [row(picture, seed_field), row(play, scrub), views(inside, outside)],
        alt=tr("Noise in the small room: the same drowning, on latents."),
        still=lambda: _drowning_still(drowned()),
    )
    panel.repaint_on(repaint, picture, seed_field)
    return panel


def _drowning_still(latents: torch.Tensor, shown: Sequence[int] = (0, 6, 12, 20)) -> bytes:
    figure, axes = plots.panes(len(shown))
    for axis, k, picture in zip(
        axes, shown, page_painting.painter().decode(latents[list(shown)]), strict=True
    ):
        plots.picture(axis, picture, f"t = {FRAMES[k]}")
    return plots.jpeg(figure)
