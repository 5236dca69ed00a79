"""Episode 3, on pages: the machine at a glance, with the real numbers of one run at every station."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import plots
from course_utils.painters import Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.widgets import Film


@dataclass(frozen=True)
class Station:
    """One stop of the tour: what lies there, shape and first numbers of the real tensor, and a picture.

    `depends` names what this stop changes with: "prompt", "seed" or both.
    """

    name: str
    what: str
    shape: tuple[int, ...]
    numbers: str
    picture: np.ndarray
    depends: tuple[str, ...]


@lru_cache(maxsize=16)
def stations(settings: Settings) -> tuple[Station, ...]:
    """Walk one run and keep what lies at every station."""
    painter, painting = page_painting.painter(), page_painting.paint(settings)
    tokens = painter.tokens(settings.prompt)
    vectors = painter.encode_text(settings.prompt)
    static = painter.initial_noise(settings.seed)
    middle = painting.trajectory[len(painting.trajectory) // 2]
    words = " ".join(painter.pieces(settings.prompt)[:8])
    both = ("prompt", "seed")
    return (
        _station("tokens", f"the prompt, cut up: {words} ...", tokens, _stripes(tokens.float()), ("prompt",)),
        _station("vectors", "each token as 128 numbers", vectors, _stripes(vectors), ("prompt",)),
        _station("static", "what the seed stands for", static, _latent(static), ("seed",)),
        _station("noisy latent", f"half way, t = {middle.t}", middle.noisy, _latent(middle.noisy), both),
        _station(
            "the guess", "how the U-Net names the noise in it", middle.noise, _latent(middle.noise), both
        ),
        _station("last latent", "after the last step", painting.latent, _latent(painting.latent), both),
        _station(
            "page",
            "what the VAE's decoder makes of it",
            torch.from_numpy(painting.pixels),
            painting.pixels,
            both,
        ),
    )


def _station(
    name: str, what: str, tensor: torch.Tensor, picture: np.ndarray, depends: tuple[str, ...]
) -> Station:
    start = ", ".join(f"{number:.4g}" for number in tensor.flatten()[:6].tolist())
    return Station(name, what, tuple(tensor.shape), f"{start}, ...", picture, depends)


def changed(before: tuple[Station, ...], after: tuple[Station, ...]) -> list[bool]:
    """Which stations hold something else now?"""
    return [
        old.numbers != new.numbers or not np.array_equal(old.picture, new.picture)
        for old, new in zip(before, after, strict=True)
    ]


def _stripes(tensor: torch.Tensor) -> np.ndarray:
    """Any table of numbers as gray squares, 128 pixels a side."""
    table = tensor.reshape(-1, tensor.shape[-1])
    scaled = (table - table.min()) / (table.max() - table.min()).clamp(min=1e-6)
    high, wide = max(1, 128 // len(table)), max(1, 128 // table.shape[1])
    gray = (scaled * 255).byte().numpy().repeat(high, 0).repeat(wide, 1)
    page = np.zeros((128, 128), np.uint8)
    page[: gray.shape[0], : gray.shape[1]] = gray[:128, :128]
    return np.stack([page] * 3, -1)


def _latent(latent: torch.Tensor) -> np.ndarray:
    return page_painting.false_colours(latent[None])[0].repeat(8, 0).repeat(8, 1)


def machine_panel(prompt: str = "a green owl with a hat in the forest", seed: int = 7) -> Panel:
    """Walk from station to station; change the prompt or the seed, and see which stations change."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    stops = widgets.ToggleButtons(style={"button_width": "auto"})
    film, note = Film(alt="What lies at this station."), widgets.HTML()
    shown: dict[str, tuple[Station, ...]] = {"stations": ()}

    def wanted() -> Settings:
        return page_painting.settings(words.value, seed=seed_field.value)

    def show(found: tuple[Station, ...]) -> str:
        before, shown["stations"] = shown["stations"], found
        news = changed(before, found) if before else [False] * len(found)
        film.set_pictures(
            np.stack([station.picture for station in found]), [station.name for station in found]
        )
        chosen = stops.index or 0
        stops.options = [
            f"{k + 1} {station.name}{' *' if new else ''}"
            for k, (station, new) in enumerate(zip(found, news, strict=True))
        ]
        stops.index = chosen
        visit()
        return (
            f"Changed: {', '.join(s.name for s, new in zip(found, news, strict=True) if new)}."
            if any(news)
            else ""
        )

    def visit(_change: object = None) -> None:
        if stops.index is not None and shown["stations"]:
            film.index = stops.index
            note.value = _note(shown["stations"][stops.index])

    panel = Panel(
        [row(words, seed_field), stops, views(film), note],
        alt="The machine at a glance: prompt, tokens, vectors, static, U-Net, latent, decoder, page.",
        still=lambda: _still(stations(wanted())),
    )
    stops.observe(visit, "index")
    panel.asks(
        LatestOnlyWorker(stations, show, panel.say, page_painting.busy([film])),
        wanted,
        words,
        seed_field,
    )
    return panel


def _note(station: Station) -> str:
    shape = " x ".join(map(str, station.shape))
    return (
        f"<p><b>{html.escape(station.name)}</b>: {html.escape(station.what)}. Shape {shape}; it begins "
        f"<code>{html.escape(station.numbers)}</code> It changes with: {' and '.join(station.depends)}.</p>"
    )


def _still(found: tuple[Station, ...]) -> bytes:
    figure, axes = plots.panes(len(found), width=2.2, height=2.6)
    for axis, station in zip(axes, found, strict=True):
        plots.picture(axis, station.picture, station.name)
    return plots.jpeg(figure)
