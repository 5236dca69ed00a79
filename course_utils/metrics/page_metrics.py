"""How good is a painted page? Adherence, distance, likeness, spread, and what too much guidance does to it.

Pages are (n, side, side, 3) uint8; features are what a judge sees, (n, width).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist, pdist

from course_utils.judge import Judge
from course_utils.metrics.estimates import Share, share
from course_utils.picturebook.captions import asked
from course_utils.picturebook.scene import ATTRIBUTES

CORE = ("subject", "colour", "setting")
COARSE = 8  # places across at which compositions are compared


def met(
    judge: Judge, pages: np.ndarray, prompts: Sequence[str], attributes: Sequence[str] = CORE
) -> list[bool]:
    """For every page, (n, side, side, 3) uint8: is everything its prompt asks of these attributes on it?"""
    verdicts = judge.read(pages)
    return [verdict.fits(prompt, attributes) for verdict, prompt in zip(verdicts, prompts, strict=True)]


def adherence(
    judge: Judge, pages: np.ndarray, prompts: Sequence[str], attributes: Sequence[str] = CORE
) -> Share:
    """The share of pages, (n, side, side, 3) uint8, with all that the prompt asks of these attributes."""
    return share(met(judge, pages, prompts, attributes))


def by_attribute(judge: Judge, pages: np.ndarray, prompts: Sequence[str]) -> dict[str, Share]:
    """Each attribute apart, counting only the pages, (n, side, side, 3) uint8, whose prompt asks for it."""
    verdicts = judge.read(pages)
    marks: dict[str, list[bool]] = {name: [] for name in ATTRIBUTES}
    for verdict, prompt in zip(verdicts, prompts, strict=True):
        for name, answer in asked(prompt).items():
            marks[name].append(verdict.answers[name] == answer)
    return {name: share(answers) for name, answers in marks.items() if answers}


def frechet(one: torch.Tensor, other: torch.Tensor) -> float:
    """Frechet distance of two sets of features, (n, width) and (m, width), each taken for a normal cloud.

    Heusel 2017, eq. 6; in squared units of the features, 0 for equal means and covariances.

    It shrinks as the sets grow: compare only distances between sets of the same sizes.
    """
    a, b = one.double().numpy(), other.double().numpy()
    gap = a.mean(0) - b.mean(0)
    first, second = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = np.real(sqrtm(first @ second))
    return float(max(0.0, gap @ gap + np.trace(first + second - 2 * root)))


def nearest(features: torch.Tensor, among: torch.Tensor) -> np.ndarray:
    """Euclidean distance, (n,), of each of (n, width) features to the nearest of (m, width) others."""
    return cdist(features.numpy(), among.numpy()).min(axis=1)


def spread(features: torch.Tensor) -> float:
    """Mean Euclidean distance between two of the features (n, width): how different n > 1 pages are."""
    return float(pdist(features.numpy()).mean())


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """How alike two pages, (side, side, 3) uint8, are: correlation (-1..1) of their coarse composition."""
    first, second = (_coarse(page) for page in (one, other))
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def clipped(pages: np.ndarray) -> np.ndarray:
    """Share of colour values within 2 of either end of 0..255, per page (n,), 0..1."""
    return ((pages <= 2) | (pages >= 253)).mean(axis=(1, 2, 3))


def colourfulness(pages: np.ndarray) -> np.ndarray:
    """How far colours are from gray, per page (n,): mean of highest minus lowest channel, 0..1."""
    values = pages.astype(np.float32) / 255
    return (values.max(-1) - values.min(-1)).mean(axis=(1, 2))


def contrast(pages: np.ndarray) -> np.ndarray:
    """Standard deviation of the brightness, per page (n,), 0..0.5."""
    return (pages.astype(np.float32) / 255).mean(-1).std(axis=(1, 2))


def edges(pages: np.ndarray) -> np.ndarray:
    """Mean step in brightness from a pixel to the one right of it or below, per page (n,), 0..1."""
    light = pages.astype(np.float32).mean(-1) / 255
    return (np.abs(np.diff(light, axis=1)).mean((1, 2)) + np.abs(np.diff(light, axis=2)).mean((1, 2))) / 2


def _coarse(page: np.ndarray) -> np.ndarray:
    """A page of COARSE x COARSE places, each channel about its mean."""
    block = page.shape[0] // COARSE
    places = page.astype(np.float64).reshape(COARSE, block, COARSE, block, 3).mean((1, 3))
    return places - places.mean((0, 1))
