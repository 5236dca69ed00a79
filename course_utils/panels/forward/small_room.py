"""Episode 1, on latents: the small room a painter works in, what is lost on the way, noise inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ipywidgets as widgets
import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray

from course_utils import charts, pictures, plots
from course_utils.languages import tr
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, choice, follow, player, row, seed_box, views
from course_utils.runtime import generator
from course_utils.schedules import add_noise, scaled_linear
from course_utils.widgets import Drawing, Film, Gallery

SIDE = 128
FRAMES = tuple(range(0, 1001, 50))


@dataclass(frozen=True)
class RoundTrip:
    """A picture, what the VAE made of it, and what is missing, all (side, side, 3) uint8.

    `sizes` are widths of detail in pixels, from fine to coarse; `lost` the share of each width's detail that
    did not come back, 0..1. `decibels` is the peak signal-to-noise ratio.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    missing: NDArray[np.uint8]
    sizes: tuple[int, ...]
    lost: tuple[float, ...]
    decibels: float
    numbers: tuple[int, int]
    places: tuple[int, int]


@lru_cache(maxsize=8)
def shown(name: str, side: int = SIDE) -> NDArray[np.uint8]:
    """A bundled picture (side, side, 3), by default at the side of a page."""
    return pictures.load(name, side)


def round_trip(picture: NDArray[np.uint8], painter: Any = None) -> RoundTrip:
    """Send a picture (side, side, 3) through a painter's VAE and back; measure what got lost, by its size."""
    painter = painter or page_painting.painter()
    latent = painter.encode_image(picture)
    after = painter.decode(latent)
    gap = after.astype(np.float64) - picture
    sizes, lost = _lost_by_size(picture.astype(np.float64), gap)
    return RoundTrip(
        picture,
        after,
        np.clip(128 + 2 * gap, 0, 255).astype(np.uint8),
        sizes,
        lost,
        float(10 * np.log10(255**2 / max(float(np.mean(gap**2)), 1e-9))),
        (int(picture.size), latent.numel()),
        (int(picture.size) // 3, latent[0].numel()),
    )


def _lost_by_size(
    picture: NDArray[np.float64], gap: NDArray[np.float64]
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """What share of each octave of detail the error has: what blurring over 2, 4, ... pixels takes away."""
    sizes, lost = [], []
    for size in (2, 4, 8, 16):
        there, missing = (_octave(image, size) for image in (picture, gap))
        sizes.append(size)
        lost.append(float(min(1.0, float(np.sum(missing**2)) / max(float(np.sum(there**2)), 1e-9))))
    return tuple(sizes), tuple(lost)


def _octave(image: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Detail about `size` pixels wide: means over blocks half as wide, less those over the whole width."""
    return _blocks(image, size // 2) - _blocks(image, size)


def _blocks(image: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    high, wide, channels = image.shape
    means = image.reshape(high // size, size, wide // size, size, channels).mean((1, 3))
    return means.repeat(size, 0).repeat(size, 1)


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
    gallery = Gallery(title=title, alt=tr("A picture, what came back from the VAE, and the difference."))
    curve = Drawing(alt=tr("Fine detail is lost first."))
    arithmetic = widgets.HTML()

    def repaint() -> None:
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
