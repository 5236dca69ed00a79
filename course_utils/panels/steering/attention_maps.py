"""Episode 3, on pages: where the network looks for each word, and one layer of it with its real tensors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import plots
from course_utils.painters import Painting, Settings
from course_utils.painters.attention import watching
from course_utils.painters.cross_attention import of_layer
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, follow, player, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.panels.stills import StillPicture, show_pictures
from course_utils.prompts import FILLERS
from course_utils.widgets import Film

LAYER = (
    "up_blocks.1.attentions.1.transformer_blocks.0"  # the last one; single words are told apart best there
)
EARLY = 3  # of ten steps: the shapes are there, the details are not


@dataclass(frozen=True)
class Reading:
    """A prompt as the network meets it: its tokens, a vector for each, and a painting with its maps.

    `tokens` leaves out start, end and padding; `vectors` is (tokens, 128); `maps` (steps, tokens, side, side)
    is the share of attention each place pays to each of these tokens.
    """

    tokens: tuple[str, ...]
    vectors: torch.Tensor
    maps: torch.Tensor
    painting: Painting


@lru_cache(maxsize=16)
def read(settings: Settings, name: str = "picturebook") -> Reading:
    """Paint while watching what places pay to words."""
    painter = page_painting.painter(name)
    words = painter.pieces(settings.prompt)
    with watching(painter) as watch:
        painting = page_painting.watched_paint(painter, settings)
    own = painter.own_tokens(settings.prompt)
    return Reading(tuple(words), painter.encode_text(settings.prompt)[own], watch.maps[:, own], painting)


def heat(reading: Reading, token: int) -> np.ndarray:
    """The maps of one token over the steps, (steps, side, side) uint8, each step scaled to its own range."""
    maps = reading.maps[:, token]
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    return ((maps - low) / (high - low).clamp(min=1e-6) * 255).round().byte().numpy()


def attention_panel(
    prompt: str = "a red boat with a crown at sea", seed: int = 7, painter: str = "picturebook"
) -> Panel:
    """Choose a word, scrub the steps: where does the network look for it?"""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    film = Film(badge="learned", alt="The clean guess, with the attention of one word over it.")
    tokens = widgets.ToggleButtons(
        description="word", style={"description_width": "initial", "button_width": "auto"}
    )
    play, scrub = player("step", page_painting.STEPS - 1, interval=200)
    follow(scrub, (film, "index"))
    shown: dict[str, Reading] = {}

    def wanted() -> Settings:
        return page_painting.settings(words.value, seed=seed_field.value)

    def show(reading: Reading) -> str:
        shown["reading"] = reading
        film.set_pictures(
            page_painting.decoded(reading.painting, "clean")[:-1], page_painting.labels(reading.painting)[:-1]
        )
        tokens.options = [(word, k) for k, word in enumerate(reading.tokens)]
        tokens.value = _telling_word(reading)
        scrub.value = scrub.max // 2
        light()
        return reading.painting.remark

    def light(_change: object = None) -> None:
        if tokens.value is not None and tokens.value < len(shown["reading"].tokens):
            film.set_heat(heat(shown["reading"], tokens.value))

    panel = Panel(
        [row(words, seed_field), row(tokens), row(play, scrub), views(film)],
        alt="Attention: where the network looks for each word.",
        still=lambda: _attention_still(read(wanted(), painter)),
    )
    tokens.observe(light, "value")
    panel.asks(
        LatestOnlyWorker(lambda asked: read(asked, painter), show, panel.say, page_painting.busy([film])),
        wanted,
        words,
        seed_field,
    )
    return panel


def _telling_word(reading: Reading) -> int:
    """The word that is looked at in the fewest places, of those that stand for something."""
    order = _by_spread(reading)
    return next((token for token in order if reading.tokens[token] not in FILLERS), order[0])


def _by_spread(reading: Reading) -> list[int]:
    middle = reading.maps[len(reading.maps) // 2].flatten(1)
    return (middle.std(1) / middle.mean(1)).argsort(descending=True).tolist()


def unevenness(reading: Reading) -> dict[str, float]:
    """How unevenly each word is looked at over the picture: its attention's spread over its mean, all steps.

    0: every place pays it the same attention.
    """
    maps = reading.maps.mean(0).flatten(1)
    return dict(zip(reading.tokens, (maps.std(1) / maps.mean(1)).tolist(), strict=True))


def _attention_still(reading: Reading, count: int = 4) -> bytes:
    middle = len(reading.maps) // 2
    figure, axes = plots.panes(min(count, len(reading.tokens)) + 1)
    plots.picture(axes[0], reading.painting.pixels, reading.painting.settings.prompt)
    for axis, token in zip(axes[1:], _by_spread(reading), strict=False):
        spot = np.kron(heat(reading, token)[middle], np.ones((8, 8), np.uint8))
        plots.picture(axis, np.stack([spot] * 3, -1), reading.tokens[token])
    return plots.jpeg(figure)


def layer_tensors(
    prompt: str, seed: int = 7, step: int = EARLY, layer: str = LAYER
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What one layer of `picturebook` works on at a step of a painting.

    q (heads, places, d), k and v (heads, 32, d).
    """
    painter = page_painting.painter()
    painting = page_painting.paint(page_painting.settings(prompt, seed=seed))
    state = painting.trajectory[step]
    found = of_layer(painter, layer, state.noisy, state.t, painter.encode_text(prompt))
    return found.q, found.k, found.v


def show_shares(shares: torch.Tensor, prompt: str) -> StillPicture:
    """Where the places look for each word of a prompt: shares (heads, places, 32), bright is more.

    Each word has its number among the tokens, and its picture a scale of its own.
    """
    painter = page_painting.painter()
    side = int(shares.shape[1] ** 0.5)
    maps = shares.mean(0).T.reshape(-1, side, side)  # (32, side, side)
    own = range(32)[painter.own_tokens(prompt)]
    words = zip(own, painter.pieces(prompt), strict=True)
    return show_pictures({f"{number} {word}": _grey(maps[number]) for number, word in words}, size=1.6)


def _grey(heat: torch.Tensor) -> np.ndarray:
    scaled = (heat - heat.min()) / (heat.max() - heat.min()).clamp(min=1e-6)
    return np.stack([np.kron((255 * scaled).byte().numpy(), np.ones((8, 8), np.uint8))] * 3, -1)
