"""A picture's way through a VAE and back: what got lost, and of which size."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MEASURES = ("sizes", "lost", "decibels", "numbers", "places")  # fields that are no pictures


@dataclass(frozen=True)
class RoundTrip:
    """A picture and what the VAE made of it, both (side, side, 3) uint8.

    `sizes` are widths of detail in pixels, from fine to coarse; `lost` the share of each width's detail that
    did not come back, 0..1. `decibels` is the peak signal-to-noise ratio; `numbers` and `places` count what
    the picture has and what its latent has.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    sizes: tuple[int, ...]
    lost: tuple[float, ...]
    decibels: float
    numbers: tuple[int, int]
    places: tuple[int, int]

    @property
    def missing(self) -> NDArray[np.uint8]:
        """The difference, doubled, about gray, which is nothing: (side, side, 3) uint8."""
        return np.clip(128 + 2 * (self.after.astype(np.float64) - self.before), 0, 255).astype(np.uint8)


def measured_round_trip(
    before: NDArray[np.uint8], after: NDArray[np.uint8], latent_shape: tuple[int, ...]
) -> RoundTrip:
    """Compare a picture with what came back of it, both (side, side, 3); the latent was (channels, h, w)."""
    gap = after.astype(np.float64) - before
    sizes, lost = _lost_by_size(before.astype(np.float64), gap)
    return RoundTrip(
        before,
        after,
        sizes,
        lost,
        float(10 * np.log10(255**2 / max(float(np.mean(gap**2)), 1e-9))),
        (int(before.size), math.prod(latent_shape)),
        (int(before.size) // 3, math.prod(latent_shape[1:])),
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
