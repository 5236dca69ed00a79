"""Episode 5, on pages: three universes, the live dial, repairs, and what it cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from course_utils import judge, plots
from course_utils.painters import Painting, Settings
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, fine_slider, row, seed_box, text_field, tick, views
from course_utils.panels.latest_only import LatestOnlyWorker
from course_utils.picturebook.captions import in_style
from course_utils.widgets import Film, Gallery

UNIVERSES = {"too weak": 0.5, "yours": 1.0, "cranked to the max": 15.0}  # where each begins


def page_universes_panel(prompt: str = "a red fish in a hat in the desert", seed: int = 7) -> Panel:
    """The main instrument on pages: one static in three universes; the middle one follows the slider."""
    films = {name: Film(badge="learned", alt=f"{name}: guidance {w:g}") for name, w in UNIVERSES.items()}
    words, seed_field, style = text_field("prompt", prompt), seed_box(seed), page_painting.style_choice()
    guidance = fine_slider("guidance w of the middle one", 0, 15, UNIVERSES["yours"], 0.25)
    rescale, interval = tick("rescale by 0.7"), tick("guide only the middle 60 % of the steps")

    def wanted() -> tuple[Settings, ...]:
        text = in_style(words.value, style.value)
        middle = page_painting.settings(
            text,
            seed=seed_field.value,
            guidance=guidance.value,
            rescale=0.7 if rescale.value else 0.0,
            interval=(0.2, 0.8) if interval.value else (0.0, 1.0),
        )
        weak, strong = (
            page_painting.settings(text, seed=seed_field.value, guidance=UNIVERSES[name])
            for name in ("too weak", "cranked to the max")
        )
        return weak, middle, strong

    def work(asked: tuple[Settings, ...]) -> list[tuple[Painting, bool]]:
        weak, middle, strong = asked
        return [
            (page_painting.paint(weak), False),
            page_painting.sketch(middle),
            (page_painting.paint(strong), False),
        ]

    def show(found: list[tuple[Painting, bool]]) -> str:
        for (name, film), (painting, preview) in zip(films.items(), found, strict=True):
            film.title = f"{name}: w = {painting.settings.guidance:g}"
            film.set_pictures(painting.pixels[None], [painting.settings.prompt], preview=preview)
        return found[0][0].remark

    panel = Panel(
        [row(words, style, seed_field), row(guidance), row(rescale, interval), views(*films.values())],
        alt="Three universes: guidance too weak, yours, cranked to the max.",
        still=lambda: _still([painting for painting, _ in work(wanted())]),
    )
    worker = LatestOnlyWorker(work, show, panel.say, page_painting.busy(films.values()))
    panel.asks(worker, wanted, words, style, seed_field, guidance, rescale, interval)
    return panel


def _still(paintings: Sequence[Painting]) -> bytes:
    figure, axes = plots.panes(len(paintings))
    for axis, painting in zip(axes, paintings, strict=True):
        plots.picture(axis, painting.pixels, f"w = {painting.settings.guidance:g}")
    return plots.jpeg(figure)


REQUESTS = (
    "a cat and a dog in the meadow",
    "three red boats at sea",
    "a house with a sign that says ABC",
    "a dinosaur in space",
)


@lru_cache(maxsize=4)
def limits(prompts: tuple[str, ...] = REQUESTS, seed: int = 7) -> list[Painting]:
    """What comes of requests that nothing in training prepared it for."""
    return [page_painting.paint(page_painting.settings(prompt, seed=seed)) for prompt in prompts]


def limits_panel(prompts: tuple[str, ...] = REQUESTS, seed: int = 7) -> Panel:
    """What it cannot do, with what the judge sees there and what the painter has to say about the words."""
    paintings = limits(prompts, seed)
    verdicts = judge.load().read(np.stack([painting.pixels for painting in paintings]))
    gallery = Gallery(alt="Requests the painter cannot meet.")
    seen = [
        f"{p.settings.prompt}: the judge sees {v.answers['subject'] or 'nothing it knows'}"
        for p, v in zip(paintings, verdicts, strict=True)
    ]
    gallery.set_pictures(np.stack([painting.pixels for painting in paintings]), seen)
    panel = Panel([gallery], alt="What it cannot do.", still=lambda: _still(paintings))
    panel.say(" ".join(painting.remark for painting in paintings if painting.remark))
    return panel
