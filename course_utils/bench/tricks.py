"""What each trick of the fast engine and of the sketches gains.

python -m course_utils bench --tricks

Times are the processor's, of all threads, with a trick and without in turns: other programs hardly count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from itertools import count, product
from typing import Any

import numpy as np

from course_utils.bench.figures import Figure, figure_of

PROMPTS = ("an orange cat in space", "a red boat at sea", "a blue owl in the snow")
SEEDS, DIALS = range(6), (5.0, 8.0)
STEPS, FEW = 10, 5  # of a page, and of its sketch


def gained(repeats: int) -> list[Figure]:
    """Times the work takes without a trick, as multiples of the work with it; and what sketches look like."""
    import torch

    from course_utils import painters

    painter: Any = painters.load("picturebook")
    painter.engine.wait()
    painter.sketcher.engine.wait()
    floats, rounded = painter.engine, painter.sketcher.engine
    pair = painter.initial_noise(7).expand(2, -1, -1, -1)
    vectors = torch.stack([painter.encode_text(""), painter.encode_text(PROMPTS[0])])
    never_seen = count()

    def guided(engine: Any) -> None:
        engine.predict(pair, torch.tensor(500), vectors)

    def guided_anew() -> None:
        floats.predict(pair, torch.tensor(100 + next(never_seen) / 100), vectors)

    return [
        _against(
            "a guided pass at a new time, against one kept", guided_anew, partial(guided, floats), repeats
        ),
        _against(
            "a guided pass in floats, against eight bits",
            partial(guided, floats),
            partial(guided, rounded),
            repeats,
        ),
        _against(
            "a page decoded in floats, against eight bits",
            partial(floats.decode, pair[:1]),
            partial(rounded.decode, pair[:1]),
            repeats,
        ),
        *_sketches(painter),
    ]


def _against(name: str, without: Callable[[], object], with_it: Callable[[], object], repeats: int) -> Figure:
    """How many times as long the first takes, in turns."""
    _spent(without), _spent(with_it)  # warms up
    return figure_of(name, "x", [_spent(without) / _spent(with_it) for _ in range(3 * repeats)])


def _spent(work: Callable[[], object], times: int = 5) -> float:
    start = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - start


def _sketches(painter: Any) -> list[Figure]:
    """How near sketches come to their pages, guided throughout and guided early."""
    figures = []
    for w in DIALS:
        near: dict[str, list[float]] = {"throughout": [], "early": []}
        for prompt, seed in product(PROMPTS, SEEDS):
            asked = painter.defaults(prompt, seed=seed, steps=STEPS, guidance=w)
            page = painter.paint(asked).pixels
            sketches = {"throughout": asked.but(steps=FEW), "early": painter.sketched(asked, FEW)}
            for how, sketch in sketches.items():
                near[how].append(_decibels(painter.sketcher.paint(sketch).pixels, page))
        figures += [
            figure_of(f"sketches guided {how}, to their pages, w = {w:g}", "dB", near[how]) for how in near
        ]
    return figures


def _decibels(one: np.ndarray, other: np.ndarray) -> float:
    gap = (one.astype(float) - other) / 255
    return float(-10 * np.log10(np.square(gap).mean() + 1e-9))
