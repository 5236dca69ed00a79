"""Episode 2, on pages: the film of a painting, a page at every timestep, learned and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import plots
from course_utils.painters import Painting, Settings, State
from course_utils.panels import page_painting
from course_utils.panels.base import (
    Panel,
    buttons,
    fine_slider,
    follow,
    player,
    row,
    seed_box,
    set_last,
    slider,
    start,
    text_field,
    views,
)
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.picturebook.dataset import Pages
from course_utils.schedules import add_noise, scaled_linear, trailing
from course_utils.widgets import Film

TRACKS = {
    "noisy": "x_t, the noisy picture",
    "noise": "its guess of the noise",
    "clean": "the clean picture it implies",
}
QUALITY = {"noisy": 70, "noise": 90, "clean": 90}  # static packs badly, and nobody looks for its edges


@dataclass(frozen=True)
class Tracks:
    """A painting as three films (frames, 128, 128, 3) with one label a frame, and whose film it is."""

    noisy: np.ndarray
    noise: np.ndarray
    clean: np.ndarray
    labels: list[str]
    badge: str
    painting: Painting


@lru_cache(maxsize=4)  # megabytes each; the paintings themselves are kept elsewhere
def learned_film(settings: Settings) -> Tracks:
    """The film of a painting by the trained network."""
    return _tracks(page_painting.paint(settings), "learned")


@lru_cache(maxsize=4)
def replayed_film(settings: Settings) -> Tracks:
    """A film that invents nothing: a finished page is drowned, and the same noise taken off again.

    Whatever the prompt says, the page is the first of the training set.
    """
    painter, curve = page_painting.painter(), scaled_linear()
    clean, noise = painter.encode_image(Pages("train").page(0)), painter.initial_noise(settings.seed)
    states = [
        State(t, add_noise(clean, noise, t, curve).float(), noise, clean, painter.decode)
        for t in trailing(settings.steps)
    ]
    return _tracks(Painting(settings, "replay", clean, states, 0, 0.0, painter.decode), "replay")


FILMS = {"learned": learned_film, "replay": replayed_film}


def _tracks(painting: Painting, badge: str) -> Tracks:
    noise = torch.stack([state.noise for state in painting.trajectory])
    guesses = page_painting.false_colours(torch.cat([noise, noise[-1:]]))
    return Tracks(
        page_painting.decoded(painting, "noisy"),
        guesses.repeat(8, axis=1).repeat(8, axis=2),
        page_painting.decoded(painting, "clean"),
        page_painting.labels(painting),
        badge,
        painting,
    )


def film_panel(prompt: str = "an orange cat in the meadow", seed: int = 7, w: float = 1.0) -> Panel:
    """The main instrument on pages: one click, and a page that never was comes out of static.

    Without guidance (w = 1) a clean guess is what the network believes, an average; with guidance it is not.
    """
    films = {
        name: Film(title=title, pixelated=name == "noise", alt=f"{title}, step by step")
        for name, title in TRACKS.items()
    }
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    who = buttons("who paints", tuple(FILMS), "learned")
    budget = slider("steps", 1, 60, page_painting.FILM_STEPS, continuous_update=False)
    guidance = fine_slider("guidance w", 0, 8, w, 0.5, continuous_update=False)
    go = widgets.Button(description="reverse diffusion", button_style="primary")
    play, scrub = player("frame", page_painting.FILM_STEPS, interval=120)
    follow(scrub, *((film, "index") for film in films.values()))

    def wanted() -> tuple[str, Settings]:
        chosen = {"seed": seed_field.value, "steps": budget.value, "guidance": guidance.value}
        return who.value, page_painting.settings(words.value, **chosen)

    def work(asked: tuple[str, Settings]) -> Tracks:
        return FILMS[asked[0]](asked[1])

    def show(tracks: Tracks) -> str:
        count = len(tracks.labels)
        for name, film in films.items():
            film.badge = tracks.badge
            film.set_pictures(getattr(tracks, name), tracks.labels, quality=QUALITY[name])
        set_last(play, scrub, count - 1)
        return tracks.painting.remark

    panel = Panel(
        [row(words, seed_field), row(who, budget, guidance, go), row(play, scrub), views(*films.values())],
        alt=f"The film of a painting: '{prompt}' comes out of static.",
        still=lambda: film_still(work(wanted())),
    )
    painter = LatestOnlyWorker(work, show, panel.say, page_painting.busy(films.values()))
    panel.asks(painter, wanted, words, seed_field, budget, guidance, who)

    def brand_new(_button: object) -> None:
        seed_field.value += 1
        if not any(film.calm for film in films.values()):
            start(play)

    go.on_click(brand_new)
    return panel


def film_still(tracks: Tracks, shown: int = 4) -> bytes:
    """Some moments of a film, one under the other: x_t above, the clean guess below."""
    figure, axes = plots.panes(2 * shown)
    for row_of, name in enumerate(("noisy", "clean")):
        for k in range(shown):
            frame = round(k / (shown - 1) * (len(tracks.labels) - 1))
            plots.picture(axes[row_of * shown + k], getattr(tracks, name)[frame], tracks.labels[frame])
    return plots.jpeg(figure)
