"""What lies at every station of one run of a painter, and what changes between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from course_utils.painters import Painter, Painting, Settings
from course_utils.panels import page_painting

# Vectors as a heat map: below zero blue, above it orange, further away darker; the same for every eye.
_BELOW, _ABOVE, _FAR = (0, 60, 110), (150, 60, 0), 3.0


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
def of_run(settings: Settings) -> dict[str, Station]:
    """Paint once and keep what lies at every station, in the order in which the run comes by."""
    painter, painting = page_painting.painter(), page_painting.paint(settings)
    return {
        **_read(settings.prompt, painter),
        **_rolled(settings.seed, painter),
        **_looped(painting),
        **_finished(painting),
    }


def _read(prompt: str, painter: Painter) -> dict[str, Station]:
    numbers, vectors = painter.tokens(prompt)[0].numpy(), painter.encode_text(prompt).numpy()
    pieces = painter.pieces(prompt)
    words = ("start", *pieces, f"{len(numbers) - len(pieces) - 1} × end")
    return {
        "prompt": Station(
            "prompt",
            "What you ask for.",
            "prompt",
            np.array([prompt]),
            "one text",
            (prompt,),
        ),
        "tokens": Station(
            "tokens",
            "The prompt, cut into words that the machine knows by number, and filled up with the end token.",
            "token",
            numbers,
            f"{len(numbers)} numbers",
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
    noise = painter.initial_noise(seed)[None]
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
            noise.numpy(),
            _sizes(noise[0]),
            pictures=page_painting.false_colours(noise),
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
            pictures=page_painting.false_colours(noisy),
            moves=True,
        ),
        "noise": Station(
            "noise guess",
            f"What the U-Net takes for noise in the latent beside it: guessed with the prompt's vectors and "
            f"without them, then combined by guidance at w = {painting.settings.guidance:g}.",
            "eps",
            noise.numpy(),
            _sizes(noise[0]),
            pictures=page_painting.false_colours(noise),
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
            pictures=page_painting.false_colours(latent),
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
    both = min(len(before), len(after))
    differing = (before[:both] != after[:both]).reshape(both, -1).any(1).tolist()
    return [*differing, *[True] * (len(after) - both)]
