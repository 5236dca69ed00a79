"""Episode 3, on pages: the machine at a glance, a map of one run with its real tensors at every station."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import ipywidgets as widgets
import numpy as np
import torch

from course_utils import glossary, plots
from course_utils.painters import Painter, Painting, Settings
from course_utils.panels import pages
from course_utils.panels.base import Panel, row, seed_box, text_field
from course_utils.panels.latest import Latest
from course_utils.widgets import MachineMap
from course_utils.widgets.machine_map import Stop

PROMPT, SEED = "a green owl with a hat in the forest", 7
SWAPS = (("green", "red"), ("forest", "desert"))  # an early word, and a late one
# Vectors as a heat map: below zero blue, above it orange, further away darker; the same for every eye.
_BELOW, _ABOVE, _FAR = (0, 60, 110), (150, 60, 0), 3.0

# The still's arrows; the loop, from the noise guess back to the latent, cannot be seen at rest.
_ARROWS = (
    *(("prompt", "tokens"), ("tokens", "vectors"), ("seed", "initial"), ("initial", "noisy")),
    *(("vectors", "noise"), ("noisy", "noise"), ("noise", "latent"), ("latent", "page")),
)

# What the map's parts are called, and which term of the glossary says what they are.
PARTS = {
    "tokenizer": "tokenizer",
    "text encoder": "text-encoder",
    "random numbers": "seed",
    "cross-attention": "cross-attention",
    "U-Net": "u-net",
    "sampler": "sampler",
    "VAE decoder": "vae",
}


@dataclass(frozen=True)
class Station:
    """What lies at one station of a run.

    `shape` is that of the tensor, of one step where there are many. `parts` is what can change piece by
    piece: (tokens,), (tokens, numbers), (steps, 4, h, w), or (1, ...) where it is all of a piece. `words`
    name the parts, the last one all that follow. `pictures` are (frames, h, w, 3) uint8, or None where words
    say it all; a station `moves` where its parts and frames are the steps. `term` stands in the glossary.
    """

    name: str
    what: str
    term: str
    parts: np.ndarray
    shape: str
    words: tuple[str, ...] = ()
    pictures: np.ndarray | None = None
    moves: bool = False

    @property
    def ranges(self) -> list[tuple[float, float]]:
        """The lowest and the highest number, of each step where there are many; none of a text."""
        if self.parts.dtype.kind == "U":
            return []
        tables = self.parts if self.moves else [self.parts]
        return [(float(table.min()), float(table.max())) for table in tables]


@lru_cache(maxsize=16)
def stations(settings: Settings) -> dict[str, Station]:
    """Paint once and keep what lies at every station, in the order in which the run comes by."""
    painter, painting = pages.painter(), pages.paint(settings)
    return {
        **_read(settings.prompt, painter),
        **_rolled(settings.seed, painter),
        **_looped(painting),
        **_finished(painting),
    }


def _read(prompt: str, painter: Painter) -> dict[str, Station]:
    numbers, vectors = painter.tokens(prompt)[0].numpy(), painter.encode(prompt).numpy()
    pieces = painter.pieces(prompt)
    words = ("start", *pieces, f"{len(numbers) - len(pieces) - 1} × end")
    return {
        "prompt": Station(
            "prompt", "What you ask for.", "prompt", np.array([prompt]), f"{len(prompt)} letters", (prompt,)
        ),
        "tokens": Station(
            "tokens",
            "The prompt, cut into words that the machine knows by number, and filled up with the end token.",
            "token",
            numbers,
            _sizes(numbers),
            words,
        ),
        "vectors": Station(
            "vectors",
            "One row of numbers for each token. A row is computed from its token and those before it.",
            "text-encoder",
            vectors,
            _sizes(vectors),
            words,
            _heat(vectors)[None],
        ),
    }


def _rolled(seed: int, painter: Painter) -> dict[str, Station]:
    static = painter.static(seed)[None]
    return {
        "seed": Station(
            "seed",
            "The number that the random generator starts from.",
            "seed",
            np.array([seed]),
            "one number",
            (str(seed),),
        ),
        "initial": Station(
            "static",
            "The initial noise: the numbers that this seed always gives, four for each place.",
            "static",
            static.numpy(),
            _sizes(static[0]),
            pictures=pages.false_colours(static),
        ),
    }


def _looped(painting: Painting) -> dict[str, Station]:
    noisy = torch.stack([*(state.noisy for state in painting.trajectory), painting.latent])
    noise = torch.stack([state.noise for state in painting.trajectory])
    return {
        "noisy": Station(
            "noisy latent",
            "What the loop works on: static before the first step, a finished latent after the last one.",
            "latent",
            noisy.numpy(),
            _sizes(noisy[0]),
            pictures=pages.false_colours(noisy),
            moves=True,
        ),
        "noise": Station(
            "noise guess",
            f"What the U-Net takes for noise in the latent beside it: guessed with the prompt's vectors and "
            f"without them, then combined by guidance at w = {painting.settings.guidance:g}.",
            "eps",
            noise.numpy(),
            _sizes(noise[0]),
            pictures=pages.false_colours(noise),
            moves=True,
        ),
    }


def _finished(painting: Painting) -> dict[str, Station]:
    latent = painting.latent[None]
    return {
        "latent": Station(
            "last latent",
            "What the loop leaves after its last step: a page in 48 times fewer numbers.",
            "latent",
            latent.numpy(),
            _sizes(latent[0]),
            pictures=pages.false_colours(latent),
        ),
        "page": Station(
            "page",
            "What the VAE's decoder makes of the last latent.",
            "page",
            painting.pixels[None],
            _sizes(painting.pixels),
            pictures=painting.pixels[None],
        ),
    }


def _sizes(table: np.ndarray | torch.Tensor) -> str:
    return " × ".join(map(str, table.shape))


def _heat(table: np.ndarray) -> np.ndarray:
    """Numbers (rows, columns) as colours (rows, columns, 3): white at zero, dark from `_FAR` on."""
    share = np.clip(np.abs(table) / _FAR, 0, 1)[..., None]
    ink = np.where(table[..., None] < 0, _BELOW, _ABOVE)
    return (255 + share * (ink - 255)).round().astype(np.uint8)


def changes(before: Mapping[str, Station], after: Mapping[str, Station]) -> dict[str, list[bool]]:
    """For each station, which of its parts hold other numbers than in the run before."""
    return {key: _differing(before[key].parts, station.parts) for key, station in after.items()}


def unchanged(before: Mapping[str, Station], after: Mapping[str, Station]) -> list[str]:
    """The names of the stations at which every number is the same in both runs."""
    return [after[key].name for key, parts in changes(before, after).items() if not any(parts)]


def _differing(before: np.ndarray, after: np.ndarray) -> list[bool]:
    if before.shape[1:] != after.shape[1:]:
        return [True] * len(after)
    differing = (
        (before[: len(after)] != after[: len(before)]).reshape(min(len(before), len(after)), -1).any(1)
    )
    return [*differing.tolist(), *[True] * (len(after) - len(differing))]


def machine_panel(prompt: str = PROMPT, seed: int = SEED) -> Panel:
    """One run as a map; change the prompt or the seed, and what changed lights up."""
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    view = MachineMap(
        alt="The machine at a glance: prompt, tokens, vectors; seed, static; a loop of U-Net and sampler; "
        "last latent, VAE decoder, page.",
        terms={part: glossary.define(anchor) for part, anchor in PARTS.items()},
        step=pages.STEPS // 2,
    )
    last: dict[str, Mapping[str, Station]] = {}

    def wanted() -> Settings:
        return pages.settings(words.value, seed=seed_field.value)

    def show(found: tuple[Mapping[str, Station], list[str], str]) -> str:
        run, labels, remark = found
        news = changes(last["run"], run) if last else {key: [] for key in run}
        last["run"] = run
        pictures = {key: station.pictures for key, station in run.items() if station.pictures is not None}
        view.set_run({key: _stop(station, news[key]) for key, station in run.items()}, pictures, labels)
        return remark

    chips = [_chip(f"{one} ⇄ {other}", f"swap one word: {one}, {other}") for one, other in SWAPS]
    another = _chip("another seed", "the next seed, the same prompt")
    panel = Panel(
        [row(words, seed_field), row(*chips, another), view],
        alt=view.alt,
        still=lambda: _still(stations(wanted())),
    )

    def swap(pair: tuple[str, str]) -> None:
        swapped = _swapped(words.value, *pair)
        if swapped == words.value:
            panel.say(f"The prompt says neither {pair[0]!r} nor {pair[1]!r}: change a word of it by hand.")
        words.value = swapped

    panel.asks(Latest(_run, show, panel.say, pages.busy([view])), wanted, words, seed_field)
    for chip, pair in zip(chips, SWAPS, strict=True):
        chip.on_click(lambda _button, pair=pair: swap(pair))
    another.on_click(lambda _button: setattr(seed_field, "value", seed_field.value + 1))
    return panel


def _run(settings: Settings) -> tuple[Mapping[str, Station], list[str], str]:
    painting = pages.paint(settings)
    count = len(painting.trajectory)
    labels = [f"step {step} of {count}, {moment}" for step, moment in enumerate(pages.labels(painting))]
    return stations(settings), labels, painting.remark


def _stop(station: Station, news: list[bool]) -> Stop:
    return Stop(
        station.name,
        station.what,
        station.shape,
        _defined(station.term),
        station.ranges,
        station.words,
        news,
        station.moves,
    )


def _defined(anchor: str) -> str:
    return f"{glossary.terms()[anchor].name}: {glossary.define(anchor)}"


def _chip(label: str, tooltip: str) -> widgets.Button:
    return widgets.Button(description=label, tooltip=tooltip, layout={"width": "auto"})


def _swapped(text: str, one: str, other: str) -> str:
    """A text with one word for the other, or the other for the one, or as it was."""
    return text.replace(one, other) if one in text else text.replace(other, one)


def _still(run: Mapping[str, Station]) -> bytes:
    plan = (
        ("prompt", "tokens", "vectors", "vectors", "page"),
        ("seed", "initial", "noisy", "noise", "latent"),
    )
    figure, axes = plots.mosaic(plan, width=2.4, height=2.4)
    for key, axis in axes.items():
        station, title = run[key], f"{run[key].name}\n{run[key].shape}"
        if station.pictures is None:
            plots.words(axis, station.words, title)
        else:
            plots.picture(axis, station.pictures[len(station.pictures) // 2], title)
    for one, other in _ARROWS:
        plots.link(axes[one], axes[other])
    return plots.jpeg(figure)
