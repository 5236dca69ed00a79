"""Episode 3, on pages: built in or pushed from outside? Conditioning against CLIP guidance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from course_utils import clip, judge, metrics, plots
from course_utils.metrics.page_metrics import adherence
from course_utils.painters import Painting, Settings
from course_utils.painters.pushed import paint_pushed
from course_utils.panels import page_painting
from course_utils.panels.base import Panel, fine_slider, row, seed_box, text_field, views
from course_utils.panels.latest_only import LatestOnlyWorker, check
from course_utils.panels.progress import progress
from course_utils.picturebook.tensors import to_tensor
from course_utils.runtime import side_by_side, threads
from course_utils.widgets import Film

STRENGTH = 0.8
# Fresh noise after every step washes out what pleases CLIP and nobody else.
PATIENT: dict[str, Any] = {"steps": 20, "sampler": "ddpm"}


def read() -> None:
    """Read what pushing needs: once, before several ask for it at a time, and before the clock runs."""
    clip.load()
    _ = page_painting.painter().network, page_painting.painter().parts.vae


_KEPT: dict[tuple[Settings, float], Painting] = {}
_MOST_KEPT = 64


def pushed(wanted: Sequence[Settings], strength: float = STRENGTH) -> list[Painting]:
    """Paint without a prompt while CLIP pushes towards it; asked again, the same paintings come back."""
    missing = [settings for settings in wanted if (settings, strength) not in _KEPT]
    new = dict(zip(missing, _pushed(missing, strength), strict=True)) if missing else {}
    found = [new[settings] if settings in new else _KEPT[settings, strength] for settings in wanted]
    _KEPT.update({(settings, strength): painting for settings, painting in new.items()})
    for old in list(_KEPT)[:-_MOST_KEPT]:
        del _KEPT[old]
    return found


def _pushed(wanted: Sequence[Settings], strength: float) -> list[Painting]:
    painter = page_painting.painter()
    read()

    with painter.lock, progress("pushing a page", PATIENT["steps"] * len(wanted)) as done:

        def step() -> None:
            check()
            done()

        def one(settings: Settings) -> Painting:
            return paint_pushed(painter, [settings.but(**PATIENT)], strength, step)[0]

        return side_by_side(one, wanted)


def likeness(painting: Painting, prompt: str) -> float:
    """How well CLIP finds a page to go with a prompt: the cosine of their vectors, -1..1."""
    pair, words = clip.load()
    picture = pair.of_pictures(to_tensor(painting.pixels[None]))
    return float((picture * pair.of_tokens(clip.tokenise(words, [prompt]))).sum())


@dataclass(frozen=True)
class BuiltInAndPushed:
    """The same prompts and seeds painted both ways: prompts met by a judge's reading, CLIP's likeness.

    `likeness_alone` is that of the same pages without the push. `price` says how many times as long a step of
    the pushed painting takes as a guided step of the other, both by torch on one core, one page at a time.
    """

    built_in: metrics.Share
    pushed: metrics.Share
    likeness_built_in: metrics.Estimate
    likeness_pushed: metrics.Estimate
    likeness_alone: metrics.Estimate
    price: float


def measure_built_in_and_pushed(
    prompts: Sequence[str], seed: int = 7, strength: float = STRENGTH
) -> BuiltInAndPushed:
    """Paint every prompt both ways, from one static each, and let both judge and CLIP look at the pages."""
    wanted = [page_painting.settings(prompt, seed=seed + k) for k, prompt in enumerate(prompts)]
    read()
    inside, outside = page_painting.sheet(wanted), pushed(wanted, strength)
    alone = page_painting.sheet([one.but(guidance=0.0, **PATIENT) for one in wanted])

    def met(painted: Sequence[Painting]) -> metrics.Share:
        return adherence(judge.load(), page_painting.developed(painted), prompts)

    def alike(painted: Sequence[Painting]) -> metrics.Estimate:
        return metrics.estimate(map(likeness, painted, prompts))

    return BuiltInAndPushed(
        met(inside), met(outside), alike(inside), alike(outside), alike(alone), price(wanted[0], strength)
    )


def price(settings: Settings, strength: float = STRENGTH, steps: int = 3) -> float:
    """How many times as long a pushed step takes as a guided one, by torch on one core, a page at a time."""
    painter, asked = page_painting.painter(), settings.but(**{**PATIENT, "steps": steps})
    with painter.lock, painter.by_torch(), threads(1):
        for _warm in range(2):  # what the first one has to load is nobody's price
            guided, nudged = painter.paint(asked), paint_pushed(painter, [asked], strength)[0]
    return nudged.seconds / guided.seconds


def pushed_panel(prompt: str = "a blue cat in snow", seed: int = 7) -> Panel:
    """One static, one prompt, two ways: read by the network, or pushed from outside by CLIP."""
    films = [
        Film(title="built in: the network reads the prompt", badge="learned", alt="Painted with the prompt."),
        Film(title="pushed from outside by CLIP", badge="learned", alt="Painted without it, and pushed."),
    ]
    words, seed_field = text_field("prompt", prompt), seed_box(seed)
    strength = fine_slider("push", 0, 1.6, STRENGTH, 0.1, continuous_update=False)

    def wanted() -> tuple[Settings, float]:
        return page_painting.settings(words.value, seed=seed_field.value), strength.value

    def work(asked: tuple[Settings, float]) -> list[Painting]:
        built_in = page_painting.paint(asked[0])
        return [built_in, *pushed([asked[0]], asked[1])]

    def show(paintings: list[Painting]) -> str:
        for film, painting in zip(films, paintings, strict=True):
            alike = likeness(painting, painting.settings.prompt)
            film.set_pictures(painting.pixels[None], [f"CLIP finds it {alike:.2f} alike"])
        return paintings[0].remark

    panel = Panel(
        [row(words, strength, seed_field), views(*films)],
        alt="Built in or pushed from outside: conditioning beside CLIP guidance.",
        still=lambda: _still(work(wanted())),
    )
    worker = LatestOnlyWorker(work, show, panel.say, page_painting.busy(films))
    panel.asks(worker, wanted, words, strength, seed_field)
    return panel


def _still(paintings: Sequence[Painting]) -> bytes:
    figure, axes = plots.panes(2)
    for axis, painting, title in zip(axes, paintings, ("built in", "pushed by CLIP"), strict=True):
        plots.picture(axis, painting.pixels, title)
    return plots.jpeg(figure)
